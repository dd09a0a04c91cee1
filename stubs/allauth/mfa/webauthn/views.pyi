from collections.abc import Callable

from django.http import HttpResponseBase

_View = Callable[..., HttpResponseBase]

add_webauthn: _View
reauthenticate_webauthn: _View
remove_webauthn: _View
