"""Addresses that go on working when a row gets another one."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, Self

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

View = Callable[..., HttpResponse]


class FormerSlug(models.Model):
    """A slug under which a row was found before."""

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    slug = models.SlugField(_("slug"), max_length=100, db_index=False)
    row = GenericForeignKey()

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        default_permissions = ()  # who may change a row may give up its former addresses
        ordering = ["slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "slug"], name="trendsite_formerslug_once"
            )
        ]
        indexes = [
            models.Index(fields=["content_type", "object_id"], name="trendsite_formerslug_of")
        ]

    def __str__(self) -> str:
        return self.slug


class RenamableModel(models.Model):
    """A row whose address may change: the one before is remembered when it is saved.

    `address_field` names the column that stands in the address. What a row is called now is
    called no other row's former name. `QuerySet.update()` remembers nothing.
    """

    address_field = "slug"
    _address_before: str | None = None

    former_slugs = GenericRelation(FormerSlug)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        columns = kwargs.get("update_fields")
        if columns is not None and self.address_field not in columns:
            super().save(*args, **kwargs)
            return
        before = self._address_before
        if before is not None and before == getattr(self, self.address_field):
            super().save(*args, **kwargs)
            return
        with transaction.atomic():
            super().save(*args, **kwargs)
            now = getattr(self, self.address_field)
            names = _names_of(type(self))
            names.filter(slug=now).delete()
            if before is not None and before != now:
                remember(self, [before])
        self._address_before = now

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        row = super().from_db(*args, **kwargs)
        row._address_before = row.__dict__.get(cls.address_field)
        return row

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        self._address_before = self.__dict__.get(self.address_field)

    def former_names(self) -> list[str]:
        """Its former slugs, the first one first, out of a prefetch where there is one."""
        rows = sorted(self.former_slugs.all(), key=lambda former: former.pk)
        return [former.slug for former in rows]


def _names_of(model: type[models.Model]) -> models.QuerySet:
    return FormerSlug.objects.filter(content_type=ContentType.objects.get_for_model(model))


def remember(row: RenamableModel, slugs: Iterable[str]) -> None:
    """Let a row be found under these slugs too, whoever was before."""
    for slug in slugs:
        _names_of(type(row)).update_or_create(
            slug=slug,
            content_type=ContentType.objects.get_for_model(type(row)),
            defaults={"object_id": row.pk},
        )


def former_rows(model: type[RenamableModel], slugs: Iterable[str]) -> dict[str, int]:
    """The primary keys of the rows that these slugs were those of, by slug."""
    return dict(_names_of(model).filter(slug__in=list(slugs)).values_list("slug", "object_id"))


def keep_only(row: RenamableModel, slugs: Iterable[str]) -> tuple[list[str], list[str]]:
    """Make a row's former slugs these; gives those that are new, and those that are let go."""
    before, wanted = row.former_names(), list(slugs)
    new = [slug for slug in wanted if slug not in before]
    gone = [slug for slug in before if slug not in wanted]
    if gone:
        row.former_slugs.filter(slug__in=gone).delete()
    remember(row, new)
    return new, gone


def first_slugs(model: type[RenamableModel], pks: Iterable[int]) -> dict[int, str]:
    """What those of the rows that were ever renamed were called first, by primary key."""
    names = _names_of(model).filter(object_id__in=list(pks)).order_by("-pk")
    return dict(names.values_list("object_id", "slug"))


def present_slug(rows: models.QuerySet, former: str) -> str | None:
    """What that one of the rows is called now which was called so before. One query."""
    found = rows.order_by().filter(former_slugs__slug=former)
    return found.values_list(rows.model.address_field, flat=True).first()


def redirects_former_slugs(
    rows: Callable[..., models.QuerySet], name: str = "slug"
) -> Callable[[View], View]:
    """Of views that find one row by the slug in their address, and say Http404 else.

    A reader who asks for a former slug of one of `rows()` is sent to the present address in the
    same form and language, with the same query string. `rows` gets the arguments of the view
    but that one, `name`. It costs a query where nothing was found, and none elsewhere.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, **kwargs)
            except Http404:
                others = {key: value for key, value in kwargs.items() if key != name}
                present = present_slug(rows(**others), kwargs[name])
                if present is None:
                    raise
            match = request.resolver_match
            path = reverse(match.view_name, kwargs=match.captured_kwargs | {name: present})
            query = request.META.get("QUERY_STRING")
            response = HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
            # A browser would keep it for ever, and go in circles when a row is renamed back.
            response["Cache-Control"] = "no-cache"
            return response

        return wrapped

    return decorate
