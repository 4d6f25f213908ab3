"""Which rows cite sources: one table for all questions, and SQL that is built once."""

import pytest
from django.db.models import Value

from quotes.models import Source
from tests.support.make import make_source, make_trend
from trends.models import Trend
from trends.queries.citations import CITING, cited_source_ids, cited_sources
from trends.queries.compiled import CompiledQuery, parameter, union_arm


def test_every_relation_to_a_source_is_a_kind_of_citation():
    relations = {
        relation.through if relation.many_to_many else relation.related_model
        for relation in Source._meta.related_objects
    }
    tables = {
        kind.links._meta.get_field(kind.source.split("__")[0]).related_model
        if "__" in kind.source
        else kind.links
        for kind in CITING.values()
    }
    assert relations - {Trend} == tables  # a trend has its reading through `Reading`


@pytest.mark.django_db
def test_each_trend_has_its_own_citations():
    one, two = make_trend("one"), make_trend("two")
    report, paper = make_source("report"), make_source("paper")
    one.shift_sources.add(report)
    two.shift_sources.add(paper, report)
    assert cited_sources(one) == {("shift", one.pk): [report]}
    assert cited_source_ids(two) == {paper.pk, report.pk}


@pytest.mark.django_db
def test_a_compiled_query_is_built_once_and_takes_new_values_each_time():
    built = []

    @CompiledQuery
    def trend_exists():
        built.append("once")
        arm = union_arm(Trend, {"pk": parameter("trend")}, named=Value("%s"), found=Value(7))
        return arm.query.sql_with_params()

    one, two = make_trend("one"), make_trend("two")
    assert trend_exists.rows(trend=one.pk) == [("%s", 7)]
    assert trend_exists.rows(trend=two.pk) == [("%s", 7)]
    assert trend_exists.rows(trend=two.pk + 1) == []
    assert built == ["once"]
