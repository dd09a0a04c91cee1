"""Import and export of the training programme: as text or a spreadsheet.

Our own, and not django-import-export, because it silently drops unknown names, shows raw errors of
Python, and takes twice as long for a complete programme as an editor will wait.
"""
