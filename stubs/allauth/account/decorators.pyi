from collections.abc import Callable

from django.http import HttpResponse

def secure_admin_login(function: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]: ...
