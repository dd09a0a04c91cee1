"""Peers for comparison: applications that do next to nothing, served as the site is."""
