from typing import Any

from django.http import HttpRequest

from mscp.typing import AnyUser

def get_authentication_records(
    request: HttpRequest, user: AnyUser | None = None
) -> list[dict[str, Any]]: ...
