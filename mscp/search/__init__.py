"""Finding records by their words, on SQLite and PostgreSQL alike.

``analysis`` turns text into terms, once, in Python, so that both databases hold and are asked for
the very same terms and must find the same records. ``query`` reads what a visitor typed,
``index`` keeps one row of terms a record in the database's own full-text index, by triggers, and
``snippets`` marks the words in the text people read.
"""
