"""Receivers of Django's signals of logins and logouts, for the audit list and the log."""

import logging
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from trendsite.accounts.models import EditorSession, LoginEvent
from trendsite.accounts.second_factors import note_second_step
from trendsite.accounts.sessions import SessionStore, browser_of
from trendsite.logins import client_address

logger = logging.getLogger("trendsite.logins")


@receiver(user_logged_in)
def begin_session(sender: Any, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> None:
    """Store browser, time and second factor in a new session; record and log the login.

    Also deletes expired sessions and old rows of the audit list.
    """
    request.session["browser"] = browser_of(request.META.get("HTTP_USER_AGENT", ""))
    request.session["begun"] = timezone.now().isoformat()
    note_second_step(request, user)
    logger.info("Login: account %r", user.get_username())
    record(LoginEvent.Kind.LOGIN, user)
    LoginEvent.delete_old()
    SessionStore.clear_expired()


@receiver(user_logged_out)
def record_logout(sender: Any, user: AbstractBaseUser | None, **kwargs: Any) -> None:
    if user is not None:
        record(LoginEvent.Kind.LOGOUT, user)


@receiver(user_login_failed)
def record_failed_login(
    sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    """Record a failed login, and log it with the client's address.

    The name is stored only if there is such an account: some people type their password into the
    field for the name by mistake.
    """
    users = get_user_model()
    name = credentials.get(users.USERNAME_FIELD)
    user = users._default_manager.filter(**{users.USERNAME_FIELD: name}).first() if name else None
    refused = getattr(request, "axes_locked_out", False)
    logger.warning(
        "Login %s: %s, from %s",
        "refused after too many failures" if refused else "failed",
        f"account {name!r}" if user else "no such account",
        (request and client_address(request)) or "an unknown address",
    )
    record(LoginEvent.Kind.REFUSED if refused else LoginEvent.Kind.FAILED, user)


def record(kind: LoginEvent.Kind, user: AbstractBaseUser | None) -> None:
    """Add a row to the audit list."""
    username = user.get_username() if user else ""
    LoginEvent.objects.create(kind=kind, user=user, username=username)  # type: ignore[misc]


def end_sessions(user: Any, except_key: str | None = None) -> int:
    """End the sessions of a user, except the one with `except_key`. Return how many."""
    ended, _rows = EditorSession.objects.filter(user=user).exclude(pk=except_key).delete()
    return ended


def end_session(sessions: QuerySet[EditorSession], reference: str) -> None:
    """End the session among `sessions` with this `EditorSession.reference`, if there is one."""
    for session in sessions:
        if session.reference == reference:
            session.delete()
