"""How to cite a trend, from its page and in files that reference managers read."""

import datetime
import json
from xml.etree.ElementTree import Element

import bibtexparser
import pytest
import rispy
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st
from pybtex.database import parse_string
from pylatexenc import latex2text

from tests.support.make import make_trend
from tests.support.reading import links, read, words
from tests.support.validity import check_csl_json
from trends.formats.bibliography import CitedTrend, as_bibtex, as_csl_json, as_ris
from trends.models import Trend

pytestmark = pytest.mark.django_db

CHANGED = datetime.datetime(2026, 3, 9, 12, tzinfo=datetime.UTC)


def make_cited(**values) -> Trend:
    trend = make_trend(**values)
    Trend.objects.filter(pk=trend.pk).update(updated_at=CHANGED)
    return trend


def box_of(client, language="en") -> Element:
    """The part of the page that folds out, and in which BibTeX is."""
    page = read(client, f"/{language}/trends/example-trend/")
    [box] = [box for box in page.iter("details") if box.find("dl/dd/pre") is not None]
    return box


def citations(client, language="en") -> dict[str, str]:
    box = box_of(client, language)
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
    assert {text.get("lang") for text in box_of(client, "ja").iter("dd")} == {"en"}


@pytest.mark.parametrize(
    ("title", "bibtex", "markdown"),
    [
        ("50 % {off}", "{{50 \\% \\textbraceleft{}off\\textbraceright{}}}", "[50 % {off}]"),
        ("a_b^c~d\\e", "{{a\\_b\\textasciicircum{}c\\textasciitilde{}d\\textbackslash{}e}}", None),
        ("Curly { brace", "{{Curly \\textbraceleft{} brace}}", "[Curly { brace]"),
        ("a -- ''b''", "{{a -{}- '{}'b'{}'}}", None),
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
    assert words(box_of(client).find("summary")) == "Cite this"


# For reference managers

# Every character, and those that mean something to one of the formats more often.
TITLES = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cc", "Cs"]),
        st.sampled_from("{}\\\\%&$#_~^\"'`@,=<>[]()-!? \u00a0\u2028é日𠮷"),
    ),
    min_size=1,
    max_size=40,
)


def cited(title: str) -> CitedTrend:
    return CitedTrend(
        key="trendsite-example-trend",
        title=" ".join(title.splitlines()),
        language="en",
        address="http://testserver/en/trends/example-trend/",
        version=datetime.date(2026, 3, 9),
    )


def plain_spaces(text: str) -> str:
    return " ".join(text.split())


def decoded(latex: str) -> str:
    """What LaTeX prints, by a library that lacks the names of five signs."""
    signs = {
        "textbraceleft": "{",
        "textbraceright": "}",
        "textasciicircum": "^",
        "textasciitilde": "~",
        "textbackslash": "\\",
    }
    context = latex2text.get_default_latex_context_db()
    context.add_context_category(
        "signs",
        prepend=True,
        macros=[latex2text.MacroTextSpec(name, sign) for name, sign in signs.items()],
    )
    return latex2text.LatexNodes2Text(latex_context=context).latex_to_text(latex)


@given(TITLES)
def test_two_readers_take_the_bibtex_of_every_title(title):
    title = cited(title).title
    written = as_bibtex(cited(title))
    entry = parse_string(written, "bibtex").entries["trendsite-example-trend"]
    library = bibtexparser.parse_string(written)
    assert library.failed_blocks == []
    [other] = library.entries
    assert other.key == "trendsite-example-trend"
    assert set(other.fields_dict) == {*entry.fields, "author"}
    for found in (entry.fields["title"], other["title"]):
        assert plain_spaces(decoded(found.removeprefix("{").removesuffix("}"))) == plain_spaces(
            title
        )
    assert entry.fields["url"] == other["url"] == "http://testserver/en/trends/example-trend/"
    assert entry.fields["note"] == "Version of 2026-03-09"


@given(TITLES)
def test_two_readers_take_the_ris_of_every_title(title):
    title = cited(title).title
    written = as_ris(cited(title))
    [record] = rispy.loads(written)
    assert plain_spaces(record["title"]) == plain_spaces(title)
    assert record["type_of_reference"] == "ELEC"
    assert record["urls"] == ["http://testserver/en/trends/example-trend/"]
    assert record["date"] == "2026/03/09"
    [entry] = parse_string(written, "ris").entries.values()
    assert plain_spaces(entry.fields["title"]) == plain_spaces(title)
    assert entry.fields["url"] == "http://testserver/en/trends/example-trend/"


@given(TITLES)
def test_two_readers_take_the_csl_json_of_every_title(title):
    title = cited(title).title
    written = as_csl_json(cited(title))
    check_csl_json(written.encode())
    [item] = json.loads(written)
    assert item["title"] == title
    found = CiteProcJSON([item])["trendsite-example-trend"]
    assert str(found["title"]) == title
    assert (found["issued"]["year"], found["issued"]["month"], found["issued"]["day"]) == (
        2026,
        3,
        9,
    )


def test_the_page_leads_to_a_file_of_each_form(client):
    make_cited(title_en="Cheap & good")
    box = box_of(client)
    assert links(box) == {
        "/en/trends/example-trend.bib": "BibTeX",
        "/en/trends/example-trend.ris": "RIS",
        "/en/trends/example-trend.csl.json": "CSL-JSON",
    }
    for address in links(box):
        response = client.get(address)
        assert response.status_code == 200
        assert "Cheap" in response.content.decode()
        assert response["Content-Disposition"].startswith('attachment; filename="example-trend.')
        assert response["Link"] == '<http://testserver/en/trends/example-trend/>; rel="canonical"'


def test_a_file_is_in_the_language_of_its_address(client):
    make_cited()
    [record] = rispy.loads(client.get("/ja/trends/example-trend.ris").content.decode())
    assert (record["title"], record["language"]) == ("example-trendの題", "ja")
    assert record["urls"] == ["http://testserver/ja/trends/example-trend/"]


@pytest.mark.parametrize("extension", ["bib", "ris", "csl.json"])
def test_drafts_have_no_files_and_former_slugs_lead_to_them(client, extension):
    trend = make_cited(published=None)
    assert client.get(f"/en/trends/example-trend.{extension}").status_code == 404
    trend.published, trend.slug = datetime.date(2026, 3, 1), "renamed"
    trend.save()
    response = client.get(f"/en/trends/example-trend.{extension}")
    assert (response.status_code, response["Location"]) == (301, f"/en/trends/renamed.{extension}")


def test_a_file_takes_one_query(client, django_assert_num_queries):
    make_cited()
    with django_assert_num_queries(1):
        client.get("/en/trends/example-trend.ris")
