"""Export formats of a list: Atom, CSV, JSON."""
