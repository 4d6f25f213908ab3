"""The time of the day, moved on without waiting."""

import datetime

import pytest
from django.utils import timezone

_day_of = timezone.localdate


def let_pass(monkeypatch: pytest.MonkeyPatch, **span: float) -> None:
    """Let so much time pass, as Django tells it, in all threads. Argument as of `timedelta`."""
    before = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: before() + datetime.timedelta(**span))


def set_day(monkeypatch: pytest.MonkeyPatch, day: datetime.date) -> None:
    """Let it be this day; moments stay on the days that they are on."""
    monkeypatch.setattr(timezone, "localdate", lambda at=None: _day_of(at) if at else day)
