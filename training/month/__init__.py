"""The training list as a calendar of one month."""
