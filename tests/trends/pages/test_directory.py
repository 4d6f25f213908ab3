"""The lists of all experts, tags and audiences: by name, and only of what readers can see."""

import pytest

from tests.support.days import tomorrow
from tests.support.make import make_audience, make_expert, make_mention, make_tag, make_trend
from tests.support.reading import (
    alternates,
    blanks,
    by_role,
    headings,
    language_switch,
    links,
    main,
    notes,
    read,
    says,
    spoken,
    words,
)
from trends.models import Implication, TrendMention
from trends.pages.directory import ROWS_A_PAGE
from trends.search.index import indexed_once
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db

KINDS = ["experts", "tags", "audiences"]

# 1 the numbers, 2 the names, 3 the rows of the page.
DIRECTORY_QUERIES = 3


def put_on(trend, kind: str, slug: str, **names):
    """An expert, tag or audience on a trend."""
    match kind:
        case "experts":
            row = make_expert(slug, **names)
            mention = make_mention(f"Words of {slug}.", expert=row)
            TrendMention.objects.create(trend=trend, mention=mention)
        case "tags":
            row = make_tag(slug, **names)
            trend.tags.add(row)
        case "audiences":
            row = make_audience(slug, **names)
            Implication.objects.create(trend=trend, audience=row, lead_en="Buy.")
    return row


def name(kind: str) -> str:
    return "name" if kind == "experts" else "label"


def listed(page) -> list[str]:
    found = by_role(main(page), "list")[0]
    return [words(row.find("a")) for row in found.findall("li")]


@pytest.mark.parametrize("kind", KINDS)
def test_rows_stand_by_name_each_with_a_link_and_the_number_of_its_trends(client, kind):
    one, two = make_trend("one"), make_trend("two")
    names = {"a": "Zoë", "b": "anna", "c": "Émile"}
    for slug, text in names.items():
        put_on(one, kind, slug, **{f"{name(kind)}_en": text})
    if kind == "tags":
        two.tags.add("b")
    page = read(client, f"/en/{kind}/")
    heading = {"experts": "People quoted", "tags": "Tags", "audiences": "By role"}
    assert headings(page)[0] == heading[kind]
    assert listed(page) == ["anna", "Émile", "Zoë"]
    assert links(page)[f"/en/{kind}/a/"] == "Zoë"
    rows = [words(row) for row in by_role(main(page), "list")[0].findall("li")]
    assert rows[0].endswith("2 trends" if kind == "tags" else "1 trend")
    assert rows[1].endswith("1 trend")


def test_japanese_names_stand_in_the_order_of_their_kana(client):
    trend = make_trend()
    for slug, text in {"a": "ミナ", "b": "アンナ", "c": "ガリレオ", "d": "かおり"}.items():
        put_on(trend, "experts", slug, name_en=slug, name_ja=text)
    assert listed(read(client, "/ja/experts/")) == ["アンナ", "かおり", "ガリレオ", "ミナ"]


def test_an_expert_is_listed_with_role_and_affiliation(client):
    put_on(make_trend(), "experts", "mina", name_en="Mina", role_en="CEO", affiliation_en="Example")
    [row] = by_role(main(read(client, "/en/experts/")), "list")[0].findall("li")
    assert words(row) == "Mina CEO, Example 1 trend"


def test_a_trend_that_quotes_an_expert_twice_counts_once(client):
    trend = make_trend()
    expert = put_on(trend, "experts", "mina", name_en="Mina")
    TrendMention.objects.create(trend=trend, mention=make_mention("Other words.", expert=expert))
    [row] = by_role(main(read(client, "/en/experts/")), "list")[0].findall("li")
    assert words(row).endswith("1 trend")


@pytest.mark.parametrize(
    ("kind", "what"),
    [("experts", "a quotation"), ("tags", "a tag"), ("audiences", "implications")],
)
@pytest.mark.parametrize("language", languages())
def test_what_no_published_trend_has_is_not_listed_and_an_empty_list_says_so(
    client, language, kind, what
):
    put_on(make_trend("draft", published=None), kind, "a")
    put_on(make_trend("scheduled", published=tomorrow()), kind, "b")
    page = read(client, f"/{language}/{kind}/")
    assert page.get("lang") == language
    assert by_role(main(page), "list") == []
    assert says(page, f"No published trend has {what} yet.")
    assert blanks(page) == []


@pytest.mark.parametrize("kind", KINDS)
def test_page_in_japanese_is_japanese_and_names_what_stands_in(client, kind):
    trend = make_trend()
    put_on(trend, kind, "a", **{f"{name(kind)}_en": "Only English"})
    put_on(trend, kind, "b", **{f"{name(kind)}_en": "Both", f"{name(kind)}_ja": "両方"})
    page = read(client, f"/ja/{kind}/")
    assert spoken(page, "Only English") == {"en"}
    assert spoken(page, "両方|件") == {"ja"}
    assert len(notes(page)) == 1
    assert language_switch(page) == {"English": f"/en/{kind}/", "日本語": None}
    assert alternates(page)["canonical"] == f"http://testserver/ja/{kind}/"


@pytest.mark.parametrize(
    ("address", "kind"),
    [("experts/a/", "experts"), ("tags/a/", "tags"), ("audiences/a/", "audiences"), ("", "tags")],
)
def test_a_page_of_one_leads_to_all_and_so_does_every_footer(client, address, kind):
    put_on(make_trend(), kind, "a")
    assert f"/en/{kind}/" in links(read(client, f"/en/{address}"))


def test_many_are_paged(client):
    trend = make_trend()
    with indexed_once():
        for n in range(ROWS_A_PAGE + 1):
            put_on(trend, "tags", f"tag-{n:03}", label_en=f"Tag {n:03}")
    assert len(listed(read(client, "/en/tags/"))) == ROWS_A_PAGE
    page = read(client, "/en/tags/?page=2")
    assert listed(page) == [f"Tag {ROWS_A_PAGE:03}"]
    assert alternates(page)["canonical"] == "http://testserver/en/tags/?page=2"
    assert listed(read(client, "/en/tags/?page=nothing"))[0] == "Tag 000"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [1, 12])
def test_page_takes_the_same_queries_whatever_it_holds(
    client, django_assert_num_queries, kind, rows
):
    with indexed_once():
        for n in range(rows):
            put_on(make_trend(f"trend-{n}"), kind, f"row-{n}")
    with django_assert_num_queries(DIRECTORY_QUERIES):
        page = read(client, f"/en/{kind}/")
    assert len(listed(page)) == rows


@pytest.mark.parametrize("kind", KINDS)
def test_page_is_only_read(client, kind):
    assert client.post(f"/en/{kind}/").status_code == 405
