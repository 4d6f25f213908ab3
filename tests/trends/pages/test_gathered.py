"""Templates ask for no rows: what a page shows is gathered before it renders."""

import datetime
from collections.abc import Callable

import pytest
from django.db import connection
from django.template.backends.django import Template

from tests.support.editing import make_editor
from tests.support.make import make_trend
from trends.models import Trend

pytestmark = [pytest.mark.django_db, pytest.mark.searched]


@pytest.fixture
def rendered(monkeypatch) -> list[str]:
    """Let a query that a template asks for fail; gives the names of the rendered templates."""
    names: list[str] = []
    render = Template.render

    def refuse(execute: Callable, sql: str, *args: object) -> None:
        raise AssertionError(f"A template asks: {sql}")

    def render_without_queries(template: Template, *args: object, **kwargs: object) -> str:
        names.append(template.template.name)
        with connection.execute_wrapper(refuse):
            return render(template, *args, **kwargs)

    monkeypatch.setattr(Template, "render", render_without_queries)
    return names


@pytest.fixture(scope="class")
def trend(rows_of_class) -> Trend:
    """A trend with all parts, related to another one and succeeding a third."""
    rows = {"drivers": 2, "implications": 3, "timeline": 2, "mentions": 2, "assessments": 2}
    trend = make_trend(tags=["strategy", "cost"], reading=1, **rows)
    other = make_trend("other-trend", tags=["strategy"], mentions=1, assessments=2)
    retired = make_trend(
        "retired-trend", tags=["cost"], assessments=1, retired=datetime.date.today()
    )
    retired.successors.add(trend, other)
    entry = trend.timeline.first()
    entry.kind, entry.outcome = "forecast", "confirmed"
    entry.save()
    return trend


PAGES = {
    "index": "/en/",
    "index on a timeline": "/en/?view=time",
    "index filtered": "/en/?status=growing&tag=strategy&sort=title",
    "trend": "/en/trends/example-trend/",
    "retired trend": "/en/trends/retired-trend/",
    "tag": "/en/tags/strategy/",
    "audience": "/en/audiences/enterprises/",
    "expert": "/en/experts/mina-example/",
    "source": "/en/sources/example-trend-driver-0/",
    "tags": "/en/tags/",
    "audiences": "/en/audiences/",
    "experts": "/en/experts/",
    "A to Z": "/en/a-z/",
    "forecasts": "/en/forecasts/",
    "forecasts of an outcome": "/en/forecasts/?outcome=confirmed",
    "changes": "/en/changes/",
    "changes of a trend": "/en/changes/?trend=example-trend&from=2000",
    "search": "/en/search/?q=words",
    "search that finds nothing": "/en/search/?q=exampel+nothing",
    "search without words": "/en/search/",
    "feed": "/en/feed.atom",
    "feed of a trend": "/en/trends/example-trend/feed.atom",
    "browser's search": "/en/opensearch.xml",
}


@pytest.mark.usefixtures("trend")
class TestPages:
    @pytest.mark.parametrize("language", ["en", "ja"])
    @pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
    def test_a_page_renders_without_queries(self, client, rendered, address, language):
        response = client.get(address.replace("/en/", f"/{language}/"))
        assert response.status_code == 200
        assert b"<!-- translation note -->" not in response.content
        assert rendered or address.endswith(".atom")

    def test_the_page_of_a_video_renders_without_queries(self, client, rendered, trend):
        video = trend.trend_mentions.first().mention.video
        assert client.get(video.get_absolute_url()).status_code == 200
        assert "pages/video.html" in rendered

    def test_a_preview_renders_without_queries(self, client, rendered, trend):
        Trend.objects.filter(pk=trend.pk).update(published=None)
        client.force_login(make_editor())
        response = client.get(f"/admin/trends/trend/{trend.pk}/preview/ja/")
        assert response.status_code == 200
        assert rendered[0] == "pages/trend.html"
        assert b"<!-- translation note -->" not in response.content


@pytest.mark.parametrize("address", ["/en/nothing/", "/nothing", "/en/trends/nothing/"])
def test_a_missing_page_renders_without_queries(client, rendered, address):
    assert client.get(address).status_code == 404
    assert rendered[0] == "404.html"


def test_an_error_page_renders_without_queries(client, rendered, monkeypatch):
    monkeypatch.setattr("trends.pages.tag.related_tags", lambda *args: 1 / 0)
    client.raise_request_exception = False
    make_trend(tags=["strategy"])
    assert client.get("/en/tags/strategy/").status_code == 500
    assert rendered[0] == "500.html"  # then what it includes, if no page has yet


def test_a_query_of_a_template_would_be_noticed(rendered):
    from django.template.loader import get_template

    trends = Trend.objects.all()
    with pytest.raises(AssertionError, match="A template asks: SELECT"):
        get_template("components/trend_list.html").render({"trends": trends})
