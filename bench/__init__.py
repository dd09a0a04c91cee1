"""How fast, how large and how heavy the site is, measured as it runs in production.

`python -m bench` makes a site of its own, fills it with fictional records, serves it with
gunicorn, measures it over HTTP, and takes all of it away again.
"""
