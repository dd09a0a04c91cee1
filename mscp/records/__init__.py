"""What holds of every record that staff edit: audit trail, locks, history, slugs, dates."""
