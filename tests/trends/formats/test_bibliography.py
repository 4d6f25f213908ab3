"""How to cite a trend, from its page."""

import datetime

import pytest

from tests.support.make import make_trend
from tests.support.reading import by_class, read, words
from trends.models import Trend

pytestmark = pytest.mark.django_db

CHANGED = datetime.datetime(2026, 3, 9, 12, tzinfo=datetime.UTC)


def make_cited(**values) -> Trend:
    trend = make_trend(**values)
    Trend.objects.filter(pk=trend.pk).update(updated_at=CHANGED)
    return trend


def citations(client, language="en") -> dict[str, str]:
    (box,) = by_class(read(client, f"/{language}/trends/example-trend/"), "cite")
    terms = ["".join(term.itertext()) for term in box.iter("dt")]
    texts = ["".join(text.itertext()) for text in box.iter("dd")]
    return dict(zip(terms, texts, strict=True))


def test_a_trend_is_cited_with_title_address_and_the_day_of_its_version(client):
    make_cited(title_en="Cheap & good")
    assert citations(client) == {
        "Text": (
            "Trendsite: Cheap & good (version of 9 March 2026). "
            "http://testserver/en/trends/example-trend/"
        ),
        "BibTeX": (
            "@online{trendsite-example-trend,\n"
            "  title = {{Cheap \\& good}},\n"
            "  author = {{Trendsite}},\n"
            "  year = {2026},\n"
            "  month = {03},\n"
            "  url = {http://testserver/en/trends/example-trend/},\n"
            "  note = {Version of 2026-03-09},\n"
            "  language = {en},\n"
            "}"
        ),
        "Markdown": (
            "Trendsite: [Cheap \\& good](http://testserver/en/trends/example-trend/) "
            "(version of 9 March 2026)"
        ),
    }


def test_in_japanese_the_japanese_page_is_cited(client):
    make_cited()
    found = citations(client, "ja")
    for text in found.values():
        assert "example-trendの題" in text
        assert "http://testserver/ja/trends/example-trend/" in text
    assert "language = {ja}" in found["BibTeX"]


def test_what_stands_in_for_a_missing_title_is_cited_in_its_language(client):
    make_cited(title_ja=None)
    found = citations(client, "ja")
    assert "language = {en}" in found["BibTeX"]
    assert "(version of 9 March 2026)" in next(iter(found.values()))
    (box,) = by_class(read(client, "/ja/trends/example-trend/"), "cite")
    assert {text.get("lang") for text in box.iter("dd")} == {"en"}


@pytest.mark.parametrize(
    ("title", "bibtex", "markdown"),
    [
        ("50 % {off}", "{{50 \\% \\{off\\}}}", "[50 % {off}]"),
        ("a_b^c~d\\e", "{{a\\_b\\textasciicircum{}c\\textasciitilde{}d\\textbackslash{}e}}", None),
        ("[x](y) <b>", "{{[x](y) <b>}}", "[\\[x\\](y) \\<b\\>]"),
    ],
)
def test_signs_that_mean_something_are_escaped(client, title, bibtex, markdown):
    make_cited(title_en=title)
    found = citations(client)
    assert f"title = {bibtex}," in found["BibTeX"]
    assert markdown is None or markdown in found["Markdown"]


def test_the_box_is_named(client):
    make_cited()
    (box,) = by_class(read(client, "/en/trends/example-trend/"), "cite")
    assert words(box.find("summary")) == "Cite this"
