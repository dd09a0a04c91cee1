"""The query planner's statistics on SQLite, where nothing else keeps them fresh.

SQLite knows nothing of tables that were empty when they were last analysed. It then finds the
twenty rows of a page by walking the index of all publications (SQLite documentation, "ANALYZE").
PostgreSQL has autovacuum for it.
"""

from django.db import connections

# Rows sampled of each index: enough to tell a few from many, and done in milliseconds however
# large the table is.
SAMPLE = 400


def refresh(using: str, **options: object) -> None:
    """Analyse all tables; a receiver of ``post_migrate``, so with every update of the site."""
    if connections[using].vendor == "sqlite":
        with connections[using].cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit = {SAMPLE}")
            cursor.execute("ANALYZE")
