"""Documents: intake, checks, cleaning, sending, reading pages."""
