"""How the database answers a query."""

from django.db import connection


def plan_of(sql: str) -> list[str]:
    """Return the steps by which the database answers a query where it can use an index.

    For PostgreSQL a few thousand rows are too few to prefer one.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for other in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{other} = off")
            cursor.execute(f"EXPLAIN (COSTS OFF) {sql}")
            return [row[0].strip().removeprefix("->").strip() for row in cursor.fetchall()]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return [row[-1] for row in cursor.fetchall()]
