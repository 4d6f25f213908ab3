"""The files of docs/deploy: nginx runs with them, and the unit of systemd starts the site."""

import configparser
import gzip
import http.client
import os
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.support.clusters import free_port
from tests.support.make import make_trend
from tests.support.readers import open_connection
from trendsite.management.commands.serve import granian_options

FILES = settings.BASE_DIR / "docs" / "deploy"
PATIENCE = 60
_BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")


@contextmanager
def nginx(folder: Path, server: str) -> Iterator[None]:
    """Run nginx with a file of docs/deploy, as it is included on a machine."""
    for name in ("logs", "conf"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "server.conf").write_text(server)
    kept = " ".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    load = f"load_module {_BROTLI};" if _BROTLI.exists() else ""
    (folder / "nginx.conf").write_text(
        f"{load} daemon off; {user} worker_processes 1;"
        f"pid {folder}/pid; error_log {folder}/errors;"
        f"events {{}} http {{ access_log off; {kept} include {folder}/server.conf; }}"
    )
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        while not (folder / "pid").exists():
            assert process.poll() is None, (folder / "errors").read_text()
            time.sleep(0.02)
        yield
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


# Exported files

ENCODINGS = {"gzip": gzip.decompress}
if _BROTLI.exists():
    ENCODINGS["br"] = brotli.decompress


@pytest.fixture
def exported(tmp_path, db) -> Iterator[tuple[Path, int]]:
    """The files of a small site, and the port on which nginx serves them."""
    shutil.copytree(settings.BASE_DIR / "static", settings.STATIC_ROOT, dirs_exist_ok=True)
    trend = make_trend(tags=["product"], drivers=1, mentions=1)
    trend.slug = "renamed-trend"
    trend.save()
    site, port = tmp_path / "site", free_port()
    with open_connection():
        call_command("export_site", site, verbosity=0)
    server = (FILES / "nginx-exported.conf").read_text().replace("/srv/trends", str(site))
    server = server.replace("listen 80;", f"listen 127.0.0.1:{port};")
    if not _BROTLI.exists():
        server = server.replace("brotli_static on;", "")
    with nginx(tmp_path / "nginx", server):
        yield site, port


def parts(policy: str) -> list[str]:
    return sorted(policy.split("; "))


def ask(port: int, address: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("GET", address, headers=headers)
    response = connection.getresponse()
    return response, response.read()


def test_nginx_sends_what_was_exported_as_the_live_site_does(exported):
    site, port = exported
    client = Client()
    hidden = {"redirects.map", ".export.json"}
    asked = 0
    for path in sorted(site.rglob("*")):
        name = str(path.relative_to(site))
        if not path.is_file() or path.suffix in {".br", ".gz"} or name in hidden:
            continue
        if name.endswith("/404.html"):
            continue
        stem, _, query = path.name.rpartition(".")[0].partition("@")
        folder = "" if path.parent == site else f"{path.parent.relative_to(site)}/"
        file = "" if stem == "index" else stem + path.suffix
        address = f"/{folder}{file}{'?' if query else ''}{query}"
        response, body = ask(port, address)
        assert (response.status, address) == (200, address)
        assert (body == path.read_bytes(), address) == (True, address)
        if not name.startswith(("static/", "media/")):
            live = client.get(address)
            assert response.headers["Content-Type"] == live["Content-Type"], address
            policy = "Content-Security-Policy"
            assert parts(response.headers[policy]) == parts(live[policy])
        if path.with_name(path.name + ".gz").exists():
            for name, undo in ENCODINGS.items():
                response, compressed = ask(port, address, **{"Accept-Encoding": name})
                assert response.headers["Content-Encoding"] == name, address
                assert undo(compressed) == body
        asked += 1
    assert asked > 30


def test_nginx_redirects_what_was_renamed_and_answers_404_otherwise(exported):
    site, port = exported
    response, _ = ask(port, "/en/trends/example-trend/")
    assert response.status == 301
    assert response.headers["Location"].endswith("/en/trends/renamed-trend/")
    response, body = ask(port, "/en/trends/unknown/")
    assert (response.status, body) == (404, (site / "en" / "404.html").read_bytes())
    for name in ("redirects.map", ".export.json"):
        assert ask(port, f"/{name}")[0].status == 404
    response, _ = ask(port, "/", **{"Accept-Language": "ja,en;q=0.5"})
    assert (response.status, response.headers["Location"].endswith("/ja/")) == (302, True)


# The proxy


class Site(ThreadingHTTPServer):
    """Stands where the site does, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str, dict[str, str], int]] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.asked.append((self.command, self.path, headers, len(body)))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def proxied(tmp_path) -> Iterator[tuple[Site, int]]:
    port = free_port()
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=trends.example.org", "-keyout", key, "-out", certificate),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    with Site() as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        server = (FILES / "nginx-proxy.conf").read_text()
        for before, after in (
            ("127.0.0.1:8000", f"127.0.0.1:{site.server_port}"),
            ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
            ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
            ("/etc/ssl/trends.example.org.pem", str(certificate)),
            ("/etc/ssl/trends.example.org.key", str(key)),
        ):
            assert before in server
            server = server.replace(before, after)
        with nginx(tmp_path / "nginx", server):
            yield site, port
        site.shutdown()


def send(
    port: int, method: str, address: str, body: bytes = b"", **headers: str
) -> http.client.HTTPResponse:
    trusting = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=PATIENCE, context=trusting)
    with suppress(BrokenPipeError):  # nginx answers before it has read the body
        connection.request(method, address, body or None, {"Host": "trends.example.org", **headers})
    response = connection.getresponse()
    response.read()
    return response


def test_the_proxy_names_the_client_and_not_what_the_client_says(proxied):
    site, port = proxied
    forged = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http", "X-Request-ID": "mine"}
    assert send(port, "GET", "/en/?page=2", **forged).status == 200
    [(method, address, headers, _)] = site.asked
    assert (method, address) == ("GET", "/en/?page=2")
    assert headers["host"] == "trends.example.org"
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert len(headers["x-request-id"]) == 32


def test_the_proxy_keeps_bodies_from_the_site(proxied):
    site, port = proxied
    assert send(port, "POST", "/en/", b"x=1").status == 405
    assert send(port, "POST", "/admin/login/", b"x" * (17 * 1024**2)).status == 413
    assert site.asked == []
    assert send(port, "POST", "/admin/login/", b"x" * (2 * 1024**2)).status == 200
    assert [(address, length) for _, address, _, length in site.asked] == [
        ("/admin/login/", 2 * 1024**2)
    ]


# systemd


def test_the_unit_starts_the_server_as_make_run_does():
    unit = configparser.RawConfigParser(strict=False, delimiters="=")
    unit.optionxform = str
    unit.read_string((FILES / "trendsite.service").read_text().replace("\\\n", ""))
    service = unit["Service"]
    command = service["ExecStart"].split()
    own = {*granian_options(8000)}
    assert own <= {*command}
    known = subprocess.run(
        [sys.executable, "-m", "granian", "--help"], check=True, capture_output=True, text=True
    ).stdout
    assert all(option in known for option in command if option.startswith("--"))
    assert service["Restart"] == "always"
    assert service["ExecStartPre"].endswith("manage.py set_up")
