"""Reading the kept counts of lists, in all and for each value of a facet."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

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


Lists = str | Collection[str]
"""A list, or several without a row in common, whose numbers are added."""


def number_of(of: Lists = IN_FORCE, facet: str = "", values: Collection[str] = ("",)) -> int:
    """Return the number of rows of lists that have one of some exclusive values. One query."""
    return sum(counts_by_value(of, facet, values).values())


def counts_by_value(of: Lists, facet: str, values: Collection[str] = ()) -> dict[str, int]:
    """Return the number of rows for each value of a facet, or for some of them. One query."""
    lists = _listed(of)
    where = f"AND {_is_one_of('value', values)} " if values else ""
    return dict(
        _sums(
            f"SELECT value, SUM(number) FROM trends_listcount WHERE {_is_one_of('of', lists)} "
            f"AND facet = %s {where}GROUP BY value HAVING SUM(number) > 0",
            [*lists, facet, *values],
        )
    )


def counts_between(of: str, facets: Collection[str], first: str, last: str) -> dict[str, int]:
    """Return the number of rows with a value from `first` to `last`, by facet. One query."""
    return dict(
        _sums(
            "SELECT facet, SUM(number) FROM trends_listcount WHERE of = %s "
            f"AND {_is_one_of('facet', facets)} AND value BETWEEN %s AND %s "
            "GROUP BY facet HAVING SUM(number) > 0",
            [of, *facets, first, last],
        )
    )


def counts_by_facet(of: str) -> dict[tuple[str, str], int]:
    """Return the number of rows for each facet and value. One query."""
    rows = _sums(
        "SELECT facet, value, SUM(number) FROM trends_listcount WHERE of = %s "
        "GROUP BY facet, value HAVING SUM(number) > 0",
        [of],
    )
    return {(facet, value): number for facet, value, number in rows}


def most_counted(name: str, of: Lists, asked: Collection[str], most: int) -> Counter[str]:
    """Return the slugs of a vocabulary with the most trends, and always those `asked` for.

    One query.
    """
    lists = _listed(of)
    table = connection.ops.quote_name(VOCABULARIES[name].model._meta.db_table)
    rank = _is_one_of("slug", asked) if asked else "1 = 0"
    rows = _sums(
        f"SELECT slug, SUM(number) FROM trends_listcount JOIN {table} AS named "
        f"ON named.id = CAST(value AS bigint) WHERE {_is_one_of('of', lists)} AND facet = %s "
        f"GROUP BY slug HAVING SUM(number) > 0 ORDER BY {rank} DESC, 2 DESC, slug "
        f"LIMIT {most + len(asked)}",
        [*lists, name, *asked],
    )
    return Counter(dict(rows))


# Any: texts, and a number at the end.
def _sums(sql: str, params: Sequence[str]) -> Iterator[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for *key, number in cursor.fetchall():
            yield *key, int(number)


def _listed(of: Lists) -> list[str]:
    return [of] if isinstance(of, str) else list(of)


def _is_one_of(column: str, values: Collection[str]) -> str:
    return f"{column} IN ({', '.join(['%s'] * len(values))})"
