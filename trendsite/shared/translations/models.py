"""The table of states of translations."""

from typing import Any, ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone


class TranslationStateQuerySet(models.QuerySet["TranslationState"]):
    """The queryset of states of translations."""

    def stale(self, language: str) -> "TranslationStateQuerySet":
        """Return the states of stale texts in a language."""
        return self.filter(language=language, stale_since__isnull=False)

    def of_rows(self, rows: "list[models.Model]") -> "TranslationStateQuerySet":
        """Return the states of the texts of rows, which may be of several models. One query."""
        pks: dict[type[models.Model], list[Any]] = {}
        for row in rows:
            pks.setdefault(type(row), []).append(row.pk)
        condition = models.Q(pk__in=[])
        for model, keys in pks.items():
            content_type = ContentType.objects.get_for_model(model)
            condition |= models.Q(content_type=content_type, object_id__in=keys)
        return self.filter(condition)


TranslationStateManager = models.Manager.from_queryset(TranslationStateQuerySet)


class TranslationState(models.Model):
    """From what a text in a language was translated, if that is not the default.

    Most texts have no state: they are translations of the present text in the first language. A
    state with `stale_since` says that the text was translated from `source_text`, and that the
    source has changed its meaning since. A state without it only says that the source is the text
    in `source_language`, which is not the first language.
    """

    content_type = models.ForeignKey(ContentType, models.CASCADE, related_name="+")
    object_id = models.BigIntegerField()
    field = models.CharField(max_length=40)
    language = models.CharField(max_length=35)
    # Empty for original words, such as those of a quotation.
    source_language = models.CharField(max_length=35, blank=True)
    source_text = models.TextField(blank=True)
    stale_since = models.DateTimeField(null=True)
    row = GenericForeignKey()

    objects: ClassVar["TranslationStateManager[TranslationState]"] = TranslationStateManager()

    class Meta:
        default_permissions = ()  # those of the row apply
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "field", "language"],
                name="trendsite_translation_state_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.source_language} → {self.language}"

    def copied_to(self, row_pk: int) -> "TranslationState":
        """Return an unsaved copy for another row of the same model."""
        names = ["content_type", "field", "language", "source_language", "source_text"]
        values = {name: getattr(self, name) for name in [*names, "stale_since"]}
        return TranslationState(object_id=row_pk, **values)

    def make_stale(self, source_text: str) -> None:
        """Set the attributes for a stale text whose source was `source_text`, without saving."""
        self.source_text = source_text
        self.stale_since = timezone.now()

    def make_right(self) -> None:
        """Set the attributes for a text that is up to date, without saving."""
        self.source_text = ""
        self.stale_since = None
