"""The formats of a list beside its page: Atom, CSV, JSON."""
