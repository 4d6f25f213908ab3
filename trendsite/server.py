"""`python -m trendsite.server`: granian, with the code of the site loaded before its workers start.

Takes granian’s arguments. On Linux a worker is a copy of this process, so that one that dies is
replaced within a second, where importing the code takes two seconds, and ten on a busy machine.
Workers also share the memory of what was loaded. New code needs a restart, not a reload (HUP).
"""

import ctypes
import gc
import os
import sys
from contextlib import suppress

import django
from django.core.exceptions import ImproperlyConfigured

# Options of glibc's mallopt(3). Without them each thread has a heap of its own, and memory that a
# large page needed once is never given back.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8


def main(arguments: list[str] | None = None) -> None:
    """Serve the site, with arguments for granian, by default those of this process."""
    with suppress(AttributeError):  # another library has no such function
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, 65536), (_TRIM_THRESHOLD, 65536)):
            mallopt(option, value)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trendsite.settings")
    # What is imported stays: to look for garbage in it takes a sixth of the time.
    gc.disable()
    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(f"trendsite: {error}")
    # Not `trendsite.wsgi`, which starts threads: a copy of a process has none of them.
    import trendsite.kept.front
    import trendsite.urls  # noqa: F401
    from trendsite.health import newest_migrations

    newest_migrations()  # reads all migrations, once for all workers

    # The collector would write to each object, whose memory is then no longer shared.
    gc.freeze()
    gc.enable()
    from granian.cli import cli
    from granian.server import mp

    from trendsite.worker_threads import resting_callback

    mp._wsgi_call_wrap = resting_callback  # type: ignore[attr-defined, assignment]
    cli(arguments, auto_envvar_prefix="GRANIAN")


if __name__ == "__main__":
    main()
