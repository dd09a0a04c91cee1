"""Reads, checks and cleans PDF files. Runs in a child process only and knows nothing of the site.

A file that somebody uploads can crash, hang or swell any reader, so nothing in here is imported by
the site itself but ``told`` and ``checks``, which hold what the child tells and touch no file.
"""
