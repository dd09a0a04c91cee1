"""Fictional reviews and their PDFs, to try the site with."""
