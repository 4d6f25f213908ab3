"""Directories: the lists of all experts, tags and audiences by name."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trends.models import VOCABULARIES, ListCount, Trend, Vocabulary
from trends.queries.kept_lists.counts import PUBLISHED, are_kept
from trends.queries.ordering import InOrder, by_name


@dataclass(frozen=True)
class Directory:
    """The directory of a vocabulary, with the texts of its page."""

    heading: str | Promise
    lead: str | Promise
    empty: str | Promise
    """The text of the page where it lists nothing."""
    vocabulary: Vocabulary
    describes: bool = False
    """Whether the list shows the role of a row beside its name."""

    @property
    def name(self) -> str:
        """Return the translated field by which rows are listed."""
        return self.vocabulary.text

    def rows(self, language: str, today: datetime.date) -> InOrder:
        """Return the rows of published trends, ordered by name in a language.

        Rows of a slice have the number of their trends as `on_trends`. One query whether numbers
        are kept, one for the names, and one for each slice.
        """
        if are_kept(today):
            kept = self._with_kept_numbers()
            return InOrder(kept, by_name(kept, self.name, language))
        published = Trend.objects.published(today)
        path = self.vocabulary.trends
        links = self.vocabulary.links_to(published).filter(**{self.vocabulary.row: OuterRef("pk")})
        used = self.vocabulary.model._default_manager.filter(Exists(links))
        among = Q(**{f"{path}__in": published})
        counted = used.annotate(on_trends=Count(path, filter=among, distinct=True))
        return InOrder(counted, by_name(used, self.name, language))

    def _with_kept_numbers(self) -> QuerySet[Any]:
        (name,) = (name for name, found in VOCABULARIES.items() if found is self.vocabulary)
        counts = ListCount.objects.filter(
            of=PUBLISHED, facet=name, value=Cast(OuterRef("pk"), CharField())
        )
        numbers = counts.order_by().values("facet").annotate(Sum("number")).values("number__sum")
        rows = self.vocabulary.model._default_manager.annotate(on_trends=Subquery(numbers))
        return rows.filter(on_trends__gt=0)


EXPERTS = Directory(
    heading=_("People quoted"),
    lead=_("Everyone quoted here, with all their quotations."),
    empty=_("No published trend has a quotation yet."),
    vocabulary=VOCABULARIES["expert"],
    describes=True,
)
TAGS = Directory(
    heading=_("Tags"),
    lead=_("Topics, with their trends and quotations."),
    empty=_("No published trend has a tag yet."),
    vocabulary=VOCABULARIES["tag"],
)
AUDIENCES = Directory(
    heading=_("By role"),
    lead=_("What the trends mean for each group of readers."),
    empty=_("No published trend has implications yet."),
    vocabulary=VOCABULARIES["audience"],
)
