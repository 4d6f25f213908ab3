"""How many queries a load takes for each trend."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.loading import VOCABULARY, WHOLE, changed, load, load_texts, write

pytestmark = pytest.mark.django_db

# Of a new trend: a query for what is there already of sources, videos, mentions and its address,
# and an INSERT for each table of its parts. Of one that is there: a query for each table instead,
# and what a save of its row takes besides. Without the search index and cards.
NEW, SAME, CHANGED = 20, 20, 25


def test_each_trend_of_a_load_takes_the_same_queries(tmp_path):
    def texts(*names: str, title: str = "Whole") -> dict[str, str]:
        return {
            name: changed(
                WHOLE,
                ("trend: whole", f"trend: {name}"),
                ("title: {en: Whole", f"title: {{en: {title}"),
            )
            for name in names
        }

    def queries_for_each(**of_load: str) -> int:
        """Return how many queries a trend more adds to a load."""
        counts = []
        for names in (["b"], ["c", "d"], ["e", "f", "g"]):
            paths = write(tmp_path, **texts(*names, **of_load))
            with CaptureQueriesContext(connection) as queries:
                load(*paths)
            counts.append(len(queries))
        assert counts[1] - counts[0] == counts[2] - counts[1]
        return counts[1] - counts[0]

    # The first brings the sources, videos and mentions that all share.
    load_texts(tmp_path, vocabulary=VOCABULARY, **texts("a"))
    assert queries_for_each() == NEW
    assert queries_for_each() == SAME
    assert queries_for_each(title="Changed") == CHANGED
