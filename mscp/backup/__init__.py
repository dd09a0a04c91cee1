"""Backup: a consistent copy of the database and of every stored file, and the way back.

A target holds many backups. Each has a folder with its manifest and its database; the files stand
beside them once for all, by the hash of their content, so that a later backup adds only new ones.
"""
