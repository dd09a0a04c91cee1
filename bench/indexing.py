"""Build time and size of an index: run in the site, it prints JSON."""

import json
from time import perf_counter

import django
from django.db import connection


def main() -> None:
    django.setup()
    from mscp.search import maintenance
    from mscp.search.index import backend_of
    from reviews.search import publications

    started = perf_counter()
    maintenance.make(publications)
    seconds = perf_counter() - started
    with connection.cursor() as cursor:
        size = backend_of().size(cursor, publications) + _one(cursor, _WORDS[connection.vendor])
        pages = _one(cursor, "SELECT COUNT(*) FROM reviews_documentpage")
        text = _one(cursor, "SELECT SUM(LENGTH(CAST(text AS BLOB))) FROM reviews_documentpage")
    print(json.dumps({"pages": pages, "seconds": seconds, "bytes": size, "text_bytes": text}))


_WORDS = {
    "sqlite": "SELECT SUM(LENGTH(CAST(words AS BLOB))) FROM reviews_filewords",
    "postgresql": "SELECT pg_total_relation_size('reviews_filewords')",
}


def _one(cursor, sql: str) -> int:
    if connection.vendor == "postgresql":
        sql = sql.replace("LENGTH(CAST(text AS BLOB))", "OCTET_LENGTH(text)")
    cursor.execute(sql)
    return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
