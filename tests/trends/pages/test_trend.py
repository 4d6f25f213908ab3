"""The page of a trend, as a reader meets it."""

import datetime
import re
from xml.etree.ElementTree import Element

import pytest
from django.utils import translation

from quotes.models import Mention
from tests.support.days import today, tomorrow, yesterday
from tests.support.make import (
    date,
    give_picture,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from tests.support.query_counts import TREND_PAGE_QUERIES
from tests.support.reading import (
    blanks,
    broken_anchors,
    by_id,
    by_ids,
    by_role,
    headings,
    links,
    main,
    notes,
    numbered_sources,
    page_header,
    parts,
    read,
    spoken,
    words,
)
from trends.models import Assessment, Driver, Falsifier, TimelineEntry, Trend, TrendMention
from trends.search.index import indexed_once
from trendsite.shared.translated import column, languages, translated_fields

pytestmark = pytest.mark.django_db

PAGE = "/en/trends/example-trend/"
THREE_WIDTHS = (1280, 720)
PAGE_IN_JAPANESE = "/ja/trends/example-trend/"
CHILDREN = ["drivers", "implications", "timeline", "mentions", "assessments", "reading"]


def make_whole(children: int = 2, **values) -> Trend:
    """A trend with every part of the page."""
    trend = make_trend(tags=["strategy"], **dict.fromkeys(CHILDREN, children), **values)
    trend.shift_sources.add(make_source("shift-report"))
    trend.related.add(make_trend("another-trend"))
    return trend


def quote(trend: Trend, original: str = "It works.", *, voice: bool = True, **values) -> Mention:
    """Words on a trend, by Mina Example unless told."""
    mention = make_mention(original, **values)
    TrendMention.objects.create(trend=trend, mention=mention, voice=voice)
    return mention


def untranslate(language: str) -> None:
    """Take a language out of every row that stands on the page."""
    models = [Trend, Mention, type(make_expert()), type(make_tag())]
    models += [relation.related_model for relation in Trend._meta.related_objects]
    models.append(Trend._meta.get_field("implications").related_model.audience.field.related_model)
    for model in models:
        fields = [column(field, language) for field in translated_fields(model)]
        if fields:
            model._base_manager.update(**dict.fromkeys(fields))


# The parts


def test_parts_stand_in_order_each_with_its_heading_and_anchor(client):
    make_whole()
    assert parts(read(client, PAGE)) == {
        "shift": "The shift",
        "drivers": "Key drivers",
        "voices": "Who is saying this",
        "implications": "Implications",
        "timeline": "Timeline",
        "assessments": "Assessment history",
        "reading": "Related reading",
        "mentions": "Expert mentions",
        "sources": "Sources",
        "related": "Related trends",
    }


@pytest.mark.parametrize("page", [PAGE, PAGE_IN_JAPANESE])
def test_contents_name_each_part_and_lead_to_it(client, page):
    make_whole()
    read_page = read(client, page)
    contents = links(by_role(main(read_page), "navigation")[0])
    assert contents == {f"#{anchor}": heading for anchor, heading in parts(read_page).items()}


@pytest.mark.parametrize(
    ("absent", "anchors"),
    [
        ({"shift_en": None, "shift_ja": None}, ["shift"]),
        *(
            ({name: 0}, ["mentions", "voices"] if name == "mentions" else [name])
            for name in CHILDREN
        ),
    ],
    ids=["shift", *CHILDREN],
)
def test_part_without_content_leaves_no_trace(client, absent, anchors):
    trend = make_trend(**{**dict.fromkeys(CHILDREN, 1), **absent})
    trend.shift_sources.add(make_source())
    page = read(client, PAGE)
    everything = {"shift", "sources", "voices", *CHILDREN}
    assert set(parts(page)) == everything - set(anchors)
    for anchor in anchors:
        assert by_id(page, anchor) is None
        assert by_id(page, f"{anchor}-heading") is None
    assert broken_anchors(page) == []


def test_trend_of_a_title_alone_is_a_page(client):
    Trend.objects.create(
        slug="example-trend",
        status="growing",
        confidence="low",
        since=date("2025"),
        published=today(),
        title_en="Title alone",
    )
    page = read(client, PAGE)
    assert headings(page)[0] == "Title alone"
    assert parts(page) == {}
    assert by_role(main(page), "navigation") == []
    assert by_role(page, "list", "Tags") == []
    assert blanks(page) == []
    assert broken_anchors(page) == []


def test_mention_that_is_no_voice_stands_among_the_mentions_alone(client):
    quote(make_trend(), voice=False)
    assert list(parts(read(client, PAGE))) == ["shift", "mentions"]


def test_head_names_the_trend(client):
    make_trend()
    page = read(client, PAGE)
    assert words(page.find("head/title")) == "Title of example-trend – Trendsite"
    description = page.find("head/meta[@name='description']")
    assert description.get("content") == "Subtitle of example-trend"


def test_judgement_is_said_in_words_and_leads_to_what_it_means(client):
    make_trend(status="emerging", confidence="high", since=date("2024-Q3"), assessments=1)
    page = read(client, PAGE)
    judgement = page_header(page).find("dl")
    assert words(judgement) == (
        "Status emerging Confidence high Since 2024 Q3 Last reviewed 1 May 2000"
    )
    assert links(judgement) == {"#levels": "high"}
    levels = words(by_id(page, "levels"))
    for level in ["emerging", "growing", "established", "declining", "high", "medium", "low"]:
        assert level in levels


def test_shift_is_markdown(client):
    make_trend(shift_en="It **moves**.\n\n# From\n\n- here\n- there")
    shift = by_id(read(client, PAGE), "shift")
    assert words(shift.find(".//strong")) == "moves"
    assert words(shift.find(".//h3")) == "From"
    assert [words(item) for item in shift.iter("li")] == ["here", "there"]


def test_text_is_text_wherever_it_stands(client):
    attack = "<script>alert(1)</script>"
    make_trend(title_en=f"Title {attack}", subtitle_en=f'"{attack}', shift_en=f"Shift {attack}")
    page = read(client, PAGE)
    assert main(page).find(".//script") is None
    assert headings(page)[0] == f"Title {attack}"
    assert attack in words(by_id(page, "shift"))


def test_drivers_are_numbered_in_their_order(client):
    trend = make_trend(drivers=3)
    Driver.objects.filter(trend=trend, heading_en="Driver 0").update(order=9)
    drivers = by_id(read(client, PAGE), "drivers")
    assert [words(heading) for heading in drivers.iter("h3")] == [
        "1. Driver 1",
        "2. Driver 2",
        "3. Driver 0",
    ]


def test_implications_are_grouped_by_audience(client):
    make_trend(implications=4)
    implications = by_id(read(client, PAGE), "implications")
    assert [words(heading) for heading in implications.iter("h3")] == [
        "What it means for Enterprises",
        "What it means for Researchers",
    ]
    first, second = implications.findall(".//h3/../ul")
    assert [words(lead) for lead in first.iter("strong")] == ["Lead 0", "Lead 2"]
    assert [words(lead) for lead in second.iter("strong")] == ["Lead 1", "Lead 3"]


@pytest.mark.parametrize(
    ("assessments", "heading"), [(1, "Why this assessment"), (2, "Assessment history")]
)
def test_assessments_are_a_history_where_there_is_more_than_one(client, assessments, heading):
    make_trend(assessments=assessments)
    page = read(client, PAGE)
    assert parts(page)["assessments"] == heading
    assert [words(day) for day in by_id(page, "assessments").iter("h3")] == [
        "1 May 2001",
        "1 May 2000",
    ][-assessments:]


def test_tags_lead_to_their_pages_in_the_order_of_the_editor(client):
    make_trend(tags=["strategy", "cost"])
    [tags, *_rest] = by_role(read(client, PAGE), "list", "Tags")
    assert list(links(tags).items()) == [
        ("/en/tags/strategy/", "strategy"),
        ("/en/tags/cost/", "cost"),
    ]


def test_updated_on_the_day_of_the_site_s_time_zone(client, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    make_trend(updated_at=datetime.datetime(2026, 1, 1, 20, tzinfo=datetime.UTC))
    updated = main(read(client, PAGE)).find(".//footer").findall(".//time")[-1]
    assert (updated.get("datetime"), words(updated)) == ("2026-01-02", "2 January 2026")


# The timeline


def test_timeline_is_a_table_in_the_order_of_time(client):
    trend = make_trend(timeline=2)
    TimelineEntry.objects.create(trend=trend, date=date("2000-06-02"), text_en="In between")
    table = by_id(read(client, PAGE), "timeline").find(".//table")
    assert [words(cell) for cell in table.iterfind("tbody/tr/th")] == [
        "2000",
        "2 June 2000",
        "2001",
    ]


@pytest.mark.parametrize(
    ("written", "english", "datetime_"),
    [
        ("2025", "2025", "2025"),
        ("2024-Q3", "2024 Q3", None),
        ("2025-06", "June 2025", "2025-06"),
        ("2025-12-18", "18 December 2025", "2025-12-18"),
        ("2025-03/2025-06", "March–June 2025", None),
        ("~2025", "c. 2025", None),
    ],
)
def test_date_is_a_time_element_where_html_has_a_form_for_it(client, written, english, datetime_):
    TimelineEntry.objects.create(trend=make_trend(), date=date(written), text_en="Event")
    [cell] = by_id(read(client, PAGE), "timeline").findall(".//tbody//th")
    assert words(cell) == english
    assert [time.get("datetime") for time in cell.iter("time")] == [datetime_] * bool(datetime_)


@pytest.mark.parametrize(
    ("when", "outcome", "says"),
    [
        ("9999", "pending", "forecast · open"),
        ("2020", "pending", "forecast · overdue"),
        ("2020", "confirmed", "forecast · confirmed"),
        ("2020", "missed", "forecast · missed"),
    ],
)
def test_forecast_says_so_in_words_with_its_outcome_and_why(client, when, outcome, says):
    trend = make_trend(timeline=1)
    TimelineEntry.objects.create(
        trend=trend,
        date=date(when),
        text_en="It doubles.",
        kind="forecast",
        outcome=outcome,
        note_en="The report of May.",
    )
    part = by_id(read(client, PAGE), "timeline")
    event, forecast = sorted(part.findall(".//tbody//td"), key=words)
    assert [words(text) for text in part.iter("text")].count(says) == 2
    assert words(forecast).startswith(f"{says} It doubles. ¶ The report of May. Unknown who")
    assert "forecast" not in words(event)


@pytest.mark.parametrize(
    ("when", "outcome", "says"),
    [
        ("9999", "pending", "scheduled · to come"),
        ("2020", "pending", "scheduled · to be checked"),
        ("2020", "in-force", "scheduled · in force"),
        ("2020", "postponed", "scheduled · postponed"),
        ("2020", "dropped", "scheduled · dropped"),
    ],
)
def test_what_is_scheduled_says_so_in_words_and_is_no_forecast(client, when, outcome, says):
    trend = make_trend(timeline=1)
    TimelineEntry.objects.create(
        trend=trend, date=date(when), text_en="It applies.", kind="scheduled", outcome=outcome
    )
    part = by_id(read(client, PAGE), "timeline")
    assert [words(text) for text in part.iter("text")].count(says) == 2
    assert f"{says} It applies. ¶" in words(part)
    assert "forecast" not in words(part).lower()


# What would change our mind


def assessments(page) -> list[Element]:
    return by_ids(page, r"assessment-\d.*")


def test_the_newest_assessment_is_followed_by_what_would_change_it(client):
    trend = make_trend(assessments=2)
    Falsifier.objects.create(trend=trend, order=1, text_en="It stops.", date=date("2999-06"))
    Falsifier.objects.create(trend=trend, order=0, text_en="Prices rise.")
    newest, oldest = assessments(read(client, PAGE))
    assert "What would change our mind Prices rise. By June 2999: It stops." in words(newest)
    assert "What would change" not in words(oldest)


def test_without_an_assessment_what_would_change_our_mind_is_shown_alone(client):
    Falsifier.objects.create(trend=make_trend(), text_en="It stops.")
    part = by_id(read(client, PAGE), "assessments")
    assert "What would change our mind It stops." in words(part)


@pytest.mark.parametrize(
    ("when", "retired", "is_under_review"),
    [
        (None, None, False),
        ("2999", None, False),
        ("2020-06", None, True),
        ("2020-06", yesterday(), False),
    ],
)
def test_past_the_date_of_a_falsifier_a_trend_is_under_review(
    client, when, retired, is_under_review
):
    trend = make_trend(assessments=1, published=date("2020-01-01").first_day, retired=retired)
    Falsifier.objects.create(trend=trend, text_en="It stops.", date=when and date(when))
    page = read(client, PAGE)
    assert ("Under review" in words(page)) == is_under_review
    assert Trend.objects.under_review().exists() == is_under_review
    assert Trend.objects.with_review().get().is_under_review == is_under_review
    as_json = client.get("/en/trends/example-trend.json").json()
    assert as_json["under_review"] == is_under_review


def test_a_reconstructed_assessment_says_so(client):
    trend = make_trend(assessments=2)
    oldest = trend.assessments.last()
    oldest.reconstructed = True
    oldest.save()
    newest, reconstructed = assessments(read(client, PAGE))
    assert "Reconstructed later" in words(reconstructed)
    assert "Reconstructed later" not in words(newest)
    page = read(client, PAGE.replace("/en/", "/ja/"))
    assert "後日再構成" in words(assessments(page)[1])


def test_an_assessment_of_the_future_is_held_back(client):
    trend = make_trend(assessments=1)
    Assessment.objects.create(
        trend=trend,
        date=date("2999"),
        status="growing",
        confidence="high",
        rationale_en="Not said yet.",
    )
    for page in (PAGE, "/en/trends/example-trend.json", "/en/trends/example-trend.md"):
        assert "Not said yet." not in client.get(page).content.decode()
    assert "Last reviewed 1 May 2000" in words(read(client, PAGE))


# Voices and mentions


def test_voice_is_a_figure_with_speaker_words_and_where_to_check_them(client):
    quote(make_trend(), source=make_source(), occasion_en="At a talk")
    figure = by_id(read(client, PAGE), "voices").find("figure")
    assert words(figure.find("figcaption")) == "Mina Example ¶ analyst, Example Institute"
    assert links(figure.find("figcaption")) == {
        "/en/experts/mina-example/": "Mina Example",
        f"#{Mention.objects.get().anchor}": "¶",
    }
    quotation = figure.find("blockquote")
    assert quotation.get("cite") == "https://example.org/report"
    assert words(quotation) == "It works."
    assert "At a talk" in words(figure)


def test_words_nobody_can_check_cite_nothing(client):
    quote(make_trend())
    for quotation in read(client, PAGE).iter("blockquote"):
        assert "cite" not in quotation.attrib


@pytest.mark.parametrize(
    ("page", "language", "translations"),
    [
        (PAGE, "en", {"translation_ja": "動く。"}),
        (PAGE_IN_JAPANESE, "ja", {"translation_ja": None, "translation_en": "It works."}),
    ],
)
def test_words_in_the_language_of_the_page_are_not_translated(client, page, language, translations):
    quote(make_trend(), "Original", language=language, **translations)
    read_page = read(client, page)
    for quotation in read_page.iter("blockquote"):
        assert (quotation.get("lang"), words(quotation)) == (language, "Original")
    assert spoken(read_page, "Original:") == set()


@pytest.mark.parametrize(
    ("page", "language", "translations", "shown"),
    [
        (PAGE_IN_JAPANESE, "en", {"translation_ja": "動く。"}, "動く。"),
        (PAGE, "ja", {"translation_ja": None, "translation_en": "It works."}, "It works."),
    ],
)
def test_words_in_the_readers_language_come_before_the_original(
    client, page, language, translations, shown
):
    quote(make_trend(), "Said so", language=language, **translations)
    read_page = read(client, page)
    [quotation] = read_page.iter("blockquote")
    assert words(quotation) == shown
    assert spoken(read_page, shown) == {read_page.get("lang")}
    assert spoken(read_page, "Said so") == {language}
    text = words(by_id(read_page, "voices"))
    assert text.index(shown) < text.index("Said so")


def test_words_not_yet_translated_say_so(client):
    quote(make_trend(), "はい。", language="ja", translation_ja=None)
    page = read(client, PAGE)
    assert spoken(page, "はい。") == {"ja"}
    assert words(page).count("Not yet translated.") == 1


def test_translation_into_a_third_language_stands_under_it(client):
    quote(make_trend(), "Ja.", language="de", translation_ja="はい。")
    assert spoken(read(client, PAGE), "はい。") == {"ja"}


def test_paragraphs_of_words_are_kept(client):
    quote(make_trend(), "First.\n\nSecond.")
    quotation = by_id(read(client, PAGE), "voices").find(".//blockquote")
    assert [words(paragraph) for paragraph in quotation] == ["First.", "Second."]


def test_card_shows_speaker_words_tags_and_the_video_at_its_second(client):
    mention = quote(make_trend(), video=make_video(), start=754)
    mention.tags.add(make_tag("product"))
    card = by_id(read(client, PAGE), "mentions").find(".//article")
    assert words(card.find(".//h3")) == "Mina Example"
    assert "analyst, Example Institute" in words(card)
    assert links(card) == {
        "https://www.youtube.com/watch?v=abcdefghijk&t=754s": "Watch: A talk from 12:34",
        "/en/experts/mina-example/": "Mina Example",
        f"#{mention.anchor}": "Read the words above",
        "/en/videos/youtube/abcdefghijk/": "All quotations from this video",
        "/en/tags/product/": "product",
    }


def test_card_without_role_has_no_comma_before_the_affiliation(client):
    quote(make_trend(), expert=make_expert("ken", name_en="Ken", affiliation_en="Institute"))
    card = by_id(read(client, PAGE), "mentions").find(".//article")
    assert "Institute" in [words(line) for line in card.iter("p")]


def test_card_has_a_picture_in_three_formats_that_moves_nothing(client):
    quote(make_trend(), video=give_picture(make_video(), THREE_WIDTHS))
    picture = by_id(read(client, PAGE), "mentions").find(".//picture")
    assert [source.get("type") for source in picture.iter("source")] == ["image/avif", "image/webp"]
    image = picture.find("img")
    assert image.get("src").endswith(".jpg")
    assert (image.get("width"), image.get("height")) == ("640", "360")
    assert image.get("loading") == "lazy"
    for element in picture:
        assert "320w" in element.get("srcset")
        assert "960w" in element.get("srcset")
        assert element.get("sizes")


def test_card_of_a_document_has_no_picture(client):
    quote(make_trend())
    card = by_id(read(client, PAGE), "mentions").find(".//article")
    assert [element.tag for element in card.iter() if element.tag in ("svg", "img")] == []


def test_card_of_a_video_without_a_picture_has_the_portrait_of_the_speaker(client):
    quote(make_trend(), video=make_video())
    card = by_id(read(client, PAGE), "mentions").find(".//article")
    portrait = card.find(".//svg")
    assert (portrait.get("width"), portrait.get("height")) == ("640", "360")
    assert [line.text.strip() for line in portrait.iter("tspan")] == ["Mina", "Example"]
    assert card.find(".//img") is None
    assert portrait in list(card.find("a"))


def test_pictures_are_there_when_the_page_names_them(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        quote(make_trend(), video=give_picture(make_video(), THREE_WIDTHS))
    picture = by_id(read(client, PAGE), "mentions").find(".//picture")
    named = {
        address.split()[0] for element in picture for address in element.get("srcset").split(", ")
    }
    assert len(named) == 9
    for address in [*named, picture.find("img").get("src")]:
        assert client.get(address).status_code == 200


# Notes


@pytest.mark.parametrize("page", [PAGE, PAGE_IN_JAPANESE])
def test_every_anchor_is_there_once_and_every_link_to_one_resolves(client, page):
    make_whole(3)
    assert broken_anchors(read(client, page)) == []


def test_notes_are_numbered_as_a_reader_meets_them(client):
    make_whole()
    page = read(client, PAGE)
    cited = [
        int(words(link).split()[0])
        for link in page.iter("a")
        if link.get("href", "").startswith("#source-")
    ]
    first_met = list(dict.fromkeys(cited))
    assert first_met == list(range(1, len(first_met) + 1))
    assert [note.get("id") for note in numbered_sources(page)] == [
        f"source-{number}" for number in first_met
    ]


def test_notes_and_the_places_that_cite_them_are_linked_both_ways(client):
    make_whole()
    page = read(client, PAGE)
    forth = {
        (link.get("id"), link.get("href"))
        for link in page.iter("a")
        if link.get("href", "").startswith("#source-")
    }
    back = {
        (link.get("href").removeprefix("#"), f"#{note.get('id')}")
        for note in numbered_sources(page)
        for link in note.iter("a")
        if link.get("href").startswith("#")
    }
    # The shift, and two each of drivers, implications, voices, timeline, assessments. The
    # mentions are the voices.
    assert len(forth) == 11
    assert back == forth


def test_source_cited_twice_is_one_note_that_leads_back_to_the_first_place(client):
    trend = make_trend(drivers=1)
    source = make_source()
    trend.shift_sources.add(source)
    trend.drivers.get().sources.set([source])
    page = read(client, PAGE)
    [note] = numbered_sources(page)
    [back] = [link for link in note.iter("a") if link.get("href").startswith("#")]
    assert back.get("aria-label") == "Back to the text that cites source 1"
    place = by_id(page, back.get("href").removeprefix("#"))
    assert place in [*by_id(page, "shift").iter("a")]


def test_note_leads_to_other_trends_that_cite_its_source_if_there_are_any(client):
    shared, alone, hidden = map(make_source, ("shared", "alone", "hidden"))
    make_trend().shift_sources.add(shared, alone, hidden)
    make_trend("other", drivers=1).drivers.get().sources.add(shared)
    make_trend("draft", published=None).shift_sources.add(hidden)
    page = by_id(read(client, PAGE), "sources")
    assert [a for a in links(page) if a.startswith("/en/sources/")] == ["/en/sources/shared/"]


def test_note_says_what_where_and_when(client):
    source = make_source(date=date("2025-12"), language="ja", title="報告", publisher="")
    make_trend().shift_sources.add(source)
    page = read(client, PAGE)
    [note] = numbered_sources(page)
    assert words(note).startswith("報告 · December 2025")
    assert spoken(page, "報告") == {"ja"}
    # A source without a publisher is cited by its site.
    assert words(by_role(by_id(page, "shift"), "list", "Sources")[0]) == "1 example.org"


@pytest.mark.parametrize(
    ("language", "title", "said", "spoken_in"),
    [
        ("en", "Episode 7", "Episode 7 [summary]", "en"),
        ("ja", "Episode 7", "Episode 7 〔要約〕", "ja"),
        ("ja", "", "〔要約〕", "ja"),
    ],
)
def test_note_has_the_description_of_its_source_in_brackets(
    client, language, title, said, spoken_in
):
    source = make_source(
        title=title, language="en", description_en="summary", description_ja="要約"
    )
    make_trend().shift_sources.add(source)
    page = read(client, f"/{language}/trends/example-trend/")
    [note] = numbered_sources(page)
    assert words(note).startswith(said)
    assert spoken(page, "summary|要約") == {spoken_in}
    assert links(read(client, f"/{language}/sources/report/"))["https://example.org/report"]


def test_reading_is_listed_and_not_numbered(client):
    make_trend(reading=2)
    page = read(client, PAGE)
    assert links(by_id(page, "reading")) == {
        "https://example.org/example-trend-reading-0": "Title of example-trend-reading-0",
        "https://example.org/example-trend-reading-1": "Title of example-trend-reading-1",
    }
    assert by_id(page, "sources") is None


# Languages


def test_page_in_japanese_is_japanese(client):
    make_whole()
    page = read(client, PAGE_IN_JAPANESE)
    assert page.get("lang") == "ja"
    assert headings(page)[0] == "example-trendの題"
    assert words(page.find("head/title")) == "example-trendの題 – Trendsite"
    assert "要因0" in words(by_id(page, "drivers"))
    with translation.override("ja"):
        assert date("2000-05-01").display() in words(by_id(page, "assessments"))
    assert spoken(page, "題|副題|変化|要因|理由|要点|説明|出来事|根拠|訳") == {"ja"}
    assert notes(page) == []


IN_ENGLISH = r"Title of|Subtitle|What shifts|(Driver|Why|Lead|Event|Because) \d|analyst|strategy"
IN_JAPANESE = "題|変化|要因|理由|要点|説明|出来事|根拠|エグザンプル|タグ|読者"


@pytest.mark.parametrize(
    ("page", "missing", "other", "written"),
    [(PAGE, "en", "ja", IN_JAPANESE), (PAGE_IN_JAPANESE, "ja", "en", IN_ENGLISH)],
    ids=["in Japanese alone", "in English alone"],
)
def test_untranslated_page_shows_the_other_language_as_such_and_says_so(
    client, page, missing, other, written
):
    make_whole()
    untranslate(missing)
    read_page = read(client, page)
    assert headings(read_page)[0] == words(read_page.find("head/title")).split(" – ")[0]
    assert spoken(read_page, written) == {other}
    assert blanks(read_page) == []
    [note] = notes(read_page)
    assert {"ja": "in Japanese.", "en": "英語で"}[other] in note


@pytest.mark.parametrize(
    "part",
    [
        "trend",
        "driver",
        "implication",
        "audience",
        "timeline",
        "assessment",
        "mention",
        "expert",
        "tag",
        "related",
    ],
)
def test_note_is_there_for_whatever_part_is_not_translated(client, part):
    trend = make_whole()
    row, field = {
        "trend": (trend, "subtitle"),
        "driver": (trend.drivers.last(), "body"),
        "implication": (trend.implications.last(), "text"),
        "audience": (trend.implications.last().audience, "label"),
        "timeline": (trend.timeline.last(), "text"),
        "assessment": (trend.assessments.last(), "rationale"),
        "mention": (trend.mentions.last(), "occasion"),
        "expert": (trend.mentions.last().expert, "role"),
        "tag": (make_tag("strategy"), "label"),
        "related": (trend.related.last(), "title"),
    }[part]
    setattr(row, column(field, "en"), None)
    setattr(row, column(field, "ja"), "日本語だけ")
    row.save()
    page = read(client, PAGE)
    assert spoken(page, "日本語だけ") == {"ja"}
    assert len(notes(page)) == 1
    assert notes(read(client, PAGE_IN_JAPANESE)) == []


# Who sees what, and when


@pytest.mark.parametrize("page", [PAGE, PAGE_IN_JAPANESE])
@pytest.mark.parametrize("day", [None, tomorrow], ids=["draft", "scheduled"])
def test_trend_not_yet_published_is_not_found(client, page, day):
    make_trend(published=day and day())
    read(client, page, status=404)


def test_scheduled_trend_appears_on_its_day(client, monkeypatch, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    make_trend(published=datetime.date(2026, 3, 1))
    for moment, status in [
        (datetime.datetime(2026, 2, 28, 14, 59, tzinfo=datetime.UTC), 404),
        (datetime.datetime(2026, 2, 28, 15, 0, tzinfo=datetime.UTC), 200),
    ]:
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        assert client.get(PAGE).status_code == status


def test_related_trends_are_those_that_readers_see(client):
    trend = make_trend()
    for slug, published in [("draft", None), ("scheduled", tomorrow())]:
        trend.related.add(make_trend(slug, published=published))
    assert "related" not in parts(read(client, PAGE))
    trend.related.add(make_trend("published"))
    assert links(by_id(read(client, PAGE), "related")) == {
        "/en/trends/published/": "Title of published"
    }


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_page_is_only_read(client, method):
    make_trend()
    response = getattr(client, method)(PAGE)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD"


def test_head_gets_the_headers_alone(client):
    make_trend()
    response = client.head(PAGE)
    assert (response.status_code, response.content) == (200, b"")


def test_unknown_trend_is_not_found_in_each_language(client):
    for language in languages():
        page = read(client, f"/{language}/trends/nothing/", status=404)
        assert page.get("lang") == language


# Speed


@pytest.mark.parametrize("children", [1, 8])
def test_page_takes_the_same_queries_whatever_it_holds(client, django_assert_num_queries, children):
    with indexed_once():
        trend = make_whole(children)
        quote(trend, "In writing.", source=make_source("letter"))  # the others are in videos too
        for n in range(1, children):
            trend.related.add(make_trend(f"related-{n}"))
    with django_assert_num_queries(TREND_PAGE_QUERIES):
        response = client.get(PAGE)
    assert len(re.findall(r"Why \d", response.content.decode())) == children


# Key points, and what is behind a line


def test_key_points_come_before_the_shift_with_a_jump_for_each_audience(client):
    make_trend(
        key_points_en="It shifts.\nWait.",
        confidence_of_en="it shifts",
        implications=1,
        shift_en="So.",
    )
    page = read(client, PAGE)
    [section] = by_role(page, "region", "Key points")
    assert [words(point) for point in section.iter("li")] == ["It shifts.", "Wait."]
    assert words(page.find(".//dl")).count("it shifts") == 1
    jumps = links(page.find(".//main//p[@class='for-you']"))
    assert list(jumps) == ["#for-enterprises"]
    assert broken_anchors(page) == []


def test_trend_without_key_points_has_no_place_for_them(client):
    make_trend(shift_en="So.")
    assert by_role(read(client, PAGE), "region", "Key points") == []


def test_long_shift_and_drivers_keep_the_rest_behind_a_line(client):
    trend = make_trend(shift_en="One.\n\nTwo.\n\nThree.", drivers=1)
    trend.drivers.update(body_en="Statement.\n\n- Figure 1\n- Figure 2")
    page = read(client, PAGE)
    shift, driver = (by_id(page, part).find(".//details") for part in ("shift", "drivers"))
    assert words(shift) == "The shift in detail Three."
    assert words(driver) == "Evidence and figures Figure 1 Figure 2"


@pytest.mark.parametrize(
    ("verified", "badge"),
    [
        ("", None),
        ("wording", None),
        ("gist", "Wording unverified"),
        ("presumed", "Source presumed"),
    ],
)
def test_badge_says_what_is_not_verified_and_one_note_explains_it(client, verified, badge):
    mention = quote(make_trend())
    type(mention).objects.update(verified=verified)
    text = words(by_id(read(client, PAGE), "main"))
    # The badge beside the speaker, and the note that explains it.
    assert [text.count(name) for name in ("Wording unverified", "Source presumed")] == [
        2 if name == badge else 0 for name in ("Wording unverified", "Source presumed")
    ]
