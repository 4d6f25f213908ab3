"""Running the site for benchmarks: with a temporary database, on a free port."""

import socket
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def site_environment(folder: Path, database: str | None = None) -> dict[str, str]:
    """Return environment variables for a site with its files, and its SQLite file, in a folder."""
    return {
        "DJANGO_SETTINGS_MODULE": "trendsite.settings",
        "SECRET_KEY": "for-a-benchmark-alone-" * 3,
        "DEBUG": "False",
        "DATABASE_URL": database or f"sqlite:///{folder}/site.sqlite3",
        "MEDIA_ROOT": f"{folder}/media",
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(
    url: str, headers: dict[str, str], patience: float = 0
) -> tuple[bytes, list[tuple[str, str]]]:
    """Return body and headers of an answer. Retries for `patience` seconds if there is none."""
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
                # `Connection: close` is an answer to urllib, which asks for it.
                left_out = ("connection", "date", "server", "x-request-id", "transfer-encoding")
                found = [(name.lower(), value) for name, value in answer.headers.items()]
                return answer.read(), [pair for pair in found if pair[0] not in left_out]
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
