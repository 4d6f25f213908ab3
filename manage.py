#!/usr/bin/env python3
"""Django's command line for Trendsite."""

import os
import signal
import sys
from typing import Never


def _interrupt(number: int, _frame: object) -> Never:
    raise KeyboardInterrupt(number)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trendsite.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.INSTALLED_APPS  # noqa: B018  reads the environment
    except ImproperlyConfigured as error:
        sys.exit(f"trendsite: {error}")
    # So that it ends as by Ctrl+C: a load is undone, and files that were begun are removed.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        execute_from_command_line(sys.argv)
    except KeyboardInterrupt as interruption:
        print("trendsite: interrupted", file=sys.stderr)
        sys.exit(128 + (interruption.args or (signal.SIGINT,))[0])
    except Exception as error:
        from django.db import OperationalError, ProgrammingError

        from trendsite.shared.outages import file_error_of, one_line, outage_of

        if "--traceback" in sys.argv:
            raise
        if outage := outage_of(error):
            sys.exit(f"trendsite: {outage.label} ({one_line(file_error_of(error) or error)})")
        if file_error := file_error_of(error):
            sys.exit(f"trendsite: {one_line(file_error)}")
        if isinstance(error, OperationalError | ProgrammingError):  # such as a missing table
            sys.exit(f"trendsite: {one_line(error)}; has manage.py set_up been run?")
        raise


if __name__ == "__main__":
    main()
