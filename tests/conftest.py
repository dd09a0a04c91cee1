"""What every test has: a clock that stands still, a folder of its own, and people to sign in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from tests.factories import make_user

# A Monday in winter, so that London's clock and UTC agree.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Stop the clock, but for a browser, which has its own."""
    if "browser" in str(request.path):
        yield None
        return
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return settings.MEDIA_ROOT


@pytest.fixture
def sign_in(db: None) -> Callable[..., Client]:
    """Return a client signed in as somebody of these groups."""

    def make(*groups: str, **fields: Any) -> Client:
        signed_in = Client()
        user = make_user(*groups, **fields)
        signed_in.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        signed_in.user = user  # type: ignore[attr-defined]
        return signed_in

    return make


@pytest.fixture
def editor(sign_in: Callable[..., Client]) -> Client:
    return sign_in("Editors", username="ed")


@pytest.fixture
def publisher(sign_in: Callable[..., Client]) -> Client:
    return sign_in("Publishers", username="pat")


@pytest.fixture
def administrator(sign_in: Callable[..., Client]) -> Client:
    return sign_in(username="ada", is_superuser=True)


@pytest.fixture
def no_counted_attempts(db: None) -> None:
    cache.clear()
