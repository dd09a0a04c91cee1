"""PDF reading, checking and cleaning. Runs in a child process only, without the site.

An uploaded file can crash, hang or bloat any reader, so the site itself imports only ``report`` and
``checks`` from here, which define what the child reports and touch no file.
"""
