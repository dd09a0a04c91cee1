"""What every record that staff edit has: audit trail, locks, history, slugs, dates."""
