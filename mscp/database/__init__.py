"""The database beneath every record: its clock, triggers, schema, connections."""
