"""Files of a programme: what each program writes, as rows, with what it hides."""
