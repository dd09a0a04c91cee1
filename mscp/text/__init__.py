"""Text that people typed: Markdown, and what of it can be seen."""
