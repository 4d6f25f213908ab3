"""Former slugs of renamed rows, and the redirects from their old addresses."""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, Self

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.dispatch import Signal
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

View = Callable[..., HttpResponse]

renamed = Signal()
"""Sent with a `row` and its slug `before`, in the transaction that renames it.

Of two rows that are merged, with the one that stays and the slug of the other.
"""


class FormerSlug(models.Model):
    """A slug that a row had before it was renamed, so that its old addresses redirect."""

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
    """A row whose slug may change: `save()` stores the previous one as a former slug.

    `address_field` names the field with the slug. When a former slug becomes the present slug of
    any row of the model, it is deleted. `QuerySet.update()` does not store former slugs.
    """

    address_field = "slug"
    _address_before: str | None = None

    former_slugs = GenericRelation(FormerSlug)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        columns = kwargs.get("update_fields")
        is_written = columns is None or self.address_field in columns
        if not is_written or self.address_field in self.get_deferred_fields():
            super().save(*args, **kwargs)
            return
        before, now = self._saved_address(), getattr(self, self.address_field)
        if before == now:
            super().save(*args, **kwargs)
            return
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            now = getattr(self, self.address_field)
            _former_slugs_of(type(self)).filter(slug=now).delete()
            if before is not None and before != now:
                remember(self, [before])
                renamed.send(sender=type(self), row=self, before=before)
        self._address_before = now

    def _saved_address(self) -> str | None:
        """Return the saved slug, None for a new row. One query if the field was deferred."""
        if self._address_before is not None or self._state.adding:
            return self._address_before
        saved = type(self)._base_manager.filter(pk=self.pk)
        return saved.values_list(self.address_field, flat=True).first()

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> Self:
        row = super().from_db(*args, **kwargs)
        row._address_before = row.__dict__.get(cls.address_field)
        return row

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(*args, **kwargs)
        fields = kwargs.get("fields", args[1] if len(args) > 1 else None)
        if fields is None or self.address_field in fields:
            self._address_before = self.__dict__.get(self.address_field)

    def present_name(self) -> str:
        """Return the present slug."""
        return str(getattr(self, self.address_field))

    def former_names(self) -> list[str]:
        """Return the former slugs, the earliest first. One query unless they were prefetched."""
        rows = sorted(self.former_slugs.all(), key=lambda former: former.pk)
        return [former.slug for former in rows]


def _former_slugs_of(model: type[models.Model]) -> models.QuerySet[FormerSlug]:
    return FormerSlug.objects.filter(content_type=ContentType.objects.get_for_model(model))


def remember(row: RenamableModel, slugs: Iterable[str]) -> None:
    """Register slugs as former slugs of `row`, taking them over from any other row."""
    for slug in slugs:
        _former_slugs_of(type(row)).update_or_create(
            slug=slug,
            content_type=ContentType.objects.get_for_model(type(row)),
            defaults={"object_id": row.pk},
        )


def former_rows(model: type[RenamableModel], slugs: Iterable[str]) -> dict[str, int]:
    """Map those of `slugs` that are former slugs to the primary key of their row. One query."""
    found = _former_slugs_of(model).filter(slug__in=list(slugs))
    return dict(found.values_list("slug", "object_id"))


def free_names(model: type[RenamableModel], pk: int, slugs: Iterable[str]) -> list[str]:
    """Return those of `slugs` that no other row has or had. Two queries."""
    slugs = list(slugs)
    others = model._base_manager.exclude(pk=pk)
    now = others.filter(**{f"{model.address_field}__in": slugs})
    taken = set(now.values_list(model.address_field, flat=True))
    taken |= {slug for slug, row in former_rows(model, slugs).items() if row != pk}
    return [slug for slug in slugs if slug not in taken]


def keep_only(row: RenamableModel, slugs: Iterable[str]) -> tuple[list[str], list[str]]:
    """Make `slugs` the former slugs of a row. Return those added and those removed."""
    before, wanted = row.former_names(), list(slugs)
    new = [slug for slug in wanted if slug not in before]
    gone = [slug for slug in before if slug not in wanted]
    if gone:
        row.former_slugs.filter(slug__in=gone).delete()
    remember(row, new)
    return new, gone


def replace_former(row: RenamableModel, slugs: Sequence[str]) -> None:
    """Make `slugs` the former slugs of a row, in this order."""
    if list(row.former_slugs.order_by("pk").values_list("slug", flat=True)) != list(slugs):
        row.former_slugs.all().delete()
        remember(row, slugs)


def first_slugs(model: type[RenamableModel], pks: Iterable[int]) -> dict[int, str]:
    """Map the primary keys of rows that were renamed to their first slugs. One query."""
    found = _former_slugs_of(model).filter(object_id__in=list(pks)).order_by("-pk")
    return dict(found.values_list("object_id", "slug"))


def present_slug(rows: models.QuerySet[Any], former: str) -> str | None:
    """Return the present slug of the row whose former slug is `former`, if any. One query."""
    found = rows.order_by().filter(former_slugs__slug=former)
    return found.values_list(rows.model.address_field, flat=True).first()


def redirects_former_slugs(
    rows: Callable[..., models.QuerySet[Any]], name: str = "slug"
) -> Callable[[View], View]:
    """Decorate a view that raises Http404 for a slug, to redirect from a former slug.

    A request for a former slug of one of `rows()` is redirected to the present address in the
    same form and language, with the same query string. `name` is the view's argument that holds
    the slug; `rows` is called with the others. One query where the view found nothing, else none.
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
            match: Any = request.resolver_match  # the stubs do not know `captured_kwargs`
            path = reverse(match.view_name, kwargs=match.captured_kwargs | {name: present})
            query = request.META.get("QUERY_STRING")
            response = HttpResponsePermanentRedirect(f"{path}?{query}" if query else path)
            # Browsers cache permanent redirects, and would loop after the row is renamed back.
            response["Cache-Control"] = "no-cache"
            return response

        return wrapped

    return decorate
