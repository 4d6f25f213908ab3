"""The store of sessions that the setting SESSION_ENGINE names: Django's, with their owners."""

import datetime
import re
from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from trendsite.accounts.models import EditorSession

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
