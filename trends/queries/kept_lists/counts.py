"""Reading the kept counts of lists, in all and for each value of a facet."""

from collections import Counter
from collections.abc import Collection

from django.db import connection

from trends.models import VOCABULARIES

IN_FORCE, PUBLISHED = "in_force", "published"
"""Lists of trends. Others are of those in force that have a value of a facet: "tag:3"."""
TAGGED = "published:tag:{}"
"""The published trends that have a tag, which are counted by their tags."""
CHANGES, FORECASTS = "changes", "forecasts"
"""Lists of what is on published trends. Facets of changes are "what", and each value of that with
the days on which they are dated."""
CROSSED = ("status", "confidence", "year", "tag", "audience")
"""The facets whose values have lists of their own. Experts have too few trends to need it."""

Counted = tuple[str, str, str]
"""Of which list, facet, value."""


class KeptCounts:
    """Numbers of rows of a list, or of several without a row in common, in all and by facet.

    One query each.
    """

    @staticmethod
    def number(
        of: str | Collection[str] = IN_FORCE, facet: str = "", values: Collection[str] = ("",)
    ) -> int:
        """Return the number of trends of a list that have one of some exclusive values."""
        return sum(KeptCounts.by_value(of, facet, values).values())

    @staticmethod
    def by_value(
        of: str | Collection[str], facet: str, values: Collection[str] = ()
    ) -> dict[str, int]:
        """Return the number of trends for each value of a facet, or for some of them."""
        lists = [of] if isinstance(of, str) else list(of)
        where = f"AND {_is_one_of('value', values)} " if values else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT value, SUM(number) FROM trends_listcount WHERE {_is_one_of('of', lists)} "
                f"AND facet = %s {where}GROUP BY value HAVING SUM(number) > 0",
                [*lists, facet, *values],
            )
            return {value: int(number) for value, number in cursor.fetchall()}

    @staticmethod
    def between(of: str, facets: Collection[str], first: str, last: str) -> dict[str, int]:
        """Return the number of rows with a value from `first` to `last`, for each facet."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT facet, SUM(number) FROM trends_listcount WHERE of = %s "
                f"AND {_is_one_of('facet', facets)} AND value BETWEEN %s AND %s "
                "GROUP BY facet HAVING SUM(number) > 0",
                [of, *facets, first, last],
            )
            return {facet: int(number) for facet, number in cursor.fetchall()}

    @staticmethod
    def all_of(of: str) -> dict[tuple[str, str], int]:
        """Return the number of rows for each facet and value."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT facet, value, SUM(number) FROM trends_listcount WHERE of = %s "
                "GROUP BY facet, value HAVING SUM(number) > 0",
                [of],
            )
            return {(facet, value): int(number) for facet, value, number in cursor.fetchall()}

    @staticmethod
    def most(
        name: str, of: str | Collection[str], asked: Collection[str], most: int
    ) -> Counter[str]:
        """Return the slugs of a vocabulary with the most trends, and always those `asked` for."""
        lists = [of] if isinstance(of, str) else list(of)
        table = connection.ops.quote_name(VOCABULARIES[name].model._meta.db_table)
        rank = _is_one_of("slug", asked) if asked else "1 = 0"
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT slug, SUM(number) FROM trends_listcount JOIN {table} AS named "
                f"ON named.id = CAST(value AS bigint) WHERE {_is_one_of('of', lists)} "
                "AND facet = %s "
                f"GROUP BY slug HAVING SUM(number) > 0 ORDER BY {rank} DESC, 2 DESC, slug "
                f"LIMIT {most + len(asked)}",
                [*lists, name, *asked],
            )
            return Counter({slug: int(number) for slug, number in cursor.fetchall()})


def _is_one_of(column: str, values: Collection[str]) -> str:
    return f"{column} IN ({', '.join(['%s'] * len(values))})"
