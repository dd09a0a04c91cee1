"""The training programme as staff keep it elsewhere: read from text or a spreadsheet, and written.

Our own, and not django-import-export, because it drops names it does not know without a word, shows
raw errors of Python, and takes twice as long for a whole programme as an editor will wait.
"""
