"""Directories: the lists of all experts, tags and audiences by name."""

import datetime
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trends.models import VOCABULARIES, Trend, Vocabulary
from trends.queries.kept_lists.counts import PUBLISHED, KeptCounts, are_kept
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
        are kept, one for the names, and one for each slice; and one for the numbers if they are.
        """
        if are_kept(today):
            return self._with_kept_numbers(language)
        published = Trend.objects.published(today)
        path = self.vocabulary.trends
        links = self.vocabulary.links_to(published).filter(**{self.vocabulary.row: OuterRef("pk")})
        used = self.vocabulary.model._default_manager.filter(Exists(links))
        among = Q(**{f"{path}__in": published})
        counted = used.annotate(on_trends=Count(path, filter=among, distinct=True))
        return InOrder(counted, by_name(used, self.name, language))

    def _with_kept_numbers(self, language: str) -> InOrder:
        (name,) = (name for name, found in VOCABULARIES.items() if found is self.vocabulary)
        numbers = {int(pk): number for pk, number in KeptCounts.by_value(PUBLISHED, name).items()}
        rows = self.vocabulary.model._default_manager.all()
        named = [pk for pk in by_name(rows, self.name, language) if pk in numbers]
        return InOrder(rows, named, lambda row: setattr(row, "on_trends", numbers[row.pk]))


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
