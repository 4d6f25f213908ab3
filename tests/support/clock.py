"""The time of the day, moved on without waiting."""

import datetime

import pytest
from django.utils import timezone


def let_pass(monkeypatch: pytest.MonkeyPatch, **span: float) -> None:
    """Let so much time pass, as Django tells it, in all threads. Argument as of `timedelta`."""
    before = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: before() + datetime.timedelta(**span))
