"""What stands around every answer: middleware, site context, errors."""
