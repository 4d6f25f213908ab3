"""What a start says of the environment: one line that names the variable, or nothing."""

import os
import runpy
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

# As manage.py, but for the developer's own `.env`.
MANAGE = """
import runpy, sys
from environs import Env
Env.read_env = staticmethod(lambda *args, **options: None)
sys.argv = ["manage.py", *sys.argv[1:]]
runpy.run_path("manage.py", run_name="__main__")
"""
SECRET_KEY = "abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKLMNOP"

# No database, and static files from where they are.
WITHOUT_FILES = {
    "DATABASE_URL": "sqlite:////nowhere/site.sqlite3",
    "DJANGO_SETTINGS_MODULE": "tests.support.served_settings",
    "REQUEST_BODY_SECONDS": "30",
}


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess:
    """Run manage.py in an environment that has these variables and no other of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", MANAGE, *arguments],
        cwd=settings.BASE_DIR,
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def read_settings(monkeypatch, **variables: str) -> dict[str, Any]:
    """Return the settings of such an environment, which takes a fiftieth of a start."""
    monkeypatch.setattr("environs.Env.read_env", lambda *args, **options: None)
    for name in ("ALLOWED_HOSTS", "SITE_URL", "MEDIA_ROOT", "TIME_ZONE", "DEBUG"):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(settings.BASE_DIR / "trendsite" / "settings.py"))


def test_secret_key_is_all_that_has_to_be_set():
    check = manage("check", SECRET_KEY=SECRET_KEY)
    assert (check.returncode, check.stderr) == (0, "")


def test_missing_secret_key_stops_the_start_with_one_line():
    check = manage("check")
    assert check.returncode == 1
    assert check.stderr == 'trendsite: Environment variable "SECRET_KEY" not set\n'


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("DEBUG", "maybe"),
        ("PORT", "http"),
        ("PORT", "70000"),
        ("ADMIN_PATH", ""),
        ("ADMIN_PATH", "media"),
        ("ADMIN_PATH", "en"),
        ("ADMIN_PATH", "Admin/x"),
        ("SECOND_FACTOR", "maybe"),
        ("SITE_URL", ""),
        ("SITE_URL", "trends.example.org"),
        ("SITE_URL", "https://trends.example.org/"),
        ("SITE_URL", "https://trends.example.org?a=b"),
        ("SITE_URL", "https://trends.example.org:99999"),
        ("SITE_URL", "ftp://trends.example.org"),
        ("SITE_URL", "http://[::1"),
        ("SITE_URL", "http://user:password@trends.example.org"),
        ("SITE_URL", "http://trends example.org"),
        ("SITE_URL", "http://例え.jp"),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", ","),
        ("ALLOWED_HOSTS", "https://trends.example.org"),
        ("ALLOWED_HOSTS", "trends.example.org:443"),
        ("ALLOWED_HOSTS", "a.example.org b.example.org"),
        ("DATABASE_URL", "mysql://localhost/trends"),
        ("DATABASE_URL", "oracle://localhost/trends"),
        ("DATABASE_URL", "postgres://user@host"),
        ("DATABASE_URL", "sqlite:"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite://:memory:"),
        ("REPLICA_URL", "mysql://localhost/trends"),
        ("MEDIA_ROOT", ""),
        ("PURGE_URL", "http://cache.example.org{path}{rest}"),
        ("PURGE_URL", "http://cache.example.org{path}{"),
        ("PURGE_METHOD", "DROP IT"),
        ("PURGE_HEADER", "secret"),
        ("PURGE_HEADER", "Fastly-Key: a\r\nX: b"),
        ("MEDIA_BUCKET", "Not a bucket"),
        ("MEDIA_BUCKET_ENDPOINT", "s3.example.org"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "postgres"),
        ("DATABASE_URL", "oracle9i://localhost/trends"),
        ("DATABASE_POOL", "-1"),
        ("REPLICA_URL", "postgres"),
        ("UPLOAD_MEGABYTES", "0"),
        ("HSTS_SECONDS", "-1"),
        ("HSTS_PRELOAD", "maybe"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("FISCAL_YEAR_START", "April"),
        ("FISCAL_YEAR_START", "13"),
        ("PEERTUBE_HOSTS", "https://video.example.org"),
    ],
)
def test_malformed_variable_is_refused_with_one_line_that_names_it(monkeypatch, name, value):
    """That this line stops a start is the same for all of them."""
    with pytest.raises(ImproperlyConfigured) as refused:
        read_settings(monkeypatch, **{"SECRET_KEY": SECRET_KEY, name: value})
    [line] = str(refused.value).splitlines()
    assert line.startswith(f'Environment variable "{name}" invalid: ')


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("SITE_URL", "https://[::1]:8443", "https://[::1]:8443"),
        ("SITE_URL", "http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("SITE_URL", "https://Trends.example.org", "https://Trends.example.org"),
        ("ALLOWED_HOSTS", "a.example.org, .example.com,[::1],", None),
        ("ALLOWED_HOSTS", "*", ["*"]),
        ("MEDIA_BUCKET_ENDPOINT", "http://10.0.0.5:9000", "http://10.0.0.5:9000"),
        ("PURGE_URL", "http://10.0.0.5:6081{path}", "http://10.0.0.5:6081{path}"),
        ("PURGE_URL", "{url}", "{url}"),
        ("PURGE_URL", "http://10.0.0.5/{host}{path}", "http://10.0.0.5/{host}{path}"),
        ("PURGE_HEADER", "Fastly-Key: a=b:c", "Fastly-Key: a=b:c"),
    ],
)
def test_usual_forms_of_variables_are_read(monkeypatch, name, value, read):
    found = read_settings(monkeypatch, **{"SECRET_KEY": SECRET_KEY, name: value})[name]
    assert found == (read or ["a.example.org", ".example.com", "[::1]"])


@pytest.mark.parametrize(("pool", "age"), [("0", 60), ("3", 0)])  # Django refuses any other age
def test_threads_of_postgresql_share_a_pool_where_one_is_set(monkeypatch, pool, age):
    urls = {"DATABASE_URL": "postgres://u:p@first/db", "REPLICA_URL": "postgres://u:p@second/db"}
    databases = read_settings(monkeypatch, DATABASE_POOL=pool, **urls)["DATABASES"]
    assert [database["HOST"] for database in databases.values()] == ["first", "second"]
    for database in databases.values():
        assert database["CONN_MAX_AGE"] == age
        assert database["OPTIONS"].get("pool", {}).get("max_size", 0) == int(pool)


@pytest.mark.parametrize(
    ("url", "name", "value"),
    [
        ("sqlite:///a.sqlite3", "timeout", 5),
        ("postgres://u:p@host/db", "options", "-c lock_timeout=10s -c jit=off"),
    ],
)
def test_locks_that_others_hold_are_waited_for_some_seconds(monkeypatch, url, name, value):
    database = read_settings(monkeypatch, DATABASE_URL=url)["DATABASES"]["default"]
    assert database["OPTIONS"][name] == value


def test_replica_needs_postgresql(monkeypatch):
    urls = {"DATABASE_URL": "sqlite:///a.sqlite3", "REPLICA_URL": "postgres://u:p@second/db"}
    with pytest.raises(ImproperlyConfigured, match=r"^REPLICA_URL: only PostgreSQL"):
        read_settings(monkeypatch, **urls)


def test_malformed_variable_stops_the_start_with_that_line():
    check = manage("check", SECRET_KEY=SECRET_KEY, PORT="70000")
    assert (check.returncode, check.stdout) == (1, "")
    [line] = check.stderr.splitlines()
    assert line.startswith('trendsite: Environment variable "PORT" invalid: ')


def test_server_stops_with_the_same_line():
    start = subprocess.run(
        [sys.executable, "-c", "import trendsite.wsgi"],
        cwd=settings.BASE_DIR,
        env={"SECRET_KEY": SECRET_KEY, "PORT": "http"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert start.returncode == 1
    assert start.stderr == 'trendsite: Environment variable "PORT" invalid: Not a valid integer.\n'


def test_check_deploy_has_nothing_to_say_behind_tls():
    check = manage(
        "check",
        "--deploy",
        "--fail-level=DEBUG",
        SECRET_KEY=SECRET_KEY,
        SITE_URL="https://trends.example.org",
    )
    assert (check.returncode, check.stderr) == (0, "")
    # HSTS for other hosts of the domain, and for a list in browsers, are not ours to decide.
    assert check.stdout == "System check identified no issues (2 silenced).\n"


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({}, "max-age=31536000"),
        (
            {"HSTS_SECONDS": "3600", "HSTS_INCLUDE_SUBDOMAINS": "True", "HSTS_PRELOAD": "True"},
            "max-age=3600; includeSubDomains; preload",
        ),
        ({"SITE_URL": "http://trends.example.org"}, "None"),
    ],
)
def test_hsts_binds_the_site_alone_unless_told_otherwise(monkeypatch, client, variables, header):
    site = {"SECRET_KEY": SECRET_KEY, "SITE_URL": "https://trends.example.org", **variables}
    read = read_settings(monkeypatch, **site)
    with override_settings(**{name: read[name] for name in read if name.startswith("SECURE_")}):
        answer = client.get("/robots.txt", secure=True)
    assert str(answer.get("Strict-Transport-Security")) == header


def test_address_of_the_admin_moves_and_is_told_to_nobody():
    ask = (
        "from django.test import Client; client = Client(); "
        "print([client.get(a).status_code for a in ('/editors-7f3a/login/', '/admin/login/')], "
        "client.get('/editors-7f3a/login/').cookies['csrftoken']['path'], "
        "'editors' in client.get('/robots.txt').content.decode() "
        "+ client.get('/speculation-rules.json').content.decode(), "
        "client.get('/editors-7f3a/login/')['X-Robots-Tag'])"
    )
    site = {"SECRET_KEY": SECRET_KEY, "ADMIN_PATH": "editors-7f3a", "ALLOWED_HOSTS": "testserver"}
    shell = manage("shell", "--verbosity", "0", "--command", ask, **site, **WITHOUT_FILES)
    assert shell.stdout == "[200, 404] /editors-7f3a/ False noindex\n", shell.stderr


def test_cookies_by_https_are_those_of_this_host_alone():
    ask = (
        "from django.test import Client; "
        "host = {'host': 'trends.example.org'}; "
        "login = Client().get('/admin/login/', secure=True, headers=host); "
        "[cookie] = login.cookies.values(); "
        "print(cookie.key, cookie['path'], cookie['secure'], repr(cookie['domain']))"
    )
    site = {"SECRET_KEY": SECRET_KEY, "SITE_URL": "https://trends.example.org"}
    shell = manage("shell", "--verbosity", "0", "--command", ask, **site, **WITHOUT_FILES)
    assert shell.stdout == "__Host-csrftoken / True ''\n", shell.stderr
