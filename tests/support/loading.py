"""Fixtures as tests write and load them, and the database as a whole, to compare."""

import io
import textwrap
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.translation import gettext

from trends.models import KEPT_LISTS

VOCABULARY = """
    tags:
      strategy: {en: strategy, ja: 戦略}
      product: {en: product, ja: 製品}
    audiences:
      enterprises: {en: Enterprises, ja: 一般企業}
      researchers: {en: Researchers, ja: 研究者}
    experts:
      mina-example:
        name: {en: Mina Example}
      ken-example:
        name: {ja: 見本健}
"""

MINIMAL = """
    trend: minimal
    status: growing
    confidence: low
    since: 2025
    title: {en: Minimal}
"""

# One trend with every part of the format.
WHOLE = """
    trend: whole
    status: emerging
    confidence: high
    since: 2025-Q2
    published: 2025-12-20
    tags: [strategy, product]
    title: {en: Whole, ja: 全体}
    subtitle: {en: All parts, ja: すべての部分}
    key_points:
      en: |
        It shifts.
        Wait for more.
      ja: 変わる。
    confidence_of: {en: that it shifts, ja: 変わること}
    shift:
      en: |
        From *this*:

        - to that
      ja: |
        こちらから**「あちら」**へ。
    shift_sources: [report, survey]
    drivers:
      - heading: {en: First, ja: 第一}
        body: {en: Because of one., ja: 一のため。}
        sources: [survey, report]
      - heading: {en: Second, ja: 第二}
    mentions:
      - expert: mina-example
        original: "Yes: it works."
        language: en
        verified: gist
        translation: {ja: はい、動きます。}
        occasion: {en: At a talk, ja: 講演で}
        voice: true
        video:
          platform: youtube
          id: abcdefghijk
          title: A talk
          channel: Example Channel
          date: 2025-12-18
          start: "12:34"
        tags: [product]
      - expert: ken-example
        original: はい。
        language: ja
        source: report
    implications:
      - audience: enterprises
        points:
          - lead: {en: Buy, ja: 買う}
            text: {en: Buy it., ja: それを買う。}
            sources: [report]
          - lead: {en: Wait, ja: 待つ}
      - audience: researchers
        points:
          - lead: {en: Measure, ja: 測る}
    timeline:
      - date: 2026
        text: {en: It will grow., ja: 伸びる。}
        kind: forecast
        outcome: missed
        settled: 2026-11
        note: {en: It did not.}
        made_by: expert
        expert: mina-example
        quotation: mina-example-87d79b
        made: 2025-12-18
        criterion: {en: The survey of 2026., ja: 2026年の調査。}
        probability: 70
        source: survey
      - date: 2026-08-02
        text: {en: The rules apply., ja: 規則が適用される。}
        kind: scheduled
        outcome: postponed
        note: {en: By a year., ja: 1年延びた。}
      - date: 2025-06-15
        text: {en: It began., ja: 始まった。}
        short: {en: A beginning, ja: 始まり}
    assessments:
      - date: 2025-06
        status: emerging
        confidence: low
        reconstructed: true
      - date: 2025-12-20
        status: emerging
        confidence: high
        reason: {en: Two surveys., ja: 調査2件。}
        rationale: {en: More evidence., ja: 証拠が増えた。}
        sources: [survey]
    falsifiers:
      - date: 2027-06
        text: {en: No survey finds it., ja: どの調査にも現れない。}
    sources:
      report:
        url: https://example.org/report
        title: A report
        publisher: Example Press
        origin: Example Agency
        date: 2025-12
        language: en
      survey: {url: https://example.org/survey}
    reading: [survey, report]
"""


def write(folder: Path, **files: str) -> list[Path]:
    """Write files named by the keywords, indentation aside: `write(folder, one="trend: …")`."""
    paths = []
    for name, text in files.items():
        paths.append(folder / f"{name}.yaml")
        paths[-1].write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return paths


def load(*paths: Path, **options: Any) -> None:
    call_command("loaddata", *paths, verbosity=0, **options)


def load_texts(folder: Path, **files: str) -> None:
    load(*write(folder, **files))


def export(*slugs: str) -> str:
    """Return what `export_trends` writes to standard output."""
    out = io.StringIO()
    call_command("export_trends", *slugs, stdout=out)
    return out.getvalue()


def export_to(folder: Path, *slugs: str) -> dict[str, bytes]:
    """Return the files of an export to a folder, by their names."""
    call_command("export_trends", *slugs, output=folder, verbosity=0)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refusal(*paths: Path) -> list[str]:
    """The lines with which loaddata refuses files, after the one that says so; no folder names."""
    before = snapshot()
    with pytest.raises(CommandError) as caught:
        load(*paths)
    assert snapshot() == before
    first, *lines = str(caught.value).split("\n")
    assert first == gettext("Nothing was loaded.")
    return [line.replace(f"{paths[0].parent}/", "") for line in lines]


def refusal_of(folder: Path, text: str) -> list[str]:
    """The lines with which one file, `a.yaml`, is refused; the vocabulary is loaded before."""
    load_texts(folder, vocabulary=VOCABULARY)
    return refusal(*write(folder, a=text))


def changed(text: str, *replacements: tuple[str, str]) -> str:
    """A text with some of it replaced, each of which it must hold once."""
    for old, new in replacements:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
        text = text.replace(old, new)
    return text


def snapshot(*labels: str, without: tuple[str, ...] = ()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of ours, or of the models named, all columns as they are stored.

    Without the kept order and counts of lists, which follow from the other rows.
    """
    models = [apps.get_model(label) for label in labels] or [
        model
        for app in ("trendsite", "quotes", "trends")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model not in KEPT_LISTS
    ]
    return {
        model._meta.label: [
            {name: value for name, value in row.items() if name not in without}
            for row in _stored(model)
        ]
        for model in models
    }


def _stored(model: Any) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        names = (model._meta.db_table, model._meta.pk.column)
        table, key = map(connection.ops.quote_name, names)
        cursor.execute(f"SELECT * FROM {table} ORDER BY {key}")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
