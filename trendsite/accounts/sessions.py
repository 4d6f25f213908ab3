"""The store of sessions that the setting SESSION_ENGINE names: Django's, with their owners."""

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

# A session of nobody keeps the question that a passkey is asked to answer.
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
    """Django's sessions in the database, in a table that knows whose they are."""

    @classmethod
    def get_model_class(cls) -> type[EditorSession]:
        return EditorSession

    _is_new = False

    def create(self) -> None:
        super().create()
        self._is_new = True

    def save(self, must_create: bool = False) -> None:
        """Store the session, or leave it as it was if the database is busy or gone.

        It is stored after the view is done. Django answers 400, as if the session had been ended,
        although what the view wrote is there; here the session's messages are lost instead. A
        session of this request holds a login, and without it the answer is that of an outage.
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
    """Return the browser and the system that a request's User-Agent names, roughly."""
    names = (_BROWSERS, _SYSTEMS)
    found = (
        next((name for word, name in known.items() if re.search(rf"\b{word}\b", user_agent)), "")
        for known in names
    )
    return ", ".join(filter(None, found))
