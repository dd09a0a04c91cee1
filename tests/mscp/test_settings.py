"""The settings refuse to start with anything unsafe or misspelt."""

import os
import secrets
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mscp.site.checks import check_for_proxy, check_second_factor, check_two_people

ROOT = Path(__file__).parent.parent.parent
GOOD = {"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "example.org"}


def start(
    tmp_path: Path, code: str = "", *, before: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Load the settings in a process that has nothing else in its environment."""
    clean = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)}
    program = f"{before}\nfrom mscp import settings as s\n{code}"
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**clean, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "  "}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "k"}, "Set ALLOWED_HOSTS"),
        ({"SECRET_KEY": "k", "ALLOWED_HOSTS": "*"}, "would answer to any"),
        ({**GOOD, "DEBUG": "maybe"}, "DEBUG must be 1 or 0, not 'maybe'"),
        ({**GOOD, "HTTPS": "2"}, "HTTPS must be 1 or 0"),
        ({**GOOD, "HSTS_PRELOAD": "1"}, "HSTS_PRELOAD needs HSTS_SUBDOMAINS"),
        ({**GOOD, "TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES must be a whole number"),
        ({**GOOD, "X_ACCEL_PREFIX": "protected/"}, "X_ACCEL_PREFIX must begin and end with /"),
        ({**GOOD, "X_ACCEL_PREFIX": "/protected"}, "X_ACCEL_PREFIX must begin and end with /"),
        # It would hand every address of the site over to itself.
        ({**GOOD, "X_ACCEL_PREFIX": "/"}, "X_ACCEL_PREFIX must begin and end with /"),
    ],
)
def test_it_refuses_to_start(tmp_path: Path, environment: dict[str, str], says: str) -> None:
    done = start(tmp_path, **environment)
    assert done.returncode != 0 and says in done.stderr


def test_the_safe_value_is_the_default(tmp_path: Path) -> None:
    code = (
        "assert s.DEBUG is False and s.HTTPS and s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE\n"
        "assert s.SECURE_SSL_REDIRECT and s.SECURE_HSTS_SECONDS > 30_000_000\n"
        "assert not hasattr(s, 'SECURE_PROXY_SSL_HEADER')\n"
        "assert s.CSRF_TRUSTED_ORIGINS == ['https://example.org']\n"
    )
    done = start(tmp_path, code, **GOOD)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({}, (False, False)),
        ({"HSTS_SUBDOMAINS": "1"}, (True, False)),
        ({"HSTS_SUBDOMAINS": "1", "HSTS_PRELOAD": "1"}, (True, True)),
        ({"HSTS_SUBDOMAINS": "1", "HTTPS": "0"}, (False, False)),
    ],
)
def test_hsts_covers_other_hosts_only_where_it_is_asked_to(
    tmp_path: Path, environment: dict[str, str], says: tuple[bool, bool]
) -> None:
    code = f"assert (s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD) == {says}"
    done = start(tmp_path, code, **GOOD, **environment)
    assert done.returncode == 0, done.stderr


def test_a_deployment_without_a_proxy_is_warned_of(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0
    (warning,) = check_for_proxy(None)
    assert warning.id == "mscp.W002" and "docs/nginx.conf" in str(warning.hint)
    settings.TRUSTED_PROXIES = 1
    assert not check_for_proxy(None)


def test_a_deployment_without_a_second_factor_is_warned_of(settings: Any) -> None:
    (warning,) = check_second_factor(None)
    assert "SECOND_FACTOR" in warning.msg
    settings.SECOND_FACTOR = True
    assert not check_second_factor(None)


def test_a_second_factor_is_asked_for_unless_said_otherwise(tmp_path: Path) -> None:
    for environment, says in (({}, True), ({"SECOND_FACTOR": "0"}, False), ({"DEBUG": "1"}, False)):
        done = start(tmp_path, f"assert s.SECOND_FACTOR is {says}", **GOOD, **environment)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("value", ["0", "false", "no", "OFF"])
def test_zero_is_false(tmp_path: Path, value: str) -> None:
    done = start(tmp_path, "assert s.DEBUG is False", **GOOD, DEBUG=value)
    assert done.returncode == 0, done.stderr


def test_all_state_lies_in_one_folder(tmp_path: Path) -> None:
    code = (
        f"import pathlib; d = pathlib.Path({str(tmp_path)!r}).resolve()\n"
        "paths = [s.MEDIA_ROOT, s.FILE_UPLOAD_TEMP_DIR, s.STATIC_ROOT]\n"
        "paths.append(s.DATABASES['default']['NAME'])\n"
        "assert all(d in pathlib.Path(p).parents for p in paths), paths\n"
    )
    done = start(tmp_path, code, **GOOD)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE((tmp_path / "tmp").stat().st_mode) == 0o700


def test_one_variable_chooses_postgresql(tmp_path: Path) -> None:
    code = (
        "d = s.DATABASES['default']\n"
        "assert d['ENGINE'].endswith('postgresql') and d['NAME'] == 'db'\n"
        "assert d['OPTIONS']['sslmode'] == 'require'\n"
    )
    done = start(tmp_path, code, **GOOD, DATABASE_URL="postgres://u:p@h:5/db?sslmode=require")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("environment", "most"),
    [({}, 16), ({"WEB_THREADS": "4"}, 4), ({"WEB_THREADS": "4", "DATABASE_CONNECTIONS": "2"}, 2)],
)
def test_connections_to_postgresql_are_bounded(
    tmp_path: Path, environment: dict[str, str], most: int
) -> None:
    code = (
        "d = s.DATABASES['default']\n"
        f"assert d['OPTIONS']['pool']['max_size'] == {most} and d['CONN_MAX_AGE'] == 0\n"
    )
    done = start(tmp_path, code, **GOOD, **environment, DATABASE_URL="postgres://u:p@h:5/db")
    assert done.returncode == 0, done.stderr


def test_files_are_sent_from_the_disk_unless_told_otherwise(tmp_path: Path) -> None:
    code = (
        "assert s.STORAGES['default'] == {'BACKEND': 'mscp.files.storage.DurableStorage'}\n"
        "assert s.X_ACCEL_PREFIX == ''\n"
    )
    done = start(tmp_path, code, **GOOD)
    assert done.returncode == 0, done.stderr


def test_one_variable_hands_files_over_to_nginx(tmp_path: Path) -> None:
    code = "assert s.X_ACCEL_PREFIX == '/protected/'"
    done = start(tmp_path, code, **GOOD, X_ACCEL_PREFIX="/protected/")
    assert done.returncode == 0, done.stderr


def test_one_variable_chooses_a_private_bucket(tmp_path: Path) -> None:
    code = (
        "default = s.STORAGES['default']; options = default['OPTIONS']\n"
        "assert default['BACKEND'] == 'storages.backends.s3.S3Storage'\n"
        "assert (options['bucket_name'], options['endpoint_url']) == ('files', None)\n"
        "assert options['region_name'] == 'eu-west-2' and options['default_acl'] is None\n"
        "assert options['querystring_auth'] and options['querystring_expire'] == 60\n"
        "assert options['file_overwrite'] is False\n"
    )
    done = start(tmp_path, code, **GOOD, S3_BUCKET="files", S3_REGION="eu-west-2")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("missing", ["storages", "boto3"])
def test_a_bucket_needs_its_package(tmp_path: Path, missing: str) -> None:
    before = f"import sys; sys.modules[{missing!r}] = None"
    done = start(tmp_path, before=before, **GOOD, S3_BUCKET="files")
    assert done.returncode != 0
    assert "pip install --require-hashes -r requirements-s3.txt" in done.stderr


def test_pages_are_kept_in_memory_and_shared_through_redis_where_it_is_named(
    tmp_path: Path,
) -> None:
    code = (
        "assert s.PAGE_CACHE_BYTES == 64 * 1024 * 1024 and 'pages' not in s.CACHES\n"
        "assert s.CACHES['default']['BACKEND'] == 'mscp.cache.shared.SharedCache'\n"
    )
    done = start(tmp_path, code, **GOOD)
    assert done.returncode == 0, done.stderr
    code = (
        "pages = s.CACHES['pages']; options = pages['OPTIONS']\n"
        "assert pages['BACKEND'] == 'django.core.cache.backends.redis.RedisCache'\n"
        "assert pages['LOCATION'] == 'redis://host:1/2' and s.PAGE_CACHE_BYTES == 0\n"
        "assert options['socket_timeout'] < 1 and options['socket_connect_timeout'] < 1\n"
    )
    done = start(tmp_path, code, **GOOD, CACHE_URL="redis://host:1/2", PAGE_CACHE_MB="0")
    assert done.returncode == 0, done.stderr


def test_redis_needs_its_package(tmp_path: Path) -> None:
    before = "import sys; sys.modules['redis'] = None"
    done = start(tmp_path, before=before, **GOOD, CACHE_URL="redis://host:1/2")
    assert done.returncode != 0
    assert "pip install --require-hashes -r requirements-redis.txt" in done.stderr


def test_the_deployment_check_is_silent(tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **GOOD}
    environment["SECRET_KEY"] = secrets.token_urlsafe(64)
    environment["TRUSTED_PROXIES"] = "1"
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_on_sqlite_commits_are_on_the_disk_and_threads_keep_few_pages(tmp_path: Path) -> None:
    code = (
        "import django; from django.db import connection\n"
        "django.setup(); cursor = connection.cursor()\n"
        "found = [cursor.execute(f'PRAGMA {name}').fetchone()[0]\n"
        "         for name in ('journal_mode', 'synchronous', 'cache_size')]\n"
        "assert found == ['wal', 2, -512], found  # 2 is FULL, and -512 are KiB\n"
    )
    done = start(tmp_path, code, **GOOD, DJANGO_SETTINGS_MODULE="mscp.settings")
    assert done.returncode == 0, done.stderr


def test_two_people_are_needed_unless_one_says_otherwise(tmp_path: Path) -> None:
    for environment, expected in (
        ({}, True),
        ({"TWO_PEOPLE": "0"}, False),
        ({"DEBUG": "1"}, False),
        ({"DEBUG": "1", "TWO_PEOPLE": "1"}, True),
    ):
        done = start(tmp_path, f"assert s.TWO_PEOPLE is {expected}", **GOOD, **environment)
        assert done.returncode == 0, done.stderr


def test_a_check_warns_where_one_person_publishes_alone(settings: Any) -> None:
    settings.TWO_PEOPLE = False
    assert [warning.id for warning in check_two_people(None)] == ["mscp.W003"]
    settings.TWO_PEOPLE = True
    assert not check_two_people(None)
