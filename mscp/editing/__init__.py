"""Base classes of the admin, for all apps."""
