"""Marks of sources in the form of a trend, and what becomes of them when a source is renamed."""

import pytest

from quotes.models import Source
from tests.support.editing import (
    add_row,
    errors,
    form_data,
    make_editor,
    make_staff,
    send,
    trend_url,
)
from tests.support.make import make_audience, make_source, make_trend
from tests.support.marked import make_marked
from tests.support.reading import read, words
from trends.models import Driver, Trend

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def editor(client):
    client.force_login(make_editor())


def change(client, trend, **changes):
    url = trend_url(trend)
    data = form_data(client, url)
    for prefix in {name.split("-")[0] for name in changes if "-" in name}:
        values = {
            name.removeprefix(f"{prefix}-"): changes.pop(name)
            for name in list(changes)
            if name.startswith(f"{prefix}-")
        }
        add_row(data, prefix, **values)
    return send(client, url, data, **changes)


def cited(row, name: str = "sources") -> set[str]:
    return set(getattr(row, name).values_list("key", flat=True))


def test_marked_sources_are_cited_by_the_row(client):
    trend, listed = make_trend(), make_source("listed")
    make_source("one")
    make_source("two")
    make_source("three")
    response = change(
        client,
        trend,
        shift_en="It shifts[^one].",
        shift_ja="変わる[^two]。",
        shift_sources=[listed.pk],
        **{"drivers-heading_en": "Why", "drivers-body_en": "Because[^three]. `[^code]`"},
        **{"implications-audience": make_audience().pk, "implications-lead_en": "Buy"},
        **{"implications-text_en": "Buy[^two]."},
        **{"assessments-date": "2025-06", "assessments-status": trend.status},
        **{"assessments-confidence": trend.confidence, "assessments-rationale_ja": "根拠[^one]。"},
    )
    assert response.status_code == 302, errors(response)
    assert cited(trend, "shift_sources") == {"listed", "one", "two"}
    assert cited(trend.drivers.get()) == {"three"}
    assert cited(trend.implications.get()) == {"two"}
    assert cited(trend.assessments.get()) == {"one"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "It shifts[^gartner-2024].",
            "No source has the key “gartner-2024”; did you mean “gartner-2025”?",
        ),
        ("It shifts[^何か].", "No source has the key “何か”."),
        (
            "It shifts.\n\n[^gartner-2025]: Report",
            "A footnote is not defined in the text. Add its source, and write “[^key]” with the "
            "key of the source at the claim.",
        ),
    ],
)
def test_a_wrong_mark_is_told_beside_its_text(client, text, message):
    make_source("gartner-2025")
    trend = make_trend()
    response = change(client, trend, shift_ja=text)
    assert errors(response) == {"shift_ja": [message]}
    assert text.split("\n")[0] in response.content.decode()


def test_a_wrong_mark_of_a_new_row_is_told_beside_it(client):
    response = change(
        client, make_trend(), **{"drivers-heading_en": "Why", "drivers-body_en": "So[^x]."}
    )
    assert errors(response) == {"drivers-0-body_en": ["No source has the key “x”."]}


def test_a_mark_in_another_text_is_told_beside_it(client):
    make_source("report")
    response = change(client, make_trend(), key_points_en="It shifts[^report].")
    [message] = errors(response)["key_points_en"]
    assert message.startswith("No source can be marked here (“[^report]”)")


def test_a_form_that_changes_nothing_of_marked_texts_saves_nothing(client):
    trend = make_marked()
    change(client, trend)
    assert Trend.objects.get().version == trend.version


# Renaming


def rename(source: Source, key: str) -> None:
    source.key = key
    source.save()


def test_a_renamed_source_is_renamed_in_the_texts_that_mark_it():
    trend = make_marked()
    untouched = Driver.objects.create(trend=trend, heading_en="Code", body_en="`[^one]`")
    untouched.sources.add(Source.objects.get(key="one"))
    rename(Source.objects.get(key="one"), "survey-2026")
    trend.refresh_from_db()
    driver = trend.drivers.get(heading_en="Chips")
    assert driver.body_en == "Chips got **faster**[^survey-2026].\n\nMuch[^two][^survey-2026]."
    assert trend.assessments.get().rationale_en == "One survey[^survey-2026] and a report."
    assert trend.shift_en == "Prices fell[^two]."
    assert trend.drivers.get(heading_en="Code").body_en == "`[^one]`"


def test_a_renamed_source_makes_open_forms_old_but_no_content_new():
    trend, other = make_marked(), make_trend("another-trend")
    rename(Source.objects.get(key="one"), "survey-2026")
    saved = Trend.objects.get(pk=trend.pk)
    assert (saved.version, saved.updated_at) == (trend.version + 1, trend.updated_at)
    assert Trend.objects.get(pk=other.pk).version == other.version


def test_a_former_key_in_a_form_becomes_the_present_one(client):
    trend, source = make_trend(), make_source("old-key")
    rename(source, "new-key")
    response = change(client, trend, shift_en="It shifts[^old-key].")
    assert response.status_code == 302, errors(response)
    trend.refresh_from_db()
    assert trend.shift_en == "It shifts[^new-key]."
    assert cited(trend, "shift_sources") == {"new-key"}


def test_a_marked_source_cannot_be_deleted(client):
    make_marked()
    source = Source.objects.get(key="one")
    client.post(f"/admin/quotes/source/{source.pk}/delete/", {"post": "yes"})
    assert Source.objects.filter(pk=source.pk).exists()


# What the button offers

SOURCES = "/admin/trends/trend/sources/"


def offered(client, **query) -> list[str]:
    return [row["key"] for row in client.get(SOURCES, query).json()["results"]]


def test_the_button_offers_the_sources_of_the_trend_first(client):
    trend = make_marked()
    make_source("latest")
    assert offered(client) == ["latest", "two", "one"]
    assert offered(client, trend=trend.pk) == ["two", "one", "latest"]


@pytest.mark.parametrize("term", ["gartner", "Title IAAS", "iaas title", "example.org/gartner"])
def test_sources_are_found_by_their_words(client, term):
    make_source("gartner-iaas", title="Title on IaaS")
    make_source("other", title="Other")
    assert offered(client, term=term) == ["gartner-iaas"]


def test_a_source_is_offered_with_title_and_credit(client):
    make_source("one", origin="Gartner", publisher="CRN")
    [row] = client.get(SOURCES).json()["results"]
    assert row == {"key": "one", "text": "Title of one · Gartner, via CRN"}


@pytest.mark.parametrize("trend", ["x", "99999999999999999999", "-1", ""])
def test_a_wrong_trend_is_ignored(client, trend):
    make_source("one")
    assert offered(client, trend=trend) == ["one"]


@pytest.mark.parametrize("sources", [1, 20])
def test_offering_sources_takes_the_same_queries(client, django_assert_num_queries, sources):
    trend = make_marked()
    for number in range(sources):
        make_source(f"source-{number}")
    # 1-2 the session and its editor, 3 what the trend cites, 4 the sources.
    with django_assert_num_queries(4):
        assert len(offered(client, trend=trend.pk)) == min(sources + 2, 20)


def test_only_who_sees_trends_and_sources_is_offered_any(client):
    client.force_login(make_staff("view_trend"))
    assert client.get(SOURCES).status_code == 403
    client.logout()
    assert client.get(SOURCES).status_code == 302


def test_the_preview_shows_marks_by_their_keys(client):
    response = client.post("/admin/markdown/", {"text": "It fell[^one]. `[^a]`", "language": "en"})
    assert response.content.decode() == (
        '<p>It fell<span class="marks marks-held"><sup>[one]</sup></span>. <code>[^a]</code></p>\n'
    )


def test_a_title_that_no_font_has_is_saved_with_a_warning(client):
    trend = make_trend(published=None)
    assert change(client, trend, title_en="Tibet བོད་ 2026").status_code == 302
    page = read(client, trend_url(trend))
    assert [words(item) for item in page.iter("li") if item.get("class") == "warning"] == [
        "The share card shows the slug instead of the title: no font has “བོ ད ་”."
    ]


def test_a_picture_in_a_text_is_saved_with_a_warning(client):
    trend = make_trend()
    picture = "![A chart](https://example.org/chart.png)"
    driver = {"drivers-heading_en": "Why", "drivers-body_ja": f"図{picture}と`![code](a)`"}
    response = change(client, trend, shift_en=f"See {picture}", **driver)
    assert response.status_code == 302, errors(response)
    page = read(client, trend_url(trend))
    of_checklist, *others = [
        words(item) for item in page.iter("li") if item.get("class") == "warning"
    ]
    assert of_checklist.startswith("The checklist has")
    assert others == [f"Texts have no pictures: readers see “{picture}” as it is written."]
    assert words(read(client, trend.get_absolute_url()).find(".//main")).count(picture) == 2
