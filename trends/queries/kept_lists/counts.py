"""How many trends lists have, in all and of each value of a facet, as it is kept."""

import datetime
from collections import Counter
from collections.abc import Collection

from django.db import connection

from trends.models import VOCABULARIES

IN_FORCE, PUBLISHED = "in_force", "published"
"""Lists of trends. Others are of those in force that have a value of a facet: "tag:3"."""
CROSSED = ("status", "confidence", "year", "tag", "audience")
"""The facets whose values have lists of their own. Experts have too few trends to need it."""

_ARE_KEPT = """
    SELECT NOT (
        EXISTS (SELECT 1 FROM trends_unlistedchange)
        OR EXISTS (SELECT 1 FROM trends_listedtrend WHERE until <= %s)
        OR EXISTS (SELECT 1 FROM trends_listedtrend WHERE valid_from > %s)
    )
"""


def are_kept(today: datetime.date) -> bool:
    """Tell whether what is kept of lists is true on a day. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ARE_KEPT, [today, today])
        return bool(cursor.fetchone()[0])


class KeptCounts:
    """The numbers of trends of a list, in all and by facet. One query each."""

    @staticmethod
    def number(of: str = IN_FORCE, facet: str = "", values: Collection[str] = ("",)) -> int:
        """Return how many trends of a list have one of the values, which exclude each other."""
        return sum(KeptCounts.by_value(of, facet, values).values())

    @staticmethod
    def by_value(of: str, facet: str, values: Collection[str] = ()) -> dict[str, int]:
        """Return the number of trends for each value of a facet, or for some of them."""
        where = f"AND value IN ({', '.join(['%s'] * len(values))}) " if values else ""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT value, SUM(number) FROM trends_listcount WHERE of = %s AND facet = %s "
                f"{where}GROUP BY value HAVING SUM(number) > 0",
                [of, facet, *values],
            )
            return {value: int(number) for value, number in cursor.fetchall()}

    @staticmethod
    def most(name: str, of: str, asked: Collection[str], most: int) -> Counter[str]:
        """Return the slugs of a vocabulary with the most trends, those asked for among them."""
        table = connection.ops.quote_name(VOCABULARIES[name].model._meta.db_table)
        rank = f"slug IN ({', '.join(['%s'] * len(asked))})" if asked else "1 = 0"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT slug, SUM(number) FROM trends_listcount JOIN {table} AS named "
                "ON named.id = CAST(value AS bigint) WHERE of = %s AND facet = %s "
                f"GROUP BY slug HAVING SUM(number) > 0 ORDER BY {rank} DESC, 2 DESC, slug "
                f"LIMIT {most + len(asked)}",
                [of, name, *asked],
            )
            return Counter({slug: int(number) for slug, number in cursor.fetchall()})
