"""Documents: taken in, checked, cleaned, sent, read as a page."""
