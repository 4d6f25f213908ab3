"""What an editor does in the admin: open a form, change some of it, send it."""

from typing import Any
from unittest.mock import patch

from django.conf import settings
from django.contrib.admin.helpers import InlineAdminFormSet
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Permission, User
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.test import Client

from trendsite.accounts.sessions import SessionStore

PASSWORD = "a-long-password"
ADD_TREND = "/admin/trends/trend/add/"


class EditorsClient(Client):
    """A client that begins a session without what else follows a login, which takes most of it.

    A test of logins has Django's own.
    """

    def force_login(self, user: Any, backend: str | None = None) -> None:
        request = HttpRequest()
        request.session = SessionStore()
        request.session[SESSION_KEY] = str(user.pk)
        request.session[BACKEND_SESSION_KEY] = backend or settings.AUTHENTICATION_BACKENDS[-1]
        request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        request.session["second_step"] = False
        request.session.save()
        self._set_login_cookies(request)


def make_editor(username: str = "editor", **values: Any) -> User:
    return User.objects.create_superuser(username, password=PASSWORD, **values)


def make_staff(*permissions: str, username: str = "assistant") -> User:
    user = User.objects.create_user(username, password=PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    return user


def trend_url(trend: Any) -> str:
    return f"/admin/trends/trend/{trend.pk}/change/"


def form_data(client: Client, url: str) -> dict[str, Any]:
    """Return what a browser would send of the form at an address, if nothing were changed.

    The page is not rendered, nor are its scripts collected from each widget, which would take three
    quarters of the time.
    """
    with (
        patch.object(TemplateResponse, "rendered_content", ""),
        patch.object(InlineAdminFormSet, "media", Media()),
    ):
        response = client.get(url)
    assert response.status_code == 200, f"{url} answers {response.status_code}"
    return _data(response.context_data)


def filled(response: HttpResponse) -> dict[str, Any]:
    """Return what a browser would send of the form on a page that a test reads, too."""
    return _data(response.context)


def _data(context: Any) -> dict[str, Any]:
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {"began_with": context.get("began_with", "")}
    for form in forms:
        for field in form:
            value = field.value()
            if value is None or value is False or field.field.widget.needs_multipart_form:
                continue
            data[field.html_name] = (
                [str(item) for item in value] if isinstance(value, list | tuple) else str(value)
            )
    return data


def add_row(data: dict[str, Any], prefix: str, **values: Any) -> int:
    """Fill one more row of an inline; gives its number."""
    number = int(data[f"{prefix}-TOTAL_FORMS"])
    data[f"{prefix}-TOTAL_FORMS"] = str(number + 1)
    data.update({f"{prefix}-{number}-{name}": value for name, value in values.items()})
    return number


def send(client: Client, url: str, data: dict[str, Any], /, **changes: Any) -> HttpResponse:
    return client.post(url, {**data, **changes})


def errors(response: HttpResponse) -> dict[str, list[str]]:
    """The messages on a page by the field beside which they stand; "" for those of no field."""
    found: dict[str, list[str]] = {}
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += inline.formset.forms
        if inline.formset.non_form_errors():
            found[inline.formset.prefix] = list(inline.formset.non_form_errors())
    for form in forms:
        for name, messages in form.errors.items():
            key = "" if name == "__all__" else form.add_prefix(name)
            found.setdefault(key, []).extend(messages)
    return found
