"""Marks of sources in fixtures: checked, added to the sources, written back."""

import io

import pytest
from django.core.management import call_command
from django.utils import translation

from quotes.models import Source
from tests.support.loading import (
    MINIMAL,
    VOCABULARY,
    changed,
    export,
    load_texts,
    refusal_of,
    snapshot,
    write,
)
from tests.support.make import make_source
from trends.models import Trend

pytestmark = pytest.mark.django_db

MARKED = """
    trend: marked
    status: growing
    confidence: low
    since: 2025
    title: {en: Marked}
    shift: {en: 'It shifts[^report].', ja: '変わる[^report][^survey]。'}
    drivers:
      - heading: {en: First}
        body: {en: 'Because[^survey] of it[^report]. `[^a-z]`'}
        sources: [paper]
      - heading: {en: Second}
        body: {en: 'So it is[^report].'}
        sources: [report, survey]
    implications:
      - audience: enterprises
        points:
          - lead: {en: Buy}
            text: {en: 'Buy[^paper].'}
    assessments:
      - date: 2025-12-20
        status: growing
        confidence: low
        rationale: {en: 'A survey[^survey].'}
    sources:
      paper: {url: https://example.org/paper}
      report: {url: https://example.org/report}
      survey: {url: https://example.org/survey}
"""


def keys(row, name: str = "sources") -> list[str]:
    manager = getattr(row, name)
    links = manager.through.objects.filter(**{manager.source_field_name: row}).order_by("pk")
    return [link.source.key for link in links.select_related("source")]


def load_marked(folder, text: str = MARKED) -> Trend:
    load_texts(folder, vocabulary=VOCABULARY, marked=text)
    return Trend.objects.get()


def test_marked_sources_follow_the_listed_ones(tmp_path):
    trend = load_marked(tmp_path)
    assert keys(trend, "shift_sources") == ["report", "survey"]
    assert [keys(driver) for driver in trend.drivers.all()] == [
        ["paper", "survey", "report"],
        ["report", "survey"],
    ]
    assert keys(trend.implications.get()) == ["paper"]
    assert keys(trend.assessments.get()) == ["survey"]


def test_an_export_lists_what_no_mark_adds_and_comes_back(tmp_path):
    load_marked(tmp_path)
    first = export("marked")
    assert "shift_sources" not in first
    assert "    sources: [paper]\n" in first
    assert "    sources: [report, survey]\n" in first  # the second one is marked nowhere
    before = snapshot(without=("updated_at", "version"))
    load_texts(tmp_path, marked=first)
    assert snapshot(without=("updated_at", "version")) == before
    assert Trend.objects.get().version == 0
    assert export("marked") == first


def test_a_mark_that_is_taken_out_takes_its_source_along(tmp_path):
    load_marked(tmp_path)
    trend = load_marked(tmp_path, changed(MARKED, ("Buy[^paper].", "Buy.")))
    assert keys(trend.implications.get()) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "message"),
    [
        (
            "So it is[^report].",
            "So it is[^reprot].",
            12,
            "drivers[1].body.en",
            "No source has the key “reprot”; did you mean “report”?",
        ),
        (
            "変わる[^report]",
            "変わる[^何か]",
            6,
            "shift.ja",
            "No source has the key “何か”.",
        ),
        (
            "Buy[^paper].",
            "Buy[^Paper].",
            18,
            "implications[0].points[0].text.en",
            "No source has the key “Paper”; did you mean “paper”?",
        ),
        (
            "A survey[^survey].",
            "[^survey]: A survey",
            23,
            "assessments[0].rationale.en",
            "A footnote is not defined in the text. Add its source, and write “[^key]” with the "
            "key of the source at the claim.",
        ),
        (
            "en: First}",
            "en: 'First[^report]'}",
            8,
            "drivers[0].heading.en",
            "No source can be marked here (“[^report]”), only in the shift, in drivers, in "
            "explanations of implications and in rationales.",
        ),
    ],
)
def test_a_wrong_mark_is_told_with_line_and_field(tmp_path, old, new, line, path, message):
    assert refusal_of(tmp_path, changed(MARKED, (old, new))) == [
        f"a.yaml:{line}: {path}: {message}"
    ]


def test_a_wrong_mark_is_told_in_japanese(tmp_path):
    with translation.override("ja"):
        [line] = refusal_of(tmp_path, changed(MARKED, ("Buy[^paper]", "Buy[^papers]")))
    assert "「papers」" in line
    assert "「paper」" in line


def test_marks_name_the_key_that_the_database_has(tmp_path):
    make_source("known", url="https://example.org/report", publisher="", title="", language="")
    make_source("survey", url="https://example.org/another")
    trend = load_marked(tmp_path)
    assert trend.shift_ja == "変わる[^known][^survey-2]。"
    assert keys(trend, "shift_sources") == ["known", "survey-2"]
    driver = trend.drivers.all()[0]
    assert driver.body_en == "Because[^survey-2] of it[^known]. `[^a-z]`"
    assert Source.objects.filter(key="report").count() == 0
    before = snapshot()
    load_marked(tmp_path)
    assert snapshot() == before


def test_a_file_without_marks_means_what_it_did(tmp_path):
    path = write(tmp_path, minimal=MINIMAL)
    load_texts(tmp_path, minimal=MINIMAL)
    assert export("minimal") == path[0].read_text()


def test_a_picture_in_a_text_is_loaded_with_a_notice(tmp_path):
    notices = io.StringIO()
    text = changed(MARKED, ("So it is", "![So](https://example.org/a.png) it is"))
    paths = write(tmp_path, vocabulary=VOCABULARY, a=text)
    call_command("loaddata", *paths, stdout=io.StringIO(), stderr=notices)
    [line] = notices.getvalue().splitlines()
    assert line.endswith(
        "a.yaml: texts have no pictures; readers see “![So](https://example.org/a.png)” "
        "as it is written"
    )


@pytest.mark.parametrize("mark", ["［^report］", "[＾report]", "[^report］"])
def test_a_mark_with_full_width_signs_is_loaded_with_a_notice(tmp_path, mark):
    notices = io.StringIO()
    paths = write(
        tmp_path, vocabulary=VOCABULARY, a=changed(MARKED, ("So it is", f"So{mark} it is"))
    )
    call_command("loaddata", *paths, stdout=io.StringIO(), stderr=notices)
    assert f"a.yaml: “{mark}” marks no source; write it with half-width signs" in notices.getvalue()
