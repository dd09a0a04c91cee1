"""Types that the whole site shares."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

# As request.user is. A string, since models are imported before that of the user is there.
AnyUser: TypeAlias = "User | AnonymousUser"
