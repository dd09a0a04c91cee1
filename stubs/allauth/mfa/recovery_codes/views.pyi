from collections.abc import Callable

from django.http import HttpResponseBase

_View = Callable[..., HttpResponseBase]

view_recovery_codes: _View
generate_recovery_codes: _View
