"""Marks of sources on the page of a trend: the number at the claim, its card, and the way back."""

from xml.etree.ElementTree import Element

import pytest

from tests.support.make import make_source, make_trend
from tests.support.marked import make_marked
from tests.support.query_counts import TREND_PAGE_QUERIES
from tests.support.reading import (
    broken_anchors,
    by_id,
    by_role,
    links,
    numbered_sources,
    read,
    words,
)
from trends.models import Driver

pytestmark = pytest.mark.django_db

PAGE = "/en/trends/example-trend/"


def parts(page) -> dict[str, Element]:
    """The parts of the page by their anchors."""
    return {part.get("id"): part for part in page.iterfind(".//article//section")}


def marks(element: Element) -> list[str]:
    """The numbers of the marks in an element, as their links show them."""
    return [mark.find("a").text for mark in element.iter("sup")]


def test_a_mark_is_the_number_of_its_note_in_the_order_of_the_page(client):
    make_marked()
    page = read(client, PAGE)
    found = parts(page)
    assert marks(found["shift"]) == ["1"]
    assert marks(found["drivers"]) == ["2", "1", "2"]
    assert marks(found["implications"]) == ["1"]
    assert marks(found["assessments"]) == ["2"]
    titles = [words(note.find("a")) for note in numbered_sources(page)]
    assert titles == ["Title of two", "Title of one"]


def test_a_mark_links_to_its_note_and_names_the_source(client):
    make_marked()
    page = read(client, PAGE)
    mark = [*page.iter("sup")][1]
    link, button = mark.find("a"), mark.find("button")
    assert link.get("href") == "#source-2"
    assert link.get("aria-label") == button.get("aria-label") == "Source 2: Gartner"
    # Hidden where no style sheet shows it, so that there is one way to the source.
    assert button.get("hidden") is not None


def test_a_mark_opens_the_card_of_its_source(client):
    make_marked()
    page = read(client, PAGE)
    button = [*page.iter("sup")][1].find("button")
    card = by_id(page, button.get("popovertarget"))
    assert card.get("popover") is not None
    assert words(card).startswith("Title of one · Gartner")
    assert links(card)["https://example.org/one"] == "Title of one"
    [close] = card.iter("button")
    assert close.get("popovertargetaction") == "hide"


def test_a_note_leads_back_to_its_first_mark(client):
    make_marked()
    page = read(client, PAGE)
    _two, one = numbered_sources(page)
    [back] = [address for address in links(one) if address.startswith("#")]
    assert broken_anchors(page) == []
    place = by_id(page, back.removeprefix("#"))
    assert place.tag == "sup"
    assert place in [*by_id(page, "drivers").iter("sup")]


def test_what_a_text_marks_is_not_listed_below_it_again(client):
    make_marked()
    found = parts(read(client, PAGE))
    assert by_role(found["drivers"], "list", "Sources") == []
    [listed] = by_role(found["assessments"], "list", "Sources")
    assert words(listed) == "1 Example Press"


def test_a_source_marked_in_another_language_alone_is_listed(client):
    make_marked(shift="Prices fell.")
    shift = parts(read(client, PAGE))["shift"]
    assert (marks(shift), len(by_role(shift, "list", "Sources"))) == ([], 1)


def test_a_card_is_there_for_marked_sources_alone(client):
    trend = make_trend(drivers=1)
    assert by_role(read(client, trend.get_absolute_url()), "dialog") == []


def test_a_mark_of_no_source_of_its_row_is_shown_as_typed(client):
    make_trend(shift_en="Prices fell[^nowhere]. So did <costs>[^5].")
    shift = parts(read(client, PAGE))["shift"]
    assert "Prices fell[^nowhere]. So did <costs>[^5]." in words(shift)


@pytest.mark.parametrize("drivers", [1, 8])
def test_marks_take_no_queries(client, django_assert_num_queries, drivers):
    trend = make_marked()
    for number in range(drivers):
        source = make_source(f"further-{number}")
        driver = Driver.objects.create(
            trend=trend, heading_en=f"Driver {number}", body_en=f"So[^further-{number}]."
        )
        driver.sources.add(source)
    read(client, PAGE)
    with django_assert_num_queries(TREND_PAGE_QUERIES):
        page = read(client, PAGE)
    assert len(marks(parts(page)["drivers"])) == 3 + drivers


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("/en/audiences/enterprises/", "It falls 9-fold."),
        ("/en/changes/", "One survey and a report."),
        ("/en/", "One survey and a report."),
    ],
)
def test_elsewhere_texts_are_without_marks(client, address, text):
    make_marked()
    page = read(client, address)
    assert text in words(page)
    assert "[^" not in words(page)
