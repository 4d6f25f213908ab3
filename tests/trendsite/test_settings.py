"""What a start says of the environment: one line that names the variable, or nothing."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

# As manage.py, but for the developer's own `.env`.
MANAGE = """
import runpy, sys
from environs import Env
Env.read_env = staticmethod(lambda *args, **options: None)
sys.argv = ["manage.py", *sys.argv[1:]]
runpy.run_path("manage.py", run_name="__main__")
"""
SECRET_KEY = "abcdefghijklmnopqrstuvwxyz-0123456789-ABCDEFGHIJKLMNOP"


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
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "postgres"),
        ("DATABASE_URL", "oracle9i://localhost/trends"),
        ("UPLOAD_MEGABYTES", "0"),
        ("HSTS_SECONDS", "-1"),
        ("HSTS_PRELOAD", "maybe"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("FISCAL_YEAR_START", "April"),
        ("FISCAL_YEAR_START", "13"),
        ("PEERTUBE_HOSTS", "https://video.example.org"),
    ],
)
def test_malformed_variable_stops_the_start_with_one_line_that_names_it(name, value):
    check = manage("check", **{"SECRET_KEY": SECRET_KEY, name: value})
    assert check.returncode == 1
    assert check.stdout == ""
    [line] = check.stderr.splitlines()
    assert line.startswith(f'trendsite: Environment variable "{name}" invalid: ')


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
def test_hsts_binds_the_site_alone_unless_told_otherwise(variables, header):
    ask = (
        "from django.test import Client; "
        "print(Client().get('/robots.txt', secure=True, headers={'host': 'trends.example.org'})"
        ".get('Strict-Transport-Security'))"
    )
    site = {"SECRET_KEY": SECRET_KEY, "SITE_URL": "https://trends.example.org", **variables}
    shell = manage("shell", "--verbosity", "0", "--command", ask, **site)
    # Not stderr, too: WhiteNoise warns there of static files that are not collected yet.
    assert (shell.returncode, shell.stdout) == (0, f"{header}\n")


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
    site["DATABASE_URL"] = "sqlite://:memory:"
    shell = manage("shell", "--verbosity", "0", "--command", ask, **site)
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
    site["DATABASE_URL"] = "sqlite://:memory:"
    shell = manage("shell", "--verbosity", "0", "--command", ask, **site)
    assert shell.stdout == "__Host-csrftoken / True ''\n", shell.stderr
