"""`manage.py reset_second_factor NAME`: remove the second factors that an editor has lost."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django_otp import devices_for_user

from trendsite.accounts.events import end_sessions, record
from trendsite.accounts.models import LoginEvent


class Command(BaseCommand):
    help = "Remove the second factors of an account and end its sessions; the password stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']!r}.")
        devices: list[Any] = list(devices_for_user(user, confirmed=None))  # type: ignore[no-untyped-call]
        for device in devices:
            device.delete()
        record(LoginEvent.Kind.FACTOR_REMOVED, user)
        end_sessions(user)
        self.stdout.write(f"{len(devices)} removed.")
