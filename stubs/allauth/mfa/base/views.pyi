from collections.abc import Callable

from django.http import HttpResponseBase

_View = Callable[..., HttpResponseBase]

index: _View
authenticate: _View
reauthenticate: _View
