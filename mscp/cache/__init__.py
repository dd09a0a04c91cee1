"""Cache: the content version, visitors' pages, and values cached by version."""
