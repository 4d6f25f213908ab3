"""Filters, their counts and the orders of the index."""

from html.parser import HTMLParser

import pytest
from django.db import connection
from django.http import QueryDict

from tests.support.make import (
    date,
    make_audience,
    make_expert,
    make_mention,
    make_trend,
)
from tests.support.query_counts import FILTERED_INDEX_QUERIES, INDEX_QUERIES
from tests.support.reading import by_role, headings, read, trend_rows
from trends.models import Assessment, Implication, Trend, TrendMention
from trends.queries.facets import count_facets
from trends.queries.filters import MOST_VALUES, ListFilters, filtered
from trends.queries.kept_lists.renewal import renew_lists
from trends.queries.lazy_lists import rows_of
from trends.queries.ordering import by_name, title_key


def filters(query: str) -> ListFilters:
    return ListFilters(QueryDict(query))


def slugs(query: str) -> list[str]:
    found = filtered(Trend.objects.published(), filters(query).frozen)
    return sorted(found.values_list("slug", flat=True))


def counts(query: str, kind: str) -> dict[str, int]:
    renew_lists()
    facets = count_facets(filters(query).chosen)
    found = {facet.name: facet for facet in facets}
    return {choice.value: choice.count for choice in found[kind].choices} if kind in found else {}


def concern(trend: Trend, *audiences: str) -> None:
    for slug in audiences:
        for n in range(2):  # two points for one audience are one trend
            Implication.objects.create(
                trend=trend, audience=make_audience(slug), order=n, lead_en="So", lead_ja="要点"
            )


def quote(trend: Trend, *experts: str) -> None:
    for slug in experts:
        expert = make_expert(slug, name_en=slug.title(), name_ja=f"話者{slug}")
        for n in range(2):
            mention = make_mention(f"{slug} {n} on {trend.slug}", expert=expert)
            TrendMention.objects.create(trend=trend, mention=mention)


@pytest.fixture(scope="class")
def three(rows_of_class):
    """Three trends that differ in every kind, and a draft that is like the first."""
    a = make_trend("a", status="growing", confidence="high", since=date("2024"), tags=["x", "y"])
    b = make_trend("b", status="growing", confidence="low", since=date("2024-12-31"), tags=["y"])
    c = make_trend("c", status="emerging", confidence="low", since=date("2025-Q1"), tags=["z"])
    draft = make_trend(
        "draft", status="growing", confidence="high", since=date("2024"), tags=["x"], published=None
    )
    concern(a, "developers", "researchers")
    concern(b, "developers")
    concern(draft, "developers")
    quote(a, "ada")
    quote(b, "ada", "ben")
    quote(c, "ben")
    quote(draft, "ada")


@pytest.mark.django_db
@pytest.mark.usefixtures("three")
class TestChoices:
    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", "abc"),
            ("status=growing", "ab"),
            ("status=growing&status=emerging", "abc"),
            ("status=growing&confidence=low", "b"),
            ("tag=x", "a"),
            ("tag=x&tag=y", "ab"),
            ("tag=y&confidence=low", "b"),
            ("audience=developers", "ab"),
            ("audience=researchers&audience=developers", "ab"),
            ("expert=ben", "bc"),
            ("expert=ben&expert=ada", "abc"),
            ("year=2024", "ab"),
            ("year=2025", "c"),
            ("year=2024&year=2025", "abc"),
            ("year=2024&expert=ben&status=growing&tag=y&audience=developers&confidence=low", "b"),
            ("tag=nothing-has-this", ""),
            ("status=growing&tag=z", ""),
            ("status=foo&tag=x", "a"),
            ("status=growing&status=foo", "ab"),
        ],
    )
    def test_values_of_a_kind_widen_and_kinds_narrow(self, query, expected):
        assert slugs(query) == list(expected)


@pytest.mark.django_db
@pytest.mark.usefixtures("three")
class TestCounts:
    def test_each_trend_counts_once_and_drafts_never(self):
        assert counts("", "status") == {
            "emerging": 1,
            "growing": 2,
            "established": 0,
            "declining": 0,
        }
        assert counts("", "confidence") == {"low": 2, "medium": 0, "high": 1}
        assert counts("", "tag") == {"x": 1, "y": 2, "z": 1}
        assert counts("", "audience") == {"developers": 2, "researchers": 1}
        assert counts("", "expert") == {"ada": 2, "ben": 2}
        assert counts("", "year") == {"2024": 2, "2025": 1}

    def test_a_kind_heeds_the_filters_of_the_others_and_not_its_own(self):
        assert counts("status=growing", "status")["emerging"] == 1
        assert counts("status=growing", "tag") == {"x": 1, "y": 2}
        assert counts("status=growing&expert=ben", "tag") == {"y": 1}
        assert counts("tag=x", "status")["growing"] == 1
        assert counts("tag=z", "audience") == {}

    @pytest.mark.parametrize("kind", ["status", "confidence", "tag", "audience", "expert", "year"])
    def test_a_count_is_what_choosing_it_shows(self, kind):
        for others in ("", "confidence=low", "tag=y&year=2024", "expert=ben"):
            if others.startswith(kind) or f"&{kind}=" in others:
                continue
            for value, count in counts(others, kind).items():
                assert len(slugs(f"{others}&{kind}={value}")) == count, (others, kind, value)

    def test_what_is_chosen_stands_there_even_if_nothing_has_it(self):
        assert counts("tag=gone", "tag") == {"x": 1, "y": 2, "z": 1, "gone": 0}
        assert counts("status=emerging&tag=x", "tag") == {"z": 1, "x": 0}
        assert counts("year=1999", "year")["1999"] == 0


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL scans a table this small")
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("status=growing", "(status=?)"),
        ("confidence=low", "(confidence=?)"),
        ("year=2024", "(since>? AND since<?)"),
        ("tag=x", "(content_object_id=? AND tag_id=?)"),
        ("audience=x", "(trend_id=? AND audience_id=?)"),
        ("expert=x", "(expert_id=?)"),
    ],
)
def test_each_filter_has_an_index(query, index):
    plan = filtered(Trend.everything.all(), filters(query).frozen).order_by().values("pk").explain()
    assert index in plan


class TestWhatAQueryMayHold:
    @pytest.mark.parametrize(
        "query",
        [
            "status=foo",
            "status=growing%00",
            "tag=%00",
            "tag=" + "x" * 10_000,
            "tag=Ａ",
            "expert='; DROP TABLE trends_trend; --",
            "year=0000",
            "year=99999",
            "year=２０２４",
            "year=-1",
            "year=0999",
            "sort=sideways",
            "page=x&status=x",
            "page=999999999999999999999",
            "status=%F0%9F%98%80",
            "tag=%E2%80%AE",
        ],
    )
    @pytest.mark.django_db
    def test_whatever_it_says_a_reader_gets_a_page(self, client, query):
        make_trend(tags=["x"])
        found = read(client, f"/en/?{query}")
        assert headings(found)[0].startswith("Trends")
        assert by_role(found, "form")

    def test_what_cannot_be_is_named_and_the_rest_is_applied(self):
        form = filters("status=growing&status=foo&year=x&tag=a")
        assert not form.is_valid()
        assert form.complaints == [
            "“foo” is not an option.",
            "“x” is not an option.",
        ]
        assert form.chosen["status"] == ["growing"]
        assert form.chosen["tag"] == ["a"]

    def test_an_empty_value_is_none(self):
        form = filters("status=&tag=&sort=")
        assert form.is_valid()
        assert not form.is_filtered

    def test_no_address_makes_an_endless_query(self):
        form = filters("&".join(f"tag=t{n}" for n in range(5000)))
        assert len(form.chosen["tag"]) == MOST_VALUES

    def test_one_choice_has_one_address(self):
        asked = filters("tag=b&sort=title&status=growing&tag=a&tag=b&page=3&utm=x")
        assert asked.query() == "status=growing&tag=b&tag=a&sort=title"
        assert asked.query(without=("tag", "b"), page=2) == "status=growing&tag=a&sort=title&page=2"
        assert filters("year=2024").query(without=("year", "2024")) == ""
        assert filters("sort=changed").query() == ""


@pytest.mark.django_db
class TestOrder:
    def order(self, client, query: str, language: str = "en") -> list[str]:
        rows = trend_rows(read(client, f"/{language}/?{query}"))
        return [row.find("./*/a").get("href").split("/")[-2] for row in rows]

    def test_by_latest_change_unless_told(self, client):
        for slug, on in {"old": "2025-01-01", "new": "2026-01-01", "never": ""}.items():
            trend = make_trend(slug)
            if on:
                Assessment.objects.create(
                    trend=trend, date=date(on), status="growing", confidence="medium"
                )
        assert self.order(client, "") == ["new", "old", "never"]

    def test_by_since(self, client):
        for slug, since in {"a": "2024", "b": "2025-06", "c": "2025"}.items():
            make_trend(slug, since=date(since))
        assert self.order(client, "sort=since") == ["b", "c", "a"]

    def test_by_confidence(self, client):
        for slug, confidence in {"a": "low", "b": "high", "c": "medium"}.items():
            make_trend(slug, confidence=confidence)
        assert self.order(client, "sort=confidence") == ["b", "c", "a"]

    def test_by_the_title_in_the_language_of_the_page(self, client):
        make_trend("a", title_en="Zebra", title_ja="あひる")
        make_trend("b", title_en="apple", title_ja="ん")
        make_trend("c", title_en="Éclair", title_ja=None)
        assert self.order(client, "sort=title") == ["b", "c", "a"]
        assert self.order(client, "sort=title", "ja") == ["c", "a", "b"]

    def test_slices_of_titles_are_of_all_in_order(self):
        for n in range(5):
            make_trend(f"t{n}", title_en=f"{9 - n}")
        by_title = rows_of(Trend.objects.all(), by_name(Trend.objects.all(), "title", "en"))
        assert len(by_title) == 5
        assert [trend.slug for trend in by_title[1:3]] == ["t3", "t2"]
        assert by_title[0].slug == "t4"


@pytest.mark.parametrize(
    "titles",
    [
        ["2026年", "ai", "AI企業", "オープン", "データ", "でんき", "応用", "訓練"],
        ["かた", "ガタ", "カタカナ", "カード"],
        ["きゃく", "キヤク１"],
        ["「ＡＩ」", "AI 2", "b"],
    ],
    ids=["figures, Latin, kana, kanji", "voicing and long marks", "small kana", "full width"],
)
def test_titles_in_japanese_sort_sensibly(titles):
    assert sorted(set(titles), key=title_key) == titles


class _Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._href = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "link":
            self.found.append((attrs.get("rel", ""), attrs.get("href", "")))
        self._href = attrs.get("href", "") if tag == "a" else self._href

    def handle_data(self, data):
        if self._href and data.strip():
            self.found.append((" ".join(data.split()), self._href))

    def to(self, text: str) -> list[str]:
        return [href for words, href in self.found if words == text]


@pytest.mark.django_db
class TestThePage:
    def links(self, client, address: str) -> _Links:
        return _Links(client.get(address).content.decode())

    def test_filters_that_are_on_can_be_taken_off_one_by_one(self, client):
        make_trend(tags=["x", "y"])
        links = self.links(client, "/en/?status=growing&tag=x")
        assert links.to("growing")[0] == "/en/?tag=x"
        assert links.to("x")[0] == "/en/?status=growing"
        assert links.to("Clear all filters") == ["/en/"]

    def test_nothing_found_says_so_and_leads_back(self, client):
        make_trend()
        response = client.get("/en/?status=declining")
        assert "No trends match these filters." in response.content.decode()
        assert _Links(response.content.decode()).to("Show all trends") == ["/en/"]
        assert 'value="declining" checked' in response.content.decode()

    def test_an_empty_site_offers_no_filters_but_says_so(self, client):
        page = client.get("/en/").content.decode()
        assert "<fieldset" not in page
        assert "No trend is published yet." in page

    def test_pages_keep_the_filters(self, client):
        for n in range(45):
            make_trend(f"t{n}", tags=["x"])
        links = self.links(client, "/en/?tag=x&page=2&sort=since")
        assert links.to("Previous page") == ["?tag=x&sort=since&page=1"]
        assert links.to("Next page") == links.to("next") == ["?tag=x&sort=since&page=3"]
        assert links.to("prev") == ["?tag=x&sort=since&page=1"]

    def test_another_language_shows_the_same_choice(self, client):
        for n in range(25):
            make_trend(f"t{n}", tags=["x"])
        assert self.links(client, "/en/?tag=x&page=2").to("日本語") == ["/ja/?tag=x&page=2"]

    def test_machines_get_the_address_of_the_index(self, client):
        for n in range(25):
            make_trend(f"t{n}", tags=["x"])
        assert self.links(client, "/en/?tag=x&page=2").to("canonical") == ["http://testserver/en/"]
        assert self.links(client, "/en/?page=2").to("canonical") == ["http://testserver/en/?page=2"]

    def test_labels_that_stand_in_are_marked(self, client):
        trend = make_trend(tags=["x"])
        tag = trend.tag_rows[0]
        tag.label_ja = None
        tag.save()
        assert '<span lang="en">x</span>' in client.get("/ja/?tag=x").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("trends", [1, 8])
def test_the_index_takes_the_same_queries(client, django_assert_num_queries, trends):
    for n in range(trends):
        trend = make_trend(f"t{n}", tags=["x", f"tag-{n}"], assessments=2)
        quote(trend, "ada")
        concern(trend, "developers")
    with django_assert_num_queries(FILTERED_INDEX_QUERIES):
        client.get("/en/?tag=x&expert=ada&status=growing")
    with django_assert_num_queries(INDEX_QUERIES):
        client.get("/en/?sort=title")
