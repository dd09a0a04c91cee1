"""Types shared by all apps."""

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

# The type of request.user. A string, since models are imported before the user model exists.
AnyUser: TypeAlias = "User | AnonymousUser"
