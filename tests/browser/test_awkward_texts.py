"""Pages of texts that no line holds, on the narrowest phone."""

import pytest
from playwright.sync_api import expect

from tests.support.make import make_source, make_trend
from trendsite.shared.translated import columns, languages, translated_fields

pytestmark = pytest.mark.django_db(transaction=True)

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
MARKDOWN = f"""# {LONG}

{LONG} `{LONG}` [{LONG}](https://example.org/{LONG})

    {LONG} {LONG}

| {LONG} | b | c | d | e | f |
|---|---|---|---|---|---|
| 1 | {LONG} | 3 | 4 | 5 | 6 |

> - {LONG}
"""


@pytest.fixture
def awkward_trend():
    """A trend whose every text is one long word."""
    trend = make_trend(
        tags=["strategy"],
        drivers=1,
        implications=1,
        timeline=2,
        mentions=1,
        assessments=2,
        reading=1,
    )
    trend.shift_sources.add(make_source("long", title=LONG, publisher=LONG))
    # Forecasts have most texts.
    source = trend.shift_sources.get()
    trend.timeline.update(source=source, kind="forecast", outcome="pending")
    mention = trend.mentions.get()
    rows = [trend, *trend.drivers.all(), *trend.implications.all(), *trend.timeline.all()]
    rows += [*trend.assessments.all(), mention, mention.expert, *trend.tags.all()]
    rows += [trend.implications.get().audience, *mention.tags.all()]
    for row in rows:
        for name in columns(*translated_fields(type(row))):
            markdown = name.startswith(("shift", "body"))
            setattr(row, name, MARKDOWN if markdown else LONG)
        row.save()
    mention.original = f"{LONG} {LONG}"
    mention.translation_en = None
    mention.save()
    return trend


def test_page_never_scrolls_sideways(new_page, awkward_trend):
    page = new_page(viewport={"width": 320, "height": 800})
    pages = ["", "trends/example-trend/", "tags/strategy/", "experts/mina-example/"]
    for address in [f"/{language}/{rest}" for language in languages() for rest in pages]:
        page.goto(address)
        expect(page.locator("h1").first).to_be_visible()
        wider = page.evaluate(
            """() => [...document.querySelectorAll("body *")]
                .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
                .map((one) => `${one.localName}.${one.getAttribute("class")}`)"""
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, wider
