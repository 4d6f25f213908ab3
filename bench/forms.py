"""Reading and submitting forms of the admin as a browser does."""

from typing import Any

from lxml import html


def form_data(page: str) -> dict[str, list[str]]:
    """Return what a browser would send of the form on a page of the admin, without buttons."""
    root = html.fromstring(page)
    [form] = [form for form in root.forms if (form.get("id") or "").endswith("_form")]
    data: dict[str, list[str]] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    return {name: values for name, values in data.items() if not name.startswith("_")}


def errors(page: str) -> str:
    """Return the error messages in a form that was refused."""
    found: list[Any] = html.fromstring(page).find_class("errorlist")
    return " ".join(" ".join(one.text_content() for one in found).split())
