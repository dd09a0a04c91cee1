"""What one app adds to the pages of another, without an import in either direction."""

from reviews import panels
from training.course_panel import courses_and_dates

panels.register(courses_and_dates)
