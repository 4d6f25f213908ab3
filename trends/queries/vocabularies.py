"""Directories: the lists of all experts, tags and audiences by name."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from trends.models import VOCABULARIES, Vocabulary
from trends.queries.kept_lists.counts import PUBLISHED, counts_by_value
from trends.queries.lazy_lists import LazyList, in_order
from trends.queries.ordering import by_name


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

    def rows(self, language: str) -> LazyList[Any]:
        """Return the rows of published trends with the number of these as `on_trends`.

        They are ordered by name in a language. One query for the numbers, one for the names, and
        one for each slice.
        """
        (name,) = (name for name, found in VOCABULARIES.items() if found is self.vocabulary)
        numbers = {int(pk): number for pk, number in counts_by_value(PUBLISHED, name).items()}
        rows = self.vocabulary.model._default_manager.all()
        named = [pk for pk in by_name(rows, self.name, language) if pk in numbers]

        def read(first: int, last: int) -> list[Any]:
            part = named[first:last]
            found = in_order(rows.filter(pk__in=part).order_by(), part)
            for row in found:
                row.on_trends = numbers[row.pk]
            return found

        return LazyList(len(named), read)


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
