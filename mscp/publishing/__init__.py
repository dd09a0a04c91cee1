"""The gate: what is public, when, and for whom."""
