"""What one app adds to the admin of another."""

from reviews.admin import BriefingAdmin
from training.admin import WithoutCourseFilter

BriefingAdmin.filters_of_other_apps.append(WithoutCourseFilter)
