"""The site as benchmarks run it: with a database of its own, on a free port."""

import socket
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def site_environment(folder: Path, database: str | None = None) -> dict[str, str]:
    """Return the variables of a site whose files, and rows if no database is named, are here."""
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
    """Return body and headers of an answer; try again for some seconds where nobody answers."""
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
                kept = ("date", "server", "x-request-id", "transfer-encoding")
                found = [(n.lower(), v) for n, v in answer.headers.items() if n.lower() not in kept]
                return answer.read(), found
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
