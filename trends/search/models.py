"""The tables of the search index, and the lookups that search them.

SQLite has an FTS5 table beside the documents, which triggers keep up to date; PostgreSQL has a
tsvector with a GIN index. Results are ranked in Python, so that both give the same.
"""

import datetime
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
    """The index words of a row's text, in order; written and searched, never read."""

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


def _tsquery(phrase: Phrase) -> str:
    words = " <-> ".join(f"'{word}'" for word in phrase.words)
    return f"({words}:*)" if phrase.is_beginning else f"({words})"


def _fts5_query(phrase: Phrase) -> str:
    words = " ".join(phrase.words)
    return f'"{words}"*' if phrase.is_beginning else f'"{words}"'


@TermsField.register_lookup
class MatchesTerm(Lookup[Any]):  # Any: a term, for a subclass also trends
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
class MatchesTermOnTrends(MatchesTerm):
    """`terms__matches_on=(term, trends)`: rows of trends, by primary key, that contain a `Term`.

    The search is limited to their rows; otherwise SQLite first collects all rows with the term.
    """

    lookup_name = "matches_on"

    def get_db_prep_lookup(
        self, value: Any, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        return super().get_db_prep_lookup(value[0], connection)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        found, params = super().as_sql(compiler, connection)
        places = ", ".join(["%s"] * len(self.rhs[1]))
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        return f"({found} AND {table}.trend_id IN ({places}))", [*params, *self.rhs[1]]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        query, params = self.process_rhs(compiler, connection)
        places = ", ".join(["%s"] * len(self.rhs[1]))
        # The unary plus hides rowid from the planner, which would search again for each row.
        found = (
            f"SELECT rowid FROM trends_searchindex WHERE trends_searchindex MATCH {query} "
            f"AND +rowid IN (SELECT id FROM trends_searchdocument WHERE trend_id IN ({places}))"
        )
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        return f"{table}.id IN ({found})", [*params, *self.rhs[1]]


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
