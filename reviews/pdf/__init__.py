"""PDF reading, checking and cleaning. Runs in a child process only, without the site.

An uploaded file can crash, hang or bloat any reader, so the site itself imports only ``report``,
``limits`` and ``captions`` from here, which touch no file.
"""
