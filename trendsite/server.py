"""`python -m trendsite.server`: granian, with the code of the site loaded before its workers start.

Takes granian’s arguments. On Linux a worker is a copy of this process, so that one that dies is
replaced within a second, where importing the code takes two seconds, and ten on a busy machine.
Workers also share the memory of what was loaded. New code needs a restart, not a reload (HUP).
"""

import gc
import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured


def main() -> None:
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

    # The collector would write to each object, whose memory is then no longer shared.
    gc.freeze()
    gc.enable()
    from granian.cli import entrypoint

    entrypoint()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
