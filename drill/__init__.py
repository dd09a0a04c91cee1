"""Failure drills: processes of the site are killed at random moments, and what is left is
audited; and the site is put under load. `make drill`, `make load`.

A drill works on a site of its own, as `bench` does: in a temporary folder, on SQLite, or on a
database that it makes on the PostgreSQL of DATABASE_URL.
"""
