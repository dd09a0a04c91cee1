"""Web layer of every response: middleware, site context, errors."""
