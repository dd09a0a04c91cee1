"""Lines of a programme: each read into parts, of which none is left over without a question."""
