"""The session engine: Django's database sessions, with a column for the user."""

import datetime
import logging
import re
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.utils import timezone

from trendsite.accounts.models import EditorSession
from trendsite.shared.outages import one_line, outage_of

logger = logging.getLogger(__name__)

# A session without a user holds the challenge that a passkey has to sign.
_NOBODYS_MINUTES = 10

_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


class SessionStore(db.SessionStore):
    """Django's sessions in the database, in the table `EditorSession`."""

    @classmethod
    def get_model_class(cls) -> type[EditorSession]:
        return EditorSession

    _is_new = False

    def create(self) -> None:
        super().create()
        self._is_new = True

    def save(self, must_create: bool = False) -> None:
        """Store the session; log an error of the database and leave the session as it was.

        Django stores a session after the view and answers 400 if that fails, although what the
        view wrote was saved. Here only the messages in the session are lost. A session that is
        created by this request holds a login: then the error is raised.
        """
        try:
            super().save(must_create)
        except UpdateError as error:
            of_database = error.__context__
            if of_database is None or outage_of(of_database) is None:
                raise
            if self._is_new:
                raise of_database from of_database.__cause__
            logger.warning("A session was not stored: %s", one_line(of_database))

    def create_model_instance(self, data: dict[str, Any]) -> EditorSession:
        session = super().create_model_instance(data)
        assert isinstance(session, EditorSession)
        if key := data.get("_auth_user_id"):
            session.user_id = int(key)
        else:
            soon = timezone.now() + datetime.timedelta(minutes=_NOBODYS_MINUTES)
            session.expire_date = min(session.expire_date, soon)
        session.browser = data.get("browser", "")
        if begun := data.get("begun"):
            session.begun = datetime.datetime.fromisoformat(begun)
        return session


def browser_of(user_agent: str) -> str:
    """Return the browser and the operating system that a User-Agent header names."""
    names = (_BROWSERS, _SYSTEMS)
    found = (
        next((name for word, name in known.items() if re.search(rf"\b{word}\b", user_agent)), "")
        for known in names
    )
    return ", ".join(filter(None, found))
