"""The bases of the admin: what every editor meets, for all apps."""
