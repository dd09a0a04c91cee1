"""Full-text search of records, with the same results on SQLite and PostgreSQL.

``analysis`` turns text into terms, in Python, so both databases index and look up exactly the same
terms and must find the same records. ``query`` parses what a visitor typed, ``index`` keeps one row
of terms for each record in the database's own full-text index, by triggers, and ``snippets`` marks
the words in the text that people read.
"""
