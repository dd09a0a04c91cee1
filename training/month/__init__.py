"""Month view of the training list."""
