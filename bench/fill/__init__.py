"""The records of the bench: fictional, many, and the same at every run.

Only dates of training follow the calendar, since half of it must lie ahead.
"""
