"""The lists of the admin: what they show, find and filter, in a constant number of queries."""

import re

import pytest
from django.contrib.admin import site
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from quotes.models import Mention, Source
from tests.support.days import tomorrow
from tests.support.editing import make_editor
from tests.support.make import (
    date,
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from tests.support.plans import plan_of
from trends.models import Falsifier, Trend
from trends.queries.kept_lists.renewal import renew_lists

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


# Adds the nth row, with all that its line in the list shows.
LISTS = {
    "trends/trend": lambda n: make_trend(
        f"trend-{n}", tags=["strategy"], drivers=1, published=[None, tomorrow()][n % 2]
    ),
    "trends/audience": lambda n: make_audience(f"audience-{n}"),
    "trendsite/tag": lambda n: make_tag(f"tag-{n}"),
    "quotes/source": lambda n: make_source(f"source-{n}"),
    "quotes/expert": lambda n: make_expert(f"expert-{n}", name_en=f"Expert {n}"),
    "quotes/video": lambda n: make_video(f"{n:011}"),
    "quotes/mention": lambda n: make_mention(
        f"Words {n}",
        expert=make_expert(f"expert-{n}", name_en=f"Expert {n}"),
        video=make_video(f"{n:011}"),
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_list_takes_the_same_queries_whatever_it_holds(client, name):
    def queries():
        renew_lists()  # a request would do so
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/admin/{name}/").status_code == 200
        return [query["sql"] for query in captured]

    LISTS[name](0)
    queries()  # the first answer fills Django's cache of content types
    one = queries()
    for n in range(1, 30):
        LISTS[name](n)
    many = queries()
    assert len(many) == len(one), "\n".join(many)


def rows(client, query=""):
    return sorted(
        trend.slug for trend in client.get(f"/admin/trends/trend/{query}").context["cl"].result_list
    )


def test_list_of_trends_shows_judgement_state_and_languages(client):
    make_trend("one", status="declining", confidence="low", published=None, title_en=None)
    page = client.get("/admin/trends/trend/").content.decode()
    assert "oneの題" in page
    assert "declining" in page
    assert "draft" in page
    assert '<span class="completeness is-missing" title="title or shift is missing"><a ' in page


@pytest.mark.parametrize(
    ("state", "expected"),
    [("draft", ["draft"]), ("scheduled", ["scheduled"]), ("published", ["published"])],
)
def test_trends_are_filtered_by_state(client, state, expected):
    make_trend("draft", published=None)
    make_trend("scheduled", published=tomorrow())
    make_trend("published")
    assert rows(client, f"?state={state}") == expected


def test_trends_under_review_are_filtered_and_say_so(client):
    for slug, when in {"due": "2020", "later": "2999"}.items():
        Falsifier.objects.create(trend=make_trend(slug), text_en="It stops.", date=date(when))
    assert rows(client, "?state=review") == ["due"]
    page = client.get("/admin/trends/trend/").content.decode()
    assert page.count(", under review") == 1


@pytest.mark.parametrize(
    "query",
    ["訓練", "Altman", "アルトマン", "戦略", "strategy", "over-training"],
    ids=["title", "expert", "expert in Japanese", "tag in Japanese", "tag", "slug"],
)
def test_trends_are_found_in_any_language(client, query):
    trend = make_trend("over-training", title_ja="訓練より応用")
    make_trend("other")
    tag = make_tag("strategy", label_en="strategy", label_ja="戦略")
    trend.tagged.create(tag=tag)
    expert = make_expert("sam", name_en="Sam Altman", name_ja="サム・アルトマン")
    trend.trend_mentions.create(mention=make_mention(expert=expert))
    assert rows(client, f"?q={query}") == ["over-training"]


@pytest.mark.parametrize("model", [Source, Mention])
def test_languages_to_filter_by_are_read_from_an_index(model):
    languages = model.objects.order_by("language").values_list("language").distinct()
    steps = " ".join(plan_of(str(languages.query)))
    assert f"quotes_{model._meta.model_name}_language" in steps


def test_search_does_not_join_trends_with_all_their_tags_and_mentions(client):
    with CaptureQueriesContext(connection) as captured:
        client.get("/admin/trends/trend/?q=plan")
    asked = [query["sql"] for query in captured if "%plan%" in query["sql"].casefold()]
    assert asked
    for sql in asked:
        assert 'OUTER JOIN "trends_trendmention"' not in sql


def test_each_word_is_in_a_text_a_tag_or_a_name(client):
    make_trend("one", title_en="Compute scales", tags=["plan-a"])
    make_trend("two", title_en="Data scales", tags=["plan-a"])
    make_trend("three", title_en="Compute scales")
    assert rows(client, "?q=plan+compute") == ["one"]
    assert rows(client, "?q=compute+scales+plan-a") == ["one"]
    assert rows(client, "?q=scales+plan") == ["one", "two"]
    assert rows(client, "?q=%22compute+scales%22") == ["one", "three"]
    assert rows(client, "?q=plan+nothing") == []


def test_of_many_trends_the_last_are_found_and_the_list_says_so(client, monkeypatch):
    for slug in "abc":
        make_trend(slug, title_en="Many")
    make_trend("tagged", title_en="Other", tags=["many"])
    assert client.get("/admin/trends/trend/?q=many").context["cl"].most_found is None
    for place in ("shared.text_parts", "shared.admin.parts_search", "shared.admin.editors"):
        monkeypatch.setattr(f"trendsite.{place}.MOST_FOUND", 2)
    assert rows(client, "?q=many") == ["b", "c", "tagged"]
    page = client.get("/admin/trends/trend/?q=many").content.decode()
    assert "More than 2 match. Those that were added last are listed" in page
    client.cookies["django_language"] = "ja"
    page = client.get("/admin/trends/trend/?q=many").content.decode()
    assert "2件を超えています" in page


@pytest.mark.parametrize(("query", "number"), [("plan", 4), ("plan+of+tag", 12)])
def test_a_search_takes_as_many_queries_whatever_it_finds(
    client, django_assert_num_queries, query, number
):
    admin = site.get_model_admin(Trend)
    request = RequestFactory().get("/")
    for count in (1, 5):
        for n in range(count):
            make_trend(f"t-{count}-{n}", title_en="Plan of", tags=["tag", f"plan-{n}"])
        with django_assert_num_queries(number):
            admin.get_search_results(request, Trend.objects.all(), query.replace("+", " "))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("words on", ["one"]),
        ("ordson", []),
        ("訳の一部", ["two"]),
        ("keynote", ["two"]),
        ("ada", ["one"]),
        ("ロス", ["one"]),
        ("launch", ["two"]),
        ("growth", ["one", "two"]),
        ("growth keynote launch", ["two"]),
        ("growth ada launch", []),
    ],
)
def test_quotations_are_found_by_their_texts_and_by_what_they_name(client, query, expected):
    ada = make_expert("ada-ross", name_en="Ada Ross", name_ja="エイダ・ロス")
    ben = make_expert("ben", name_en="Ben")
    one = make_mention("words one", expert=ada, video=make_video("v-1", title="A talk"))
    two = make_mention(
        "words two",
        expert=ben,
        video=make_video("v-2", title="Product launch"),
        translation_ja="訳の一部です",
        occasion_en="keynote",
    )
    for mention in (one, two):
        mention.tags.add(make_tag("growth"))
    found = client.get("/admin/quotes/mention/", {"q": query}).context["cl"].result_list
    assert sorted(mention.original.split()[1] for mention in found) == expected
    field = {"app_label": "trends", "model_name": "trendmention", "field_name": "mention"}
    answer = client.get("/admin/autocomplete/", {**field, "term": query}).json()
    assert len(answer["results"]) == len(expected)


def test_videos_are_found_by_any_part(client):
    for key, values in {
        "v-1": {"title": "A talk"},
        "v-2": {"title": "x", "channel": "Small talks"},
        "v-3": {"title": "Other"},
    }.items():
        make_video(key, **values)
    for query, expected in {"talk": ["v-1", "v-2"], "v-3": ["v-3"]}.items():
        found = client.get("/admin/quotes/video/", {"q": query}).context["cl"].result_list
        assert sorted(video.video_id for video in found) == expected


SOURCES = {
    "epor": ["annual"],
    "実例の": ["annual"],
    "EXAMPLE PRESS": ["annual", "other"],
    "annua": ["annual"],
    "http": ["annual", "other"],
    "https://annual.example/x": ["annual"],
}


@pytest.mark.parametrize("query", SOURCES)
def test_sources_are_found_by_any_part_in_the_list_and_in_fields(client, query):
    values = {"title": "Report", "description_ja": "実例の報告"}
    make_source("annual", url="https://annual.example/x", publisher="Example Press", **values)
    make_source("other", url="https://other.example/", publisher="Example Press", title="x")
    found = client.get("/admin/quotes/source/", {"q": query}).context["cl"].result_list
    assert sorted(source.key for source in found) == SOURCES[query]
    field = {"app_label": "trends", "model_name": "reading", "field_name": "source"}
    answer = client.get("/admin/autocomplete/", {**field, "term": query}).json()
    keys = Source.objects.in_bulk([result["id"] for result in answer["results"]])
    assert sorted(source.key for source in keys.values()) == SOURCES[query]


def test_search_gives_a_trend_once_though_several_of_its_tags_match(client):
    make_trend("one", tags=["plan-a", "plan-b"])
    assert rows(client, "?q=plan") == ["one"]


@pytest.mark.parametrize(
    "lack",
    [
        {"title_ja": None},
        {"subtitle_ja": None},
        {"row": "drivers"},
        {"row": "implications"},
        {"row": "timeline"},
        {"row": "assessments"},
        {"row": "mention"},
    ],
    ids=str,
)
def test_translators_find_what_lacks_a_text_in_their_language(client, lack):
    counts = {"drivers": 1, "implications": 1, "timeline": 1, "assessments": 1, "mentions": 1}
    values = {name: value for name, value in lack.items() if name != "row"}
    trend = make_trend("lacking", **counts, **values)
    make_trend("complete", drivers=1)
    match lack.get("row"):
        case None:
            pass
        case "drivers":
            trend.drivers.update(body_ja=None)
        case "implications":
            trend.implications.update(text_ja=None)
        case "timeline":
            trend.timeline.update(text_ja=None)
        case "assessments":
            trend.assessments.update(rationale_ja=None)
        case "mention":
            trend.mentions.update(translation_ja=None)
    assert rows(client, "?incomplete=ja") == ["lacking"]
    assert rows(client, "?incomplete=en") == []


@pytest.mark.parametrize(
    "title", ["訓練より応用", "「訓練」より応用", "  （開発）をAIに", "々", "豈"]
)
def test_a_title_in_kanji_lacks_how_it_is_read(client, title):
    make_trend("kanji", title_ja=title)
    make_trend("read", title_ja=title, title_reading_ja="くんれん")
    make_trend("kana", title_ja="オープンな訓練")
    make_trend("latin", title_ja="AIの訓練")
    make_trend("none", title_ja=None, shift_ja=None, subtitle_ja=None)
    assert rows(client, "?incomplete=ja") == ["kanji", "none"]
    assert rows(client, "?incomplete=en") == []
    page = client.get("/admin/trends/trend/?incomplete=ja").content.decode()
    mark = '<span class="completeness is-partial" title="how the title is read is missing"><a '
    assert page.count(mark) == 1


def test_text_that_no_language_has_is_not_missing(client):
    make_trend("bare", subtitle_en=None, subtitle_ja=None, shift_en=None, shift_ja=None)
    assert rows(client, "?incomplete=ja") == []


def test_list_has_pages(client):
    Trend.objects.bulk_create(
        Trend(slug=f"t-{n}", status="growing", confidence="low", since="2024", title_en="T")
        for n in range(101)
    )
    assert len(rows(client)) == 100
    assert len(rows(client, "?p=2")) == 1


@pytest.fixture
def hundreds():
    Trend.objects.bulk_create(
        Trend(slug=f"t-{n}", status="growing", confidence="low", since="2024", title_en="T")
        for n in range(450)
    )


def test_rows_before_a_page_are_not_asked_what_they_lack(client, hundreds):
    with CaptureQueriesContext(connection) as captured:
        assert len(rows(client, "?p=2")) == 100
    [sql] = [query["sql"] for query in captured if "OFFSET" in query["sql"]]
    assert "trendsite_translationstate" not in sql


def test_the_last_pages_are_read_from_the_end(client, hundreds):
    pages = []
    for number in range(1, 6):
        with CaptureQueriesContext(connection) as captured:
            page = client.get(f"/admin/trends/trend/?p={number}").context["cl"].result_list
        pages += [trend.pk for trend in page]
        [before] = [
            int(found[1] or 0)
            for query in captured
            if (found := re.search(r"LIMIT (?:50|100)(?: OFFSET (\d+))?$", query["sql"]))
        ]
        assert before == [0, 100, 200, 50, 0][number - 1]
    assert pages == list(Trend.objects.order_by("-updated_at", "-pk").values_list("pk", flat=True))
