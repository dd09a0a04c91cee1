"""What one app adds to the admin of another."""

from mscp.editing.admin_site import StaffSite
from mscp.editing.everything import everything_view
from mscp.site.setting_up import dismiss
from reviews.admin import BriefingAdmin
from training.admin import WithoutCourseFilter

BriefingAdmin.filters_of_other_apps.append(WithoutCourseFilter)
StaffSite.more_views["setting-up"] = dismiss
StaffSite.more_views["search"] = everything_view
