"""The views for monitoring: `/healthz`, `/readyz` and `/metrics`."""

import itertools
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import cache

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from trendsite.static_files import uncollected

logger = logging.getLogger(__name__)

_PLAIN = "text/plain; charset=utf-8"

# The problem last logged for each state, so that probes add a line to the log at a change only.
_logged: dict[str, list[str]] = {}


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Answer 200 while the database answers, 503 otherwise. One query."""
    try:
        _database()
    except Error:
        _log_change("alive", {"database": "the database does not answer"})
        return HttpResponse("The database does not answer.\n", status=503, content_type=_PLAIN)
    _log_change("alive", {})
    return HttpResponse("ok\n", content_type=_PLAIN)


@require_safe
@never_cache
def readiness(request: HttpRequest) -> HttpResponse:
    """Answer 200 if all checks succeed, else 503, with a line for each check. Three queries."""
    lines: list[str] = []
    problems: dict[str, str] = {}
    for name, check in _CHECKS.items():
        try:
            problem = check()
        except Error:
            problem = "the database does not answer"
        except OSError as error:
            problem = error.strerror or "not available"  # without the path
        if problem:
            problems[name] = f"{name}: {problem}"
        lines.append(f"{name}: {problem or 'ok'}\n")
    _log_change("ready", problems)
    status = 503 if problems else 200
    return HttpResponse("".join(lines), status=status, content_type=_PLAIN)


def warn_unless_set_up() -> None:
    """Log what an update of the code needs besides, as a server starts. One query."""
    problems = []
    for check in (_migrations, _static_files):
        with suppress(Error, OSError):  # `/readyz` says it again
            problems.append(check())
    if any(problems):
        logger.warning("Run manage.py set_up: %s", "; ".join(filter(None, problems)))
    if not connection.in_atomic_block:
        connection.close()  # the thread that starts a server asks nothing more


def _log_change(state: str, problems: dict[str, str]) -> None:
    """Log when a state, such as “ready”, is lost or reached again, or other checks fail.

    `problems` are those of the checks that fail. Another text of the same checks is not logged: the
    space on a full disk differs at each request.
    """
    if [*problems] != _logged.get(state, []):
        _logged[state] = [*problems]
        if problems:
            logger.warning("Not %s: %s", state, "; ".join(problems.values()))
        else:
            logger.warning("Is %s again", state)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Return the counts of all workers in the format of Prometheus; 404 if there are none."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        raise Http404
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


# Each check returns what is wrong, or an empty text; an OSError or DatabaseError counts as well


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


@cache
def newest_migrations() -> set[tuple[str, str]]:
    """Return the app and the name of the last migrations of the code. No query."""
    return set(MigrationLoader(None).graph.leaf_nodes())


def _migrations() -> str:
    missing = newest_migrations() - MigrationRecorder(connection).applied_migrations().keys()
    names = sorted(f"{app}.{name}" for app, name in missing)
    return f"not applied: {', '.join(names)}" if names else ""


def _static_files() -> str:
    if names := list(itertools.islice(uncollected(), 3)):
        return f"not collected: {', '.join(names)}" + (" …" if len(names) == 3 else "")
    return ""


def _media() -> str:
    if isinstance(default_storage, FileSystemStorage):
        os.makedirs(settings.MEDIA_ROOT, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.MEDIA_ROOT) as file:
            file.write(b"-")
    else:
        default_storage.exists("readyz")  # raises OSError where the bucket does not answer
    return ""


def _disk() -> str:
    if not os.path.isdir(settings.MEDIA_ROOT):  # pictures are in a bucket
        return ""
    megabytes = shutil.disk_usage(settings.MEDIA_ROOT).free // 1024**2
    if megabytes < settings.MIN_FREE_MEGABYTES:
        return f"{megabytes} MB free, fewer than {settings.MIN_FREE_MEGABYTES}"
    return ""


_CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "static files": _static_files,
    "media": _media,
    "disk": _disk,
}
