"""Vocabularies, by which trends are filtered: tags, audiences and experts."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, OuterRef, Q

from quotes.models import Expert
from trends.models.audiences import Audience, Implication
from trends.models.links import TaggedTrend, TrendMention
from trendsite.shared.models import Tag

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Vocabulary:
    """A vocabulary: its model, and the table that links its rows to trends."""

    model: type[models.Model]
    text: str
    """The translated text by which readers know a row."""
    links: type[models.Model]
    trend: str
    """Lookup from a link to its trend."""
    row: str
    """Lookup from a link to the row."""
    trends: str
    """Lookup from a row to its trends."""
    links_are_few: bool = False
    """Whether a row has so few trends that a database had better begin with its links."""

    def among(
        self, slugs: Collection[str], trend: str = "pk", *, links_are_few: bool = False
    ) -> Q | Exists:
        """Return a condition for trends that are linked to at least one of the rows with `slugs`.

        `trend` is the lookup of a trend's primary key, for querysets of other models.
        """
        links = self.links._default_manager.filter(**{f"{self.row}__slug__in": slugs}).order_by()
        if links_are_few or self.links_are_few:
            return Q(**{f"{trend}__in": links.values(self.trend)})
        return Exists(links.filter(**{self.trend: OuterRef(trend)}))


VOCABULARIES = {
    "tag": Vocabulary(
        Tag, "label", TaggedTrend, "content_object", "tag", "tagged_trends__content_object"
    ),
    "audience": Vocabulary(
        Audience, "label", Implication, "trend", "audience", "implications__trend"
    ),
    "expert": Vocabulary(
        Expert,
        "name",
        TrendMention,
        "trend",
        "mention__expert",
        "mentions__trend_mentions__trend",
        links_are_few=True,
    ),
}
"""By the name that each has in query strings and addresses."""
