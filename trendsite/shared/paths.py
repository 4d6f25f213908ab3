"""Paths of the site's pages."""

from functools import lru_cache
from typing import Any

from django.db import models
from django.urls import get_script_prefix, reverse
from django.utils.translation import get_language


def path_to(name: str, *args: str) -> str:
    """Return the path of a page in the active language, as `reverse()` does.

    Cached, since a page links to a hundred others, many of them more than once.
    """
    return _path_to(get_language(), get_script_prefix(), name, args)


@lru_cache(maxsize=8192)
def _path_to(_language: str | None, _prefix: str, name: str, args: tuple[str, ...]) -> str:
    return reverse(name, args=args)


def admin_path(model: type[models.Model], page: str, *args: Any) -> str:
    """Return the path of a page of the admin of a model, such as `changelist`."""
    opts = model._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def form_path(row: models.Model) -> str:
    """Return the path of the form of a row in the admin."""
    return admin_path(type(row), "change", row.pk)
