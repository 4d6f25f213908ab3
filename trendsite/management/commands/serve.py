"""`manage.py serve`, for `make run`: set up, then serve with the production server."""

import os
import socket
import sys
from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, call_command

from trendsite import server


def granian_options(port: int) -> list[str]:
    """Return the arguments of granian that serve the site on 127.0.0.1."""
    return [
        *("--interface", "wsgi", "--no-ws", "--host", "127.0.0.1", "--port", str(port)),
        *("--blocking-threads", "4", "--workers-kill-timeout", "5"),
        *("--respawn-failed-workers", "--log-level", "warning"),
        "trendsite.wsgi:application",
    ]


class Command(BaseCommand):
    help = "Set the site up and serve it on 127.0.0.1, on the port of the variable PORT."

    def handle(self, *args: Any, **options: Any) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", settings.PORT))
            except OSError as error:
                raise CommandError(
                    f"port {settings.PORT} is in use or not allowed; "
                    "choose another: PORT=8001 make run"
                ) from error
        # In a copy of this process, which then serves with the code that is loaded, and without
        # the memory that the set-up has needed.
        copy = os.fork()
        if not copy:
            call_command("set_up", stdout=self.stdout)
            return
        if code := os.waitstatus_to_exitcode(os.waitpid(copy, 0)[1]):
            sys.exit(code)
        self.stdout.write(
            f"Trendsite: {settings.SITE_URL}/  (admin: {settings.SITE_URL}/{settings.ADMIN_PATH}/)"
        )
        self.stdout.flush()
        server.main(granian_options(settings.PORT))
