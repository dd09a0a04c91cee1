"""Staff as an HTTP client: signed in, sending forms as a browser does.

`python -m drill.staff`, run with the settings of a site, makes two people and a draft.
"""

import json
import re
import secrets
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.test.client import encode_multipart

from bench.server import HOST

BOUNDARY = "drill"
# A PDF that is read on a busy machine, and stored slowly.
SECONDS_TO_ANSWER = 300
BYTES_OF_A_REPORT = 1_000_000
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"


class StaffError(Exception):
    """The site did not do what was requested."""


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]

    @property
    def is_polite(self) -> bool:
        """Whether a page was given, or a 503 that says when to come again and names 999."""
        if self.status == HTTPStatus.SERVICE_UNAVAILABLE:
            return "Retry-After" in self.headers and "999" in self.text
        return self.status == HTTPStatus.OK


def visit(port: int, path: str, *, seconds: float = 60) -> Answer:
    """Request a page as a visitor, on a new connection, without any cookie."""
    with closing(HTTPConnection(HOST, port, timeout=seconds)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        return Answer(answer.status, text, dict(answer.headers))


class Staff:
    def __init__(self, port: int, username: str, password: str) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self.ask("GET", "/staff/sign-in/")
        status, _ = self.post("/staff/sign-in/", login=username, password=password)
        if status != 302:
            raise StaffError(f"Signing in answered {status}.")

    def as_visitor(self, path: str) -> tuple[int, str]:
        """Request a page on a new connection, without any cookie."""
        answer = visit(self._port, path)
        return answer.status, answer.text

    def form(self, path: str) -> dict[str, Any]:
        from tests.admin_forms import fields_of

        status, text = self.ask("GET", path)
        if status != 200:
            raise StaffError(f"GET {path} answered {status}.")
        return fields_of(SimpleNamespace(content=text.encode()))

    def post(self, path: str, **fields: Any) -> tuple[int, str]:
        given = {"csrfmiddlewaretoken": self._cookies.get("csrftoken", ""), **fields}
        body = encode_multipart(BOUNDARY, given)
        return self.ask("POST", path, body, {"Content-Type": MULTIPART})

    def save(self, path: str, **changes: Any) -> None:
        status, text = self.post(path, **{**self.form(path), **changes, "_save": "Save"})
        if status != 302:
            raise StaffError(f"POST {path} answered {status}: {_words(text)}")

    def step(self, model: str, step: str, key: int, **fields: Any) -> None:
        path = f"/admin/reviews/{model}/step/{step}/?{urlencode({'id': key})}"
        status, text = self.post(path, **{**self.form(path), **fields})
        if status != 302:
            raise StaffError(f"POST {path} answered {status}: {_words(text)}")

    def send(self, pdf: bytes) -> tuple[int, str]:
        """Send a file ahead of its form, as the script of the form does."""
        from django.core.files.uploadedfile import SimpleUploadedFile

        file = SimpleUploadedFile("report.pdf", pdf, "application/pdf")
        given = {"csrfmiddlewaretoken": self._cookies.get("csrftoken", ""), "file": file}
        headers = {"Content-Type": MULTIPART, "Accept": "application/json"}
        body = encode_multipart(BOUNDARY, given)
        return self.ask("POST", "/admin/reviews/documentfile/upload/", body, headers)

    def upload(self, pdf: bytes) -> None:
        status, text = self.send(pdf)
        if status != 200 or "taken" not in json.loads(text):
            raise StaffError(f"An upload answered {status}: {text[:200]}")

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        status, text, cookies = self._exchange(
            method, path, body, {**(headers or {}), **({"Cookie": cookie} if cookie else {})}
        )
        for line in cookies:
            for name, morsel in SimpleCookie(line).items():
                self._cookies[name] = morsel.value
        return status, text

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str, list[str]]:
        connection = HTTPConnection(HOST, self._port, timeout=SECONDS_TO_ANSWER)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            return answer.status, text, answer.headers.get_all("Set-Cookie") or []
        finally:
            connection.close()


def _words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())[:300]


def main() -> None:
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.contrib.auth.models import Group

    from mscp.publishing.gate import State
    from tests.factories import MINIMAL_PDF, make_document, make_review

    password = secrets.token_urlsafe(20)
    for username, group in (("editor", "Editors"), ("publisher", "Publishers")):
        user = get_user_model().objects.create_user(username, password=password, is_staff=True)
        user.groups.add(Group.objects.get(name=group))
    draft = make_review(state=State.DRAFT, title="Sample under load (fictional)", summary="Words.")
    public = make_review(title="Sample with a report (fictional)", summary="A kestrel.")
    # More than goes to a client that reads nothing.
    report = make_document(public, pdf=MINIMAL_PDF[:9] + b"%" * BYTES_OF_A_REPORT + MINIMAL_PDF[8:])
    made = {
        "password": password,
        "key": draft.pk,
        "slug": draft.slug,
        "page": public.get_absolute_url(),
        "document": report.get_absolute_url(),
        "stored": report.file.content.name,
        "cover": report.file.cover.name,
    }
    print(json.dumps(made))


if __name__ == "__main__":
    main()
