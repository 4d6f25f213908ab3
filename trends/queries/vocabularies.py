"""Who and what trends hang on, by name: the experts, the tags, the audiences.

Each list holds what its own pages have something to show of: what a published trend has.
"""

import datetime
from dataclasses import dataclass

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from quotes.models import Expert
from trends.models import Audience, Implication, TaggedTrend, Trend, TrendMention
from trends.queries.ordering import InOrder, by_name
from trendsite.shared.models import Tag


@dataclass(frozen=True)
class Directory:
    """A vocabulary as a page: of which rows, named by which text, found on trends by which path."""

    heading: str | Promise
    lead: str | Promise
    empty: str | Promise
    model: type[models.Model]
    name: str
    link: type[models.Model]
    trend: str
    row: str
    path: str
    describes: bool = False
    """Does the list say more of a row than its name? Of experts their role."""

    def rows(self, language: str, today: datetime.date) -> InOrder:
        """The rows that published trends have, in the order of their names, to slice.

        Each of a slice with the number of these trends as `on_trends`. One query for the names
        and one a slice, whatever their number.
        """
        published = Trend.objects.published(today)
        links = self.link.objects.filter(
            **{self.row: OuterRef("pk"), f"{self.trend}__in": published}
        )
        used = self.model.objects.filter(Exists(links))
        among = Q(**{f"{self.path}__in": published})
        counted = used.annotate(on_trends=Count(self.path, filter=among, distinct=True))
        return InOrder(counted, by_name(used, self.name, language))


EXPERTS = Directory(
    heading=_("Experts"),
    lead=_("Whose words trends rest on, with all that is quoted of each."),
    empty=_("No published trend quotes anybody yet."),
    model=Expert,
    name="name",
    link=TrendMention,
    trend="trend",
    row="mention__expert",
    path="mentions__trend_mentions__trend",
    describes=True,
)
TAGS = Directory(
    heading=_("Tags"),
    lead=_("What trends are about, with the trends and quotations of each."),
    empty=_("No published trend has a tag yet."),
    model=Tag,
    name="label",
    link=TaggedTrend,
    trend="content_object",
    row="tag",
    path="tagged_trends__content_object",
)
AUDIENCES = Directory(
    heading=_("Audiences"),
    lead=_("Whom trends concern, with what all of them mean for each."),
    empty=_("No published trend says yet whom it concerns."),
    model=Audience,
    name="label",
    link=Implication,
    trend="trend",
    row="audience",
    path="implications__trend",
)
