"""The table of what translations were made from."""

from typing import Any, ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone


class TranslationStateQuerySet(models.QuerySet["TranslationState"]):
    """States of translations, of one row or of many."""

    def stale(self, language: str) -> "TranslationStateQuerySet":
        """Return those of texts in a language whose source has changed its meaning since."""
        return self.filter(language=language, stale_since__isnull=False)

    def of_rows(self, rows: "list[models.Model]") -> "TranslationStateQuerySet":
        """Return those of the texts of these rows. One query when it is evaluated."""
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
    """What a text in a language was translated from, where that does not go without saying.

    Most texts have none: they are translations of the text in the first language, as it is now.
    One with `stale_since` was made from `source_text`, which has changed its meaning since. One
    without it only tells that the source is the text in another language than the first.
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
        default_permissions = ()  # who may change a text may say that it is still right
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
        """Note on the unsaved state that the source is no longer what it was."""
        self.source_text = source_text
        self.stale_since = timezone.now()

    def make_right(self) -> None:
        """Note on the unsaved state that the text says what its source says now."""
        self.source_text = ""
        self.stale_since = None
