"""Groups of users with their permissions, which `migrate` makes if they are missing.

Existing groups are not changed. There is a group of translators for each language of the site.
"""

from collections.abc import Iterable
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q
from django.db.models.signals import post_migrate

from trends.models import PARTS, Trend
from trendsite.shared.translated import languages

WRITERS, EDITORS, ADMINISTRATORS = "Writers", "Editors", "Administrators"
_CONTENT_APPS = ("quotes", "trends", "trendsite")


def translators_of(language: str) -> str:
    """Return the name of the group of translators into a language."""
    return f"Translators ({language})"


def connect(config: AppConfig) -> None:
    """Connect the receiver that makes missing groups after `migrate`."""
    post_migrate.connect(_make_groups, sender=config, dispatch_uid="roles")


def _make_groups(using: str, **kwargs: Any) -> None:
    for label in (*_CONTENT_APPS, "auth"):  # their permissions may not exist yet
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    every = Permission.objects.using(using).select_related("content_type")
    if not Group.objects.using(using).filter(name=EDITORS).exists():
        _let_those_publish_who_did(using)
    permissions = every.filter(content_type__app_label__in=_CONTENT_APPS)
    translating = Q(codename__startswith="translate_")
    wanted: dict[str, Iterable[Permission]] = {
        WRITERS: _of_writers(list(permissions)),
        EDITORS: permissions.exclude(translating),
        ADMINISTRATORS: every.exclude(translating),
    }
    viewing = Q(codename__startswith="view_")
    for code in languages():
        own = Q(codename=f"translate_{code}")
        wanted[translators_of(code)] = permissions.filter(viewing | own)
    for name, granted in wanted.items():
        group, is_new = Group.objects.using(using).get_or_create(name=name)
        if is_new:
            group.permissions.set(granted)


def _of_writers(permissions: list[Permission]) -> list[Permission]:
    """Return those that writers have: to write trends, but not to delete rows that trends share."""
    parts = {model._meta.model_name for model in PARTS}
    read_only = {"tag", "audience", "formerslug"}
    found = []
    for permission in permissions:
        action, _dash, model = permission.codename.partition("_")
        is_written = action in ("add", "change") and model not in read_only
        if action == "view" or model in parts or is_written:
            found.append(permission)
    return found


def _let_those_publish_who_did(using: str) -> None:
    """Grant the permission to publish to users and groups that could publish before it existed."""
    content = Permission.objects.using(using).filter(
        content_type__app_label="trends", content_type__model=Trend._meta.model_name
    )
    changing, publishing = (
        content.get(codename="change_trend"),
        content.get(codename="publish_trend"),
    )
    for user in User.objects.using(using).filter(user_permissions=changing):
        user.user_permissions.add(publishing)
    for group in Group.objects.using(using).filter(permissions=changing):
        group.permissions.add(publishing)
