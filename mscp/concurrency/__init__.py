"""Concurrency: limits on simultaneous work, and single flight."""
