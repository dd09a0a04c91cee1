"""Sessions in calendar programs (RFC 5545)."""
