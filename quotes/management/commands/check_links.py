import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from quotes.links.link_checks import NoAnswerError, check_links
from quotes.links.models import CheckedLink, LinkState
from trendsite.shared.arguments import amount, count


class Command(BaseCommand):
    help = (
        "Ask whether the links of sources, videos and experts still lead somewhere, those that "
        "were checked longest ago first. Each result is saved at once: a run may be ended at any "
        "time, and the next one goes on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--most", type=count, default=1000, help="Check at most so many addresses (1000)."
        )
        parser.add_argument(
            "--minutes", type=amount, default=60, help="Begin no check after so many (60)."
        )
        parser.add_argument(
            "--days", type=count, default=7, help="Leave what was checked within so many (7)."
        )
        parser.add_argument(
            "--pause",
            type=amount,
            default=2,
            help="Seconds between two requests to one host (2).",
        )
        parser.add_argument(
            "--no-archive",
            action="store_true",
            help="Do not ask the Internet Archive for copies of what is gone.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        is_wordy = options["verbosity"] > 1
        try:
            with translation.override("en"):
                run = check_links(
                    most=options["most"],
                    seconds=datetime.timedelta(minutes=options["minutes"]).total_seconds(),
                    days=options["days"],
                    pause=options["pause"],
                    with_archive=not options["no_archive"],
                    tell=self._tell if is_wordy else lambda link: None,
                )
        except NoAnswerError:
            raise CommandError(
                "No site answered, so that nothing is known of any. Is this machine online?"
            ) from None
        if options["verbosity"]:
            counts = ", ".join(
                f"{run.states[state]} {state}" for state in LinkState.values if run.states[state]
            )
            self.stdout.write(f"Addresses checked: {run.states.total()} ({counts or 'none due'})")
            self.stdout.write(f"Addresses that wait for another run: {run.left}")

    def _tell(self, link: CheckedLink) -> None:
        parts = [link.state, link.address, link.reason, link.moved_to, link.archived_copy]
        self.stdout.write(" ".join(filter(None, parts)))
