"""The cache: the content version, pages for visitors, and what else is kept under it."""
