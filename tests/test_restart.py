"""deploy/restart, with real gunicorn, nginx and people who ask all the time: nobody is refused.

The code that is restarted is a copy of this tree, which is changed under the running site as an
upgrade changes it.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.databases import empty_database
from tests.factories import MINIMAL_PDF, make_document, make_review
from tests.processes import wait_until
from tests.servers import HOST, ROOT, free_port, gunicorn, nginx, run, set_up, site_environment

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
CODE = ("mscp", "reviews", "training", "templates", "static", "deploy", "docs/nginx.conf")
CODE += ("manage.py", "gunicorn.conf.py")
CLIENTS = 8
# More than the buffers of a connection hold.
SIZE = 8 * 1024 * 1024
ADDRESSES = ("/", "/reviews/", "/search/?q=child", "/training/", "/nothing-here/")


@pytest.fixture(autouse=True)
def clock() -> None:
    """The server is a process of its own."""


def make_document_of_size() -> str:
    pdf = MINIMAL_PDF[:9] + b"%" * SIZE + b"\n" + MINIMAL_PDF[9:]
    return make_document(make_review(), pdf=pdf).get_absolute_url()


def check_out(folder: Path) -> Path:
    """Copy the code that the site runs with, with what Python has compiled of it."""
    for name in CODE:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target)
        else:
            shutil.copy(ROOT / name, target)
    return folder


@dataclass
class Site:
    code: Path
    environment: dict[str, str]
    port: int
    behind: int
    log: Path
    document: str
    answers: Counter[tuple[int, str]] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)

    @property
    def pidfile(self) -> Path:
        return Path(self.environment["PIDFILE"])

    def serving(self) -> int:
        return int(self.pidfile.read_text())

    def restart(self, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(self.code / "deploy" / "restart")],
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )

    def ask(self, address: str) -> tuple[int, str]:
        """Ask nginx; return the status, and the policy that the code of the answer sets."""
        with closing(HTTPConnection(HOST, self.port, timeout=60)) as connection:
            connection.request("GET", address, headers={"Host": HOST})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.getheader("Permissions-Policy", "")

    def read(self, address: str) -> bytes:
        with closing(HTTPConnection(HOST, self.port, timeout=60)) as connection:
            connection.request("GET", address, headers={"Host": HOST})
            return connection.getresponse().read()

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Ask without a pause from several sides, and note each answer."""
        done = Event()

        def ask_on(first: int) -> None:
            number = first
            while not done.is_set():
                number += 1
                try:
                    self.answers[self.ask(ADDRESSES[number % len(ADDRESSES)])] += 1
                except (OSError, HTTPException) as error:
                    self.failed.append(repr(error))

        threads = [Thread(target=ask_on, args=[number]) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            done.set()
            for thread in threads:
                thread.join()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with serving(tmp_path) as served:
        yield served


@contextmanager
def serving(tmp_path: Path, **more: str) -> Iterator[Site]:
    code = check_out(tmp_path / "code")
    data = tmp_path / "data"
    data.mkdir()
    environment = site_environment(
        data, WEB_WORKERS="2", TRUSTED_PROXIES="1", PIDFILE=str(tmp_path / "pid"), **more
    )
    set_up(environment)
    made = (
        "import django; django.setup(); "
        f"from {__name__} import make_document_of_size; print(make_document_of_size())"
    )
    document = run(environment, "-c", made)
    port, log = free_port(), tmp_path / "log"
    with log.open("w") as errors, gunicorn(environment, stderr=errors, root=code) as (behind, pid):
        (tmp_path / "nginx").mkdir()
        configuration = in_front(port, behind)
        with nginx(str(NGINX), tmp_path / "nginx", configuration, port):
            served = Site(code, environment, port, behind, log, document)
            try:
                yield served
            finally:
                if (serving := served.serving()) != pid:
                    os.kill(serving, signal.SIGTERM)
                    wait_until(lambda: not Path(f"/proc/{serving}").exists())


def in_front(port: int, behind: int) -> str:
    """Return the example with ports of this machine, no certificate and no limit to one address."""
    found = (ROOT / "docs" / "nginx.conf").read_text()
    found = found.replace("listen 80;", f"listen {HOST}:{free_port()};")
    found = found.replace("    listen 443 ssl http2;", f"listen {HOST}:{port};")
    found = found.replace("server 127.0.0.1:8000;", f"server {HOST}:{behind};")
    return re.sub(r"^ *(ssl_certificate|limit_req |limit_conn ).*\n", "", found, flags=re.MULTILINE)


needs_nginx = pytest.mark.skipif(
    "NGINX is None and not os.environ.get('CI')", reason="no nginx is installed on this machine"
)
OLD, NEW = "accelerometer=()", "camera=()"


def change_settings(code: Path, line: str) -> None:
    """Append a line to the settings, as a release may."""
    path = code / "mscp" / "settings.py"
    path.write_text(f"{path.read_text()}\n{line}\n")
    # Python takes a file of the same second and size for the one that it compiled.
    shutil.rmtree(code / "mscp" / "__pycache__", ignore_errors=True)


@needs_nginx
def test_no_request_fails_and_what_was_running_ends(site: Site) -> None:
    form = b"login=nobody&password=nothing"
    with (
        socket.create_connection((HOST, site.behind), timeout=60) as download,
        socket.create_connection((HOST, site.behind), timeout=60) as sending,
        site.asked(),
    ):
        download.sendall(f"GET {site.document} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        assert download.recv(12, socket.MSG_WAITALL) == b"HTTP/1.1 200"
        head = f"POST /staff/sign-in/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(form)}\r\n"
        sending.sendall(head.encode() + b"Connection: close\r\n\r\n" + form[:5])
        first = site.serving()
        change_settings(site.code, f'PERMISSIONS_POLICY = "{NEW}"')
        restarting = Thread(target=lambda: results.append(site.restart()))
        results: list[subprocess.CompletedProcess[str]] = []
        restarting.start()
        wait_until(lambda: site.ask("/about/")[1] == NEW)
        time.sleep(1)
        sending.sendall(form[5:])
        assert read_all(sending).startswith(b"HTTP/1.1 403")
        assert len(read_all(download)) > SIZE
        restarting.join()
    (restarted,) = results
    assert restarted.returncode == 0, restarted.stderr + site.log.read_text()
    assert site.failed == []
    assert {status for status, _ in site.answers} == {200, 404}
    policies = {policy for _, policy in site.answers}
    assert NEW in policies and any(OLD in policy for policy in policies) and len(policies) == 2
    # The new one has the name of the file, and can be restarted in turn.
    second = site.serving()
    assert second != first and site.ask("/") == (200, NEW)
    assert site.restart().returncode == 0 and site.serving() not in (first, second)
    assert site.ask("/") == (200, NEW)


@needs_nginx
def test_code_that_does_not_start_leaves_the_old_one_serving(site: Site) -> None:
    first = site.serving()
    untouched = (site.code / "mscp" / "settings.py").read_text()
    change_settings(site.code, 'raise ImproperlyConfigured("A sample of a mistake.")')
    with site.asked():
        refused = site.restart()
    assert refused.returncode == 1 and "The old one serves as before" in refused.stderr
    assert "A sample of a mistake." in site.log.read_text()
    assert not site.failed and {status for status, _ in site.answers} == {200, 404}
    assert site.serving() == first
    (site.code / "mscp" / "settings.py").write_text(untouched)
    assert site.restart().returncode == 0 and site.serving() != first


NEXT_RELEASE = """
from django.db import migrations, models

def rename(apps, schema_editor):
    apps.get_model("reviews", "Publication").objects.update(title="Renamed by a release")

class Migration(migrations.Migration):
    dependencies = [("reviews", "{last}")]
    operations = [
        migrations.AddField("publication", "mood", models.CharField(max_length=9, null=True)),
        migrations.AddIndex("publication", models.Index(fields=["mood"], name="publication_mood")),
        migrations.RunPython(rename),
    ]
"""


@needs_nginx
@pytest.mark.django_db
def test_a_release_with_migrations_is_put_in_without_a_gap(tmp_path: Path) -> None:
    with (
        empty_database(tmp_path / "own.sqlite3") as database,
        serving(tmp_path, DATABASE_URL=database.address) as site,
    ):
        address = site.document.partition("documents/")[0]
        assert b"Renamed" not in site.read(address)
        migrations = site.code / "reviews" / "migrations"
        last = max(path.stem for path in migrations.glob("0*.py"))
        # As `git pull` does.
        (migrations / "0999_next_release.py").write_text(NEXT_RELEASE.format(last=last))
        first = site.serving()
        with site.asked():
            # No worker of it may answer: it would refuse half of the visitors.
            refused = site.restart()
            assert refused.returncode == 1 and site.serving() == first
            assert "Migrations are not applied: reviews.0999_next" in site.log.read_text()
            run(site.environment, "manage.py", "migrate", "--verbosity", "0", root=site.code)
            # The old one shows at once what the release changed: the content version has moved.
            assert b"Renamed by a release" in site.read(address)
            assert site.serving() == first
            restarted = site.restart()
        assert restarted.returncode == 0, restarted.stderr + site.log.read_text()
        assert site.serving() != first
        assert not site.failed and {status for status, _ in site.answers} == {200, 404}
        assert site.read("/readyz") == b"ok\n" and b"Renamed by a release" in site.read(address)


def test_without_a_running_gunicorn_it_does_nothing(tmp_path: Path) -> None:
    script = str(ROOT / "deploy" / "restart")
    for arguments, said in [
        ([], "Usage"),
        ([str(tmp_path / "nothing")], "No gunicorn runs"),
        (["one", "two"], "Usage"),
    ]:
        done = subprocess.run(
            [sys.executable, script, *arguments], capture_output=True, text=True, check=False
        )
        assert done.returncode == 2 and said in done.stderr
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "stale").write_text(f"{ended.pid}\n")
    done = subprocess.run(
        [sys.executable, script, str(tmp_path / "stale")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2 and "No gunicorn runs" in done.stderr


def read_all(connection: socket.socket) -> bytes:
    found = b""
    while block := connection.recv(1 << 20):
        found += block
    return found
