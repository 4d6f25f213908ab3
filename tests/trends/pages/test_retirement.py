"""Trends that are retired: what stays, what they leave, and what succeeds them."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from tests.support.days import today, tomorrow, yesterday
from tests.support.editing import errors, form_data, make_editor, send, trend_url
from tests.support.formats import as_json, as_markdown, atom, json_feed
from tests.support.make import make_mention, make_source, make_trend
from tests.support.reading import (
    blanks,
    broken_anchors,
    by_id,
    by_role,
    headings,
    links,
    main,
    notes,
    page_header,
    read,
    spoken,
    trend_rows,
    words,
)
from trends.models import Assessment, TimelineEntry, Trend, TrendMention
from trendsite.shared.partial_dates import PartialDate

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 3, 4)
BEFORE = datetime.date(2025, 3, 4)

PAGE = "/en/trends/old/"


def make_old(slug: str = "old", *successors: Trend, **values) -> Trend:
    """A trend that is retired."""
    values = {
        "published": BEFORE,
        "retired": DAY,
        "retired_note_en": "It came true.",
        "retired_note_ja": "実現したため。",
        **values,
    }
    trend = make_trend(slug, **values)
    trend.successors.set(successors)
    return trend


def slugs(trends) -> list[str]:
    return sorted(trend.slug for trend in trends)


# The rules


@pytest.mark.parametrize(
    ("published", "retired", "expected"),
    [
        (yesterday, None, "in force"),
        (yesterday, tomorrow, "in force"),
        (yesterday, today, "retired"),
        (today, today, "retired"),
        (tomorrow, tomorrow, "not published"),
        (None, None, "not published"),
    ],
)
def test_a_trend_is_in_force_until_its_day(published, retired, expected):
    trend = make_trend(published=published and published(), retired=retired and retired())
    assert Trend.objects.in_force().exists() == (expected == "in force")
    assert Trend.objects.retired().exists() == (expected == "retired")
    assert Trend.objects.published().exists() == (expected != "not published")
    # The same of a row at hand.
    assert (trend.is_published() and trend.is_retired()) == (expected == "retired")


@pytest.mark.parametrize("published", [None, DAY + datetime.timedelta(days=1)])
def test_the_database_keeps_what_is_not_published_from_being_retired(published):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_trend(published=published, retired=DAY)


# Its own page


@pytest.mark.parametrize(
    ("language", "banner"),
    [
        ("en", "Retired on 4 March 2026. It came true. Replaced by: Title of b, Title of c"),
        ("ja", "2026年3月4日に追跡を終了しました。実現したため。 後継：bの題、cの題"),
    ],
)
def test_the_page_stays_under_a_banner_that_says_why_and_leads_on(client, language, banner):
    draft, later = make_trend("a", published=None), make_trend("d", published=tomorrow())
    make_old("old", make_trend("c"), make_trend("b"), draft, later, drivers=1, assessments=1)
    page = read(client, f"/{language}/trends/old/")
    found = by_id(page, "retired")
    assert words(found) == banner
    assert links(found).keys() == {f"/{language}/trends/b/", f"/{language}/trends/c/"}
    assert found.find(".//time").get("datetime") == "2026-03-04"
    assert by_id(page, "drivers") is not None
    assert blanks(page) == broken_anchors(page) == notes(page) == []


def test_a_banner_without_note_or_successors_says_the_day_alone(client):
    make_old(retired_note_en=None, retired_note_ja=None)
    page = read(client, PAGE)
    assert words(by_id(page, "retired")) == "Retired on 4 March 2026."
    assert blanks(page) == []


def test_before_its_day_nothing_is_told(client):
    make_old("old", make_trend("new"), retired=tomorrow())
    assert by_id(read(client, PAGE), "retired") is None
    assert "It came true." not in words(read(client, PAGE))
    assert "Replaces:" not in words(read(client, "/en/trends/new/"))
    assert as_json(client, "/en/trends/old.json")["retired"] is None
    assert as_json(client, "/en/trends/new.json")["succeeds"] == []
    assert "It came true." not in as_markdown(client, "/en/trends/old.md")
    assert len(atom(client).entries) == 2
    assert by_role(read(client, "/en/changes/"), "article") == []
    assert len(trend_rows(read(client, "/en/"))) == 2


@pytest.mark.parametrize(
    ("language", "line"),
    [("en", "Replaces: Title of older, Title of old"), ("ja", "前身： olderの題、oldの題")],
)
def test_a_successors_page_names_what_it_succeeds(client, language, line):
    new = make_trend("new")
    make_old("old", new)
    make_old("older", new)
    make_old("scheduled", new, retired=tomorrow())
    paragraphs = page_header(read(client, f"/{language}/trends/new/")).iter("p")
    [succeeds] = [text for text in paragraphs if words(text).startswith(line.split()[0])]
    first, second = (
        line.split(": " if language == "en" else "： ")[1].replace("、", ", ").split(", ")
    )
    assert links(succeeds) == {
        f"/{language}/trends/old/": second,
        f"/{language}/trends/older/": first,
    }


def test_what_stands_in_another_language_is_said(client):
    make_old("old", make_trend("new", title_en=None, title_ja="日本語だけ"))
    page = read(client, PAGE)
    assert spoken(page, "日本語だけ") == {"ja"}
    assert len(notes(page)) == 1
    Trend.objects.filter(slug="new").update(title_en="New")
    assert notes(read(client, PAGE)) == []
    Trend.objects.filter(slug="old").update(retired_note_en=None)
    page = read(client, PAGE)
    assert spoken(page, "実現したため") == {"ja"}
    assert len(notes(page)) == 1
    # Of a trend in force it is not shown, and so nothing stands in.
    Trend.objects.filter(slug="old").update(retired=None)
    assert notes(read(client, PAGE)) == []


def test_any_signs_in_a_note_are_text(client):
    make_old(retired_note_en="<b>Gone</b> & *done*")
    assert "<b>Gone</b> & *done*" in words(by_id(read(client, PAGE), "retired"))
    assert r"\<b\>Gone\</b\> \& \*done\*" in as_markdown(client, "/en/trends/old.md")
    assert "&lt;b&gt;Gone" in json_feed(client)["items"][0]["content_html"] + str(
        json_feed(client)["items"][1]["content_html"]
    )


# Where it still stands


@pytest.fixture(scope="class")
def old_and_new(rows_of_class):
    """A retired trend and one in force, which everything that gathers trends has in common."""
    shared = make_source("shared")
    for trend in (
        make_old("old", tags=["cost"], implications=1, title_ja="titleの題"),
        make_trend("new", tags=["cost"], implications=1, title_ja="titleの題", published=BEFORE),
    ):
        trend.shift_sources.add(shared)
        mention = make_mention(f"On {trend.slug}.")
        TrendMention.objects.create(trend=trend, mention=mention)
    make_trend("chooses").related.set(Trend.objects.filter(slug__in=["old", "new"]))


@pytest.mark.searched
@pytest.mark.usefixtures("old_and_new")
class TestOldAndNew:
    @pytest.mark.parametrize(
        "page",
        [
            "tags/cost/",
            "audiences/enterprises/",
            "experts/mina-example/",
            "sources/shared/",
            "search/?q=title",
            "trends/chooses/",
        ],
    )
    @pytest.mark.parametrize(("language", "mark"), [("en", "Retired"), ("ja", "追跡終了")])
    def test_pages_that_gather_trends_hold_it_marked(self, client, language, mark, page):
        tree = read(client, f"/{language}/{page}")
        assert [*links(tree)].count(f"/{language}/trends/old/") == 1
        marked = [text for span in main(tree).iter("span") if mark in (text := words(span))]
        assert marked
        assert {text.split()[0][: len(mark)] for text in marked} == {mark}
        # What is in force is not marked: so many marks as there are links to the old one.
        assert len(marked) <= len(
            [link for link in tree.iter("a") if "/old/" in link.get("href", "")]
        )


@pytest.mark.parametrize(
    ("page", "part"),
    [
        ("/en/tags/cost/", "trend-row"),
        ("/en/experts/mina-example/", "related"),
        ("/en/sources/shared/", "uses"),
    ],
)
def test_those_in_force_come_first(client, page, part):
    shared = make_source("shared")
    for number, trend in enumerate(
        [
            make_old("a", tags=["cost"], published=BEFORE),
            make_trend("b", tags=["cost"], published=BEFORE - datetime.timedelta(days=9)),
            make_trend("c", tags=["cost"], published=BEFORE + datetime.timedelta(days=9)),
            make_old("d", tags=["cost"], published=BEFORE + datetime.timedelta(days=9)),
        ]
    ):
        trend.shift_sources.add(shared)
        TrendMention.objects.create(trend=trend, mention=make_mention(f"Words {number}."))
    addresses = links(main(read(client, page)))
    found = [address for address in addresses if "#" not in address and "trends" in address]
    assert found == [f"/en/trends/{slug}/" for slug in "cbda"]


@pytest.mark.parametrize(("language", "heading"), [("en", "Retired"), ("ja", "追跡終了")])
def test_an_audiences_page_gathers_them_at_its_end(client, language, heading):
    make_old("old", status="emerging", implications=1)
    make_trend("new", status="declining", implications=1)
    page = read(client, f"/{language}/audiences/enterprises/")
    assert headings(page)[-2:] == [heading, {"en": "Title of old", "ja": "oldの題"}[language]]
    assert broken_anchors(page) == []


@pytest.mark.searched
def test_a_search_ranks_it_as_it_is(client):
    make_old("old", title_en="Needle")
    make_trend("new", shift_en="A needle in the text.")
    assert [
        next(iter(links(hit))) for hit in by_role(read(client, "/en/search/?q=needle"), "article")
    ] == [
        PAGE,
        "/en/trends/new/",
    ]


@pytest.mark.searched
@pytest.mark.parametrize(("language", "query"), [("en", "came true"), ("ja", "実現")])
def test_a_search_finds_why_it_is_retired_once_it_is(client, language, query):
    make_old()
    page = read(client, f"/{language}/search/?q={query}")
    [hit] = by_role(page, "article")
    assert f"/{language}/trends/old/#retired" in links(hit)
    assert len(hit.findall("ul")) == 1
    assert by_role(read(client, f"/{language}/search/?q={query}&kind=shift"), "article") == []
    Trend.objects.update(retired=tomorrow())
    assert by_role(read(client, f"/{language}/search/?q={query}"), "article") == []
    # Nor is it shown where other words are found.
    by_title = read(client, f"/{language}/search/?q=old {query}".replace(" ", "+"))
    assert query not in " ".join(words(hit) for hit in by_role(by_title, "article"))


def test_its_forecasts_stay_accountable(client):
    TimelineEntry.objects.create(
        trend=make_old(),
        kind="forecast",
        date=PartialDate.parse("2025"),
        outcome="missed",
        text_en="It will grow.",
    )
    page = read(client, "/en/forecasts/")
    assert "0 of 1 settled forecast came true" in words(page)
    assert "Retired 4 March 2026" in [words(span) for span in page.iter("span")]


def test_it_stays_in_the_map_of_the_site(client):
    make_old()
    assert (
        f"<loc>http://testserver{PAGE}</loc>" in client.get("/sitemap-trends.xml").content.decode()
    )


# What it leaves


@pytest.mark.parametrize("query", ["", "?view=time", "?tag=cost", "?sort=title"])
def test_it_leaves_the_index_its_pictures_and_its_counts(client, query):
    make_old(tags=["cost"])
    make_trend("new", tags=["cost"])
    page = read(client, f"/en/{query}")
    assert "/en/trends/new/" in links(page)
    assert PAGE not in links(page)
    counts = page.findall(".//label/span[@aria-hidden='true']")
    assert {count.text for count in counts} <= {"0", "1"}


def test_it_is_not_related_by_what_is_shared_but_where_an_editor_says_so(client):
    make_old(tags=["cost"])
    new = make_trend("new", tags=["cost"])
    assert by_id(read(client, "/en/trends/new/"), "related") is None
    new.related.add(Trend.objects.get(slug="old"))
    assert PAGE in links(by_id(read(client, "/en/trends/new/"), "related"))


def test_the_collection_holds_it_where_it_is_asked_for(client):
    make_old("old", make_trend("new"), make_trend("draft", published=None))

    def found(query: str = "") -> list[str]:
        answer = as_json(client, f"/api/trends.json{query}")
        assert answer["ignored"] == []
        assert answer["count"] == len(answer["trends"])
        return sorted(row["slug"] for row in answer["trends"])

    assert found() == ["new"]
    assert found("?retired=include") == ["new", "old"]
    assert found("?retired=only") == ["old"]
    assert found("?retired=only&status=declining") == []
    [row] = as_json(client, "/api/trends.json?retired=only")["trends"]
    assert row["retired"] == {
        "on": "2026-03-04",
        "note": {"en": "It came true.", "ja": "実現したため。"},
        "successors": ["new"],
    }
    assert as_json(client, "/api/trends.json")["trends"][0]["retired"] is None
    wrong = as_json(client, "/api/trends.json?retired=perhaps")
    assert [row["slug"] for row in wrong["trends"]] == ["new"]
    assert len(wrong["ignored"]) == 1


def test_pages_of_the_collection_keep_what_is_asked(client, monkeypatch):
    monkeypatch.setattr("trends.formats.collection.TRENDS_A_PAGE", 1)
    make_old("a")
    make_old("b")
    found = as_json(client, "/api/trends.json?retired=only")
    assert found["next"] == "http://testserver/api/trends.json?retired=only&page=2"
    assert as_json(client, found["next"])["previous"].endswith("?retired=only")


def test_language_models_are_told_apart_what_is_retired(client):
    make_old(title_ja=None)
    make_trend("new")
    text = client.get("/llms.txt").content.decode()
    assert "## Trends (English)\n\n- [Title of new](" in text
    assert (
        "## Retired trends (English)\n\n"
        "- [Title of old](http://testserver/en/trends/old.md): retired on 2026-03-04\n"
    ) in text
    assert "Retired trends (日本語)" not in text


# As JSON and Markdown


def test_json_says_since_when_why_and_what_succeeds_it(client):
    make_old("old", make_trend("new"), retired_note_en=None)
    found = as_json(client, "/en/trends/old.json")["retired"]
    [successor] = found.pop("successors")
    assert found == {
        "on": "2026-03-04",
        "note": {"text": "実現したため。", "language": "ja"},
    }
    assert successor == {
        "slug": "new",
        "title": {"text": "Title of new", "language": "en"},
        "status": "growing",
        "confidence": "medium",
        "links": {
            "html": "http://testserver/en/trends/new/",
            "json": "http://testserver/en/trends/new.json",
            "markdown": "http://testserver/en/trends/new.md",
        },
    }
    new = as_json(client, "/en/trends/new.json")
    assert new["retired"] is None
    assert [other["slug"] for other in new["succeeds"]] == ["old"]


@pytest.mark.parametrize(
    ("language", "line", "succeeds"),
    [
        (
            "en",
            "**Retired on 4 March 2026.** It came true. "
            "Replaced by: [Title of new](http://testserver/en/trends/new/)",
            "- Replaces: [Title of old](http://testserver/en/trends/old/)",
        ),
        (
            "ja",
            "**2026年3月4日に追跡を終了しました**。実現したため。"
            "後継：[newの題](http://testserver/ja/trends/new/)",
            "- 前身: [oldの題](http://testserver/ja/trends/old/)",
        ),
    ],
)
def test_markdown_says_it_at_its_head(client, language, line, succeeds):
    make_old("old", make_trend("new"))
    assert as_markdown(client, f"/{language}/trends/old.md").split("\n\n")[2] == line
    assert succeeds in as_markdown(client, f"/{language}/trends/new.md").split("\n")


# As a change


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "4 March 2026 Title of old Retired Replaced by: Title of new It came true."),
        ("ja", "2026年3月4日 oldの題 追跡終了 後継：newの題 実現したため。"),
    ],
)
def test_a_retirement_is_a_change(client, language, text):
    make_old("old", make_trend("new"), make_trend("draft", published=None))
    page = read(client, f"/{language}/changes/")
    [change] = by_role(page, "article")
    assert words(change) == text
    assert links(change).keys() == {f"/{language}/trends/old/#retired", f"/{language}/trends/new/"}
    assert notes(page) == []
    assert words(main(page).find(".//dl")).endswith("1")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["5 March 2026", "4 March 2026", "March 2026", "3 March 2026"]),
        ("?from=2026-03-04", ["5 March 2026", "4 March 2026"]),
        ("?to=2026-03-04", ["4 March 2026", "March 2026", "3 March 2026"]),
        ("?from=2026-03-04&to=2026-03-04", ["4 March 2026"]),
        (
            "?from=2026-03&to=2026-03",
            ["5 March 2026", "4 March 2026", "3 March 2026", "March 2026"],
        ),
        ("?from=2026-04", []),
        ("?to=2025", []),
        ("?trend=old", ["4 March 2026"]),
        ("?trend=old&from=2026-03-05", []),
        ("?trend=new", ["5 March 2026", "March 2026", "3 March 2026"]),
    ],
)
def test_a_digest_holds_the_retirements_between_its_dates(client, query, expected):
    make_old()
    new = make_trend("new", published=BEFORE)
    for date in ("2026-03-03", "2026-03-05", "2026-03"):
        Assessment.objects.create(
            trend=new, date=PartialDate.parse(date), status="growing", confidence="low"
        )
    tree = read(client, f"/en/changes/{query}")
    shown = [words(change.find("p")) for change in by_role(tree, "article")]
    assert sorted(shown) == sorted(expected)


def test_a_retirement_stands_among_the_changes_by_its_day(client):
    old = make_old()
    for date in ("2026-03-03", "2026-03-05"):
        Assessment.objects.create(
            trend=old, date=PartialDate.parse(date), status="growing", confidence="low"
        )
    articles = by_role(read(client, "/en/changes/"), "article")
    dates = [words(article.find("p")) for article in articles]
    assert dates == ["5 March 2026", "4 March 2026", "3 March 2026"]


def test_a_retirement_is_an_entry_of_the_feeds_and_the_others_keep_their_ids(client):
    old = make_old("old", make_trend("new", tags=["other"], published=BEFORE), tags=["cost"])
    Trend.objects.filter(pk=old.pk).update(retired=None)
    before = {entry.id for entry in atom(client).entries}
    Trend.objects.filter(pk=old.pk).update(retired=DAY)
    entry, *rest = atom(client).entries
    assert {other.id for other in rest} == before
    assert entry.id == "tag:testserver,2026:/en/trends/old/retired/2026-03-04"
    assert entry.title == "Title of old – retired, replaced by Title of new"
    assert entry.link == f"http://testserver{PAGE}#retired"
    assert entry.published == entry.updated == "2026-03-04T00:00:00+00:00"
    [content] = entry.content
    assert content.value == (
        "<p>Retired on 4 March 2026.</p><p>It came true.</p>"
        '<p>Replaced by: <a href="http://testserver/en/trends/new/">Title of new</a></p>'
    )
    assert atom(client, "/en/tags/cost/feed.atom").entries[0].id == entry.id
    assert entry.id not in {other.id for other in atom(client, "/en/tags/other/feed.atom").entries}
    in_japanese = json_feed(client, "/ja/feed.json")["items"][0]
    assert in_japanese["title"] == "oldの題 – 追跡終了、後継：newの題"
    assert in_japanese["url"] == "http://testserver/ja/trends/old/#retired"


def test_a_feed_entry_without_successors_is_whole(client):
    make_old(retired_note_en=None, retired_note_ja=None)
    item = json_feed(client)["items"][0]
    assert item["title"] == "Title of old – retired"
    assert item["content_html"] == "<p>Retired on 4 March 2026.</p>"


# The form


@pytest.fixture
def editor(client):
    client.force_login(make_editor())
    return client


def change(client, trend, **changes):
    url = trend_url(trend)
    return send(client, url, form_data(client, url), **changes)


def test_an_editor_retires_a_trend(editor):
    trend, new = make_trend("old", published=BEFORE), make_trend("new")
    response = change(
        editor, trend, retired="2026-03-04", successors=[new.pk], retired_note_ja="実現したため。"
    )
    assert response.status_code == 302, errors(response)
    trend.refresh_from_db()
    assert (trend.retired, trend.retired_note_en, trend.retired_note_ja, trend.version) == (
        DAY,
        None,
        "実現したため。",
        1,
    )
    assert [*trend.successors.all()] == [new]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"retired_note_en": "Why"}, "There is a note on why it is retired: enter the day, too."),
        ({"successors": ["other"]}, "There are successors: enter the day, too."),
        ({"retired": "2025-03-03"}, "This is before its publication date."),
        (
            {"retired": "2026-03-04", "published": ""},
            "Only a published trend can be retired.",
        ),
        ({"retired": "soon", "successors": ["other"]}, "Enter a valid date."),
    ],
)
def test_what_is_wrong_is_told_beside_the_day(editor, changes, message):
    other = make_trend("other")
    if "successors" in changes:
        changes = {**changes, "successors": [other.pk]}
    response = change(editor, make_trend("old", published=BEFORE), **changes)
    assert errors(response) == {"retired": [message]}


def test_a_trend_neither_succeeds_itself_nor_what_succeeds_it(editor):
    first, second, third = (make_old(slug) for slug in ("first", "second", "third"))
    first.successors.add(second)
    second.successors.add(third)
    response = change(editor, third, successors=[third.pk])
    assert errors(response) == {"successors": ["A trend cannot replace itself."]}
    response = change(editor, third, successors=[first.pk])
    assert errors(response) == {
        "successors": [
            "“Title of first” is itself replaced by this trend, directly or through others."
        ]
    }
    assert change(editor, first, successors=[third.pk]).status_code == 302


def test_the_admins_list_says_and_finds_what_is_retired(editor):
    make_old()
    make_trend("new")

    def found(state: str) -> list[str]:
        page = editor.get(f"/admin/trends/trend/?state={state}")
        return slugs(page.context["cl"].result_list)

    assert found("retired") == ["old"]
    assert found("published") == ["new"]
    assert "retired 4 March 2026" in editor.get("/admin/trends/trend/").content.decode()


def test_a_preview_says_what_is_to_come(editor):
    trend = make_old(retired=tomorrow())
    page = read(editor, f"/admin/trends/trend/{trend.pk}/preview/en/")
    day = PartialDate.from_date(tomorrow()).display()
    assert f"From {day} on it is shown as retired." in words(by_role(page, "status")[0])
