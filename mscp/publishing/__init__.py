"""The publication gate: what is public, when, and to whom."""
