"""iCalendar feeds of sessions (RFC 5545)."""
