#!/usr/bin/env python3
"""Django's command line for Trendsite."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trendsite.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.INSTALLED_APPS  # noqa: B018  reads the environment
    except ImproperlyConfigured as error:
        sys.exit(f"trendsite: {error}")
    try:
        execute_from_command_line(sys.argv)
    except Exception as error:
        from trendsite.shared.outages import one_line, outage_of

        outage = outage_of(error)
        if outage is None or "--traceback" in sys.argv:
            raise
        sys.exit(f"trendsite: {outage.label} ({one_line(error)})")


if __name__ == "__main__":
    main()
