"""The production server with the options of `make run`, as a process of its own."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

from django.conf import settings

from tests.support.clusters import free_port
from trendsite.management.commands.serve import granian_options

PATIENCE = 120
"""A machine may be slow; the server waits for slow clients longer than this."""


class Server:
    """granian on a free port, with a database of its own that holds no trends.

    Its database is ready to use before it starts: the file `database`, or the one that is named
    by a further setting of `environment`. It waits for a request's body for `body_seconds`.
    """

    def __init__(self, folder: Path, body_seconds: int, **environment: str) -> None:
        self.port = free_port()
        self.database = folder / "site.sqlite3"
        self._log = folder / "stderr"
        self._environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.support.served_settings",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "MEDIA_ROOT": str(folder / "media"),
            "TRUSTED_PROXIES": "127.0.0.1",
            "REQUEST_BODY_SECONDS": str(body_seconds),
            "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
            **environment,
        }
        (folder / "metrics").mkdir()

    def start(self) -> None:
        self.process = self._run(
            [sys.executable, "-m", "trendsite.server", *granian_options(self.port)]
        )
        self.wait_until(self.answers)

    def _run(self, command: list[str]) -> subprocess.Popen:
        with self._log.open("a") as log:
            return subprocess.Popen(
                command, cwd=settings.BASE_DIR, env=self._environment, stderr=log
            )

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)

    def workers(self) -> list[int]:
        """Return the process ids of the workers: one, or none while it is replaced."""
        pgrep = ["pgrep", "-P", str(self.process.pid)]
        found = subprocess.run(pgrep, capture_output=True, check=False)
        return [int(pid) for pid in found.stdout.split()]

    def log(self) -> str:
        return self._log.read_text()

    def get(self, address: str) -> bytes:
        url = f"http://127.0.0.1:{self.port}{address}"
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.read()

    def ask(self, method: str, address: str, body: bytes | None = None, **headers: str):
        """Return the answer to a request, with the headers of a form unless told otherwise."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        kind = "application/x-www-form-urlencoded"
        with closing(connection):
            connection.request(method, address, body, {"Content-Type": kind, **headers})
            answer = connection.getresponse()
            answer.body = answer.read()
        return answer

    def answers(self) -> bool:
        try:
            return bool(self.get("/healthz"))
        except OSError:
            return False

    def takes_logins(self) -> bool:
        """Return whether a login is answered, rather than refused for too many that are sent."""
        return self.ask("POST", "/admin/login/", b"a=b").status != 429

    def wait_until(self, done: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, self.log()
            time.sleep(0.02)
