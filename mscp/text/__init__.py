"""Text that people typed: Markdown, and its visible characters."""
