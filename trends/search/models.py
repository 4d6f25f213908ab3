"""The index: what is searched, in the form that each database searches.

SQLite has an FTS5 table beside the documents, kept by triggers, PostgreSQL a tsvector with a GIN
index. Ranking and everything else is the same for both, and stands in `results`.
"""

import datetime
from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.db.models.lookups import Lookup
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

from trends.search.terms import Term, words_of


class DocumentKind(models.TextChoices):
    """Where on a trend's page a text stands."""

    TITLE = "title", _("Title")
    RETIREMENT = "retirement", _("Retirement")
    SHIFT = "shift", _("The shift")
    DRIVER = "driver", _("Key drivers")
    IMPLICATION = "implication", _("Implications")
    TIMELINE = "timeline", _("Timeline")
    ASSESSMENT = "assessment", _("Judgement")
    MENTION = "mention", _("Quotations")
    EXPERT = "expert", _("Experts")
    VIDEO = "video", _("Videos")
    TAG = "tag", _("Tags")
    SOURCE = "source", _("Sources")


class Weight(models.IntegerChoices):
    """A title counts above a text, a text above others’ words."""

    QUOTATION = 1
    BODY = 2
    TITLE = 3


class TermsField(models.Field):
    """The words of a row's text in their order. They are written and searched, never read."""

    def pre_save(self, model_instance: models.Model, add: bool) -> list[str]:
        return words_of(model_instance.text)

    def value_to_string(self, obj: models.Model) -> str:
        """For dumps: the same whichever database is dumped."""
        return " ".join(words_of(obj.text))

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def get_db_prep_value(
        self, value: list[str] | str, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> str:
        words = value.split() if isinstance(value, str) else value
        # No word holds a quotation mark: words are letters and digits.
        if connection.vendor == "postgresql":
            return " ".join(f"'{word}':{place}" for place, word in enumerate(words, start=1))
        return " ".join(words)


@TermsField.register_lookup
class Matches(Lookup):
    """`terms__matches=term`: the rows that hold a `Term`."""

    lookup_name = "matches"
    prepare_rhs = False

    def get_db_prep_lookup(self, value: Term, connection: BaseDatabaseWrapper) -> tuple:
        if connection.vendor == "postgresql":
            words = " <-> ".join(f"'{word}'" for word in value.words)
            return "%s::tsquery", [words + (":*" if value.is_beginning else "")]
        phrase = f'"{" ".join(value.words)}"'
        return "%s", [phrase + ("*" if value.is_beginning else "")]

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        terms, lhs_params = self.process_lhs(compiler, connection)
        query, params = self.process_rhs(compiler, connection)
        return f"{terms} @@ {query}", [*lhs_params, *params]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        query, params = self.process_rhs(compiler, connection)
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        found = f"SELECT rowid FROM trends_searchindex WHERE trends_searchindex MATCH {query}"
        return f"{table}.id IN ({found})", params


class SearchDocumentQuerySet(models.QuerySet):
    def for_readers(self, at: datetime.date) -> "SearchDocumentQuerySet":
        """Those of trends published on a day; why one is retired, once it is."""
        return self.filter(
            ~Q(kind=DocumentKind.RETIREMENT) | Q(trend__retired__lte=at), trend__published__lte=at
        )


@TermsField.register_lookup
class MatchesOn(Matches):
    """`terms__matches_on=(term, trends)`: the rows of trends, by primary key, that hold a term.

    With them alone SQLite does not put by all other rows that hold it, which may be most of them.
    """

    lookup_name = "matches_on"

    def get_db_prep_lookup(self, value: tuple, connection: BaseDatabaseWrapper) -> tuple:
        return super().get_db_prep_lookup(value[0], connection)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        found, params = super().as_sql(compiler, connection)
        places = ", ".join(["%s"] * len(self.rhs[1]))
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        return f"({found} AND {table}.trend_id IN ({places}))", [*params, *self.rhs[1]]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        query, params = self.process_rhs(compiler, connection)
        places = ", ".join(["%s"] * len(self.rhs[1]))
        # The sign keeps SQLite from searching anew for each row.
        found = (
            f"SELECT rowid FROM trends_searchindex WHERE trends_searchindex MATCH {query} "
            f"AND +rowid IN (SELECT id FROM trends_searchdocument WHERE trend_id IN ({places}))"
        )
        table = compiler.quote_name_unless_alias(self.lhs.alias)
        return f"{table}.id IN ({found})", [*params, *self.rhs[1]]


class SearchDocument(models.Model):
    """A piece of text of a trend in one language, as `documents` cuts it.

    Drafts and scheduled trends are there too, and why a trend will be retired: what of it readers
    see is asked when they search.
    """

    trend = models.ForeignKey("trends.Trend", models.CASCADE, related_name="search_documents")
    kind = models.CharField(max_length=20, choices=DocumentKind)
    object_id = models.BigIntegerField()
    # Where on the page it stands, if that has a link of its own.
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
    """A word that stands in some text, for those who misspell it.

    A word stays when its text goes, until the index is made anew: what is suggested to a reader
    is searched for first.
    """

    word = models.CharField(max_length=64, unique=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.word
