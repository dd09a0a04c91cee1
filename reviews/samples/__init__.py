"""Fictional reviews and their PDFs, for a first look at the site."""
