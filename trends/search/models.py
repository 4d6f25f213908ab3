"""The tables of the search index, and the lookups that search them.

SQLite has an FTS5 table beside the documents and one beside the words of trends, which triggers
keep up to date; PostgreSQL has tsvectors with GIN indexes. Results are ranked in Python, so that
both give the same.
"""

import datetime
import re
from typing import Any, cast

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

from trends.search.terms import Phrase, words_of


class DocumentKind(models.TextChoices):
    """The part of a trend's page that a text is from."""

    TITLE = "title", _("Title")
    KEY_POINTS = "key-points", _("Key points")
    RETIREMENT = "retirement", _("Retirement")
    SHIFT = "shift", _("The shift")
    DRIVER = "driver", _("Key drivers")
    IMPLICATION = "implication", _("Implications")
    TIMELINE = "timeline", _("Timeline")
    SCHEDULED = "scheduled", _("Scheduled dates")
    FORECAST = "forecast", _("Forecasts")
    ASSESSMENT = "assessment", _("Assessment")
    FALSIFIER = "falsifier", _("What would change our mind")
    MENTION = "mention", _("Quotations")
    EXPERT = "expert", _("People quoted")
    VIDEO = "video", _("Videos")
    TAG = "tag", _("Tags")
    SOURCE = "source", _("Sources")


class Weight(models.IntegerChoices):
    """The weight of a match: in a title, in a text, or in a quotation."""

    QUOTATION = 1
    BODY = 2
    TITLE = 3


class TermsField(models.Field[list[str], str]):
    """The index words of a row's text, in order, but as PostgreSQL returns them."""

    def from_db_value(
        self, value: str, _expression: object, connection: BaseDatabaseWrapper
    ) -> list[str]:
        if connection.vendor == "postgresql":
            return re.findall(r"'(\w+)'", value)
        return value.split()

    def pre_save(self, model_instance: models.Model, add: bool) -> list[str]:
        return words_of(cast(SearchDocument, model_instance).text)

    def value_to_string(self, obj: models.Model) -> str:
        """Return the words for a dump, the same from either database."""
        return " ".join(words_of(cast(SearchDocument, obj).text))

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(
        self, value: list[str] | str, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> str:
        words = value.split() if isinstance(value, str) else value
        # Words need no quoting: they consist of letters and digits.
        if connection.vendor == "postgresql":
            return " ".join(f"'{word}':{place}" for place, word in enumerate(words, start=1))
        return " ".join(words)


class DistinctWordsField(TermsField):
    """The distinct index words of several texts, in no order."""

    def pre_save(self, model_instance: models.Model, add: bool) -> list[str]:
        words: list[str] = getattr(model_instance, self.attname)
        return words

    def value_to_string(self, obj: models.Model) -> str:
        """Return the words for a dump, the same from either database."""
        return " ".join(sorted(getattr(obj, self.attname)))

    def get_db_prep_value(
        self, value: list[str] | str, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> str:
        words = value.split() if isinstance(value, str) else value
        # Without positions, of which PostgreSQL stores few.
        form = "'%s'" if connection.vendor == "postgresql" else "%s"
        return " ".join(form % word for word in words)


def _tsquery(phrase: Phrase) -> str:
    words = " <-> ".join(f"'{word}'" for word in phrase.words)
    return f"({words}:*)" if phrase.is_beginning else f"({words})"


def _fts5_query(phrase: Phrase) -> str:
    words = " ".join(phrase.words)
    return f'"{words}"*' if phrase.is_beginning else f'"{words}"'


@TermsField.register_lookup
class MatchesTerm(Lookup[Any]):  # Any: a term, which is no text
    """`terms__matches=term`: rows that contain a `Term`."""

    lookup_name = "matches"
    prepare_rhs = False

    # Any: Django's own lookups compare texts and numbers.
    def get_db_prep_lookup(
        self, value: Any, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        if connection.vendor == "postgresql":
            return "%s::tsquery", (" | ".join(map(_tsquery, value.phrases)),)
        return "%s", (" OR ".join(map(_fts5_query, value.phrases)),)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        terms, lhs_params = self.process_lhs(compiler, connection)
        query, params = self.process_rhs(compiler, connection)
        return f"{terms} @@ {query}", [*lhs_params, *params]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        query, params = self.process_rhs(compiler, connection)
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        found = f"SELECT rowid FROM trends_searchindex WHERE trends_searchindex MATCH {query}"
        return f"{table}.id IN ({found})", params


class SearchDocumentQuerySet(models.QuerySet["SearchDocument"]):
    def for_readers(self, at: datetime.date) -> "SearchDocumentQuerySet":
        """Return the documents that readers see on a day.

        They are those of published trends. Notes on retirement are left out before its day.
        """
        return self.filter(
            ~Q(kind=DocumentKind.RETIREMENT) | Q(trend__retired__lte=at), trend__published__lte=at
        )


@TermsField.register_lookup
class HoldsTerm(MatchesTerm):
    """`terms__holds=term`: the same rows as `matches`, without the index.

    For the rows of some trends: it takes the same time however common the term is.
    """

    lookup_name = "holds"

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        found, params = super().as_sql(compiler, connection)
        return f"({found}) IS TRUE", params  # which no index answers

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        terms, _params = self.process_lhs(compiler, connection)
        phrases = self.rhs.phrases
        found = " OR ".join([f"instr(' ' || {terms} || ' ', %s)"] * len(phrases))
        ends = ["" if phrase.is_beginning else " " for phrase in phrases]
        return f"({found})", [
            f" {' '.join(phrase.words)}{end}" for phrase, end in zip(phrases, ends, strict=True)
        ]


class SearchDocument(models.Model):
    """A text of a trend in one language, at most 4,000 characters of it.

    Drafts, scheduled trends and future retirements are indexed too; `for_readers()` leaves out
    what readers may not see yet.
    """

    trend = models.ForeignKey("trends.Trend", models.CASCADE, related_name="search_documents")
    kind = models.CharField(max_length=20, choices=DocumentKind)
    object_id = models.BigIntegerField()
    # The fragment of its permanent link, if it has one.
    anchor = models.CharField(max_length=80, null=True)
    language = models.CharField(max_length=35, blank=True)
    weight = models.PositiveSmallIntegerField(choices=Weight)
    text = models.TextField()
    terms = TermsField()

    objects = SearchDocumentQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["kind", "object_id"], name="trends_searchdoc_object")]

    def __str__(self) -> str:
        return self.text


class TrendWords(models.Model):
    """The index words of all documents of a trend, and those of its titles.

    They tell which trends contain a common word without reading the documents of each; written by
    `trends.search.trend_words`.
    """

    trend = models.OneToOneField("trends.Trend", models.CASCADE, primary_key=True, related_name="+")
    title_words = DistinctWordsField()
    words = DistinctWordsField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.trend_id)


class SearchWord(models.Model):
    """A word that occurs in texts, which can be suggested for a misspelt one.

    Words are not deleted with their texts, only by `rebuild_search`. A suggestion is searched for
    before it is shown.
    """

    word = models.CharField(max_length=64, unique=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.word
