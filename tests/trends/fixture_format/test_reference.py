"""docs/fixture-format.md: its example loads, and it names every key."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command

from quotes.models import Expert, Mention
from tests.support.loading import load_texts
from trends.fixture_format.row_formats import (
    ASSESSMENT,
    DRIVER,
    EXPERT,
    FALSIFIER,
    IMPLICATION,
    MENTION,
    SOURCE,
    TIMELINE_ENTRY,
    TREND,
    VIDEO,
)
from trends.fixture_format.schema import VOCABULARY_KEYS
from trends.models import Trend

REFERENCE = (settings.BASE_DIR / "docs" / "fixture-format.md").read_text()


def example(name: str) -> str:
    """Return the YAML block under the line that names a file."""
    return re.search(rf"^`{name}\.yaml`:\n\n```yaml\n(.*?)^```$", REFERENCE, re.S | re.M)[1]


@pytest.mark.django_db
def test_the_example_loads_and_is_exported_as_it_is_written(tmp_path, capsys):
    text = example("local-first-software")
    load_texts(tmp_path, vocabulary=example("vocabulary"), trend=text)

    trend = Trend.objects.get()
    assert trend.languages == ["en", "ja"]
    assert trend.timeline.count() == 3
    assert trend.former_names() == ["offline-first"]
    assert Expert.objects.get().former_names() == ["m-example"]
    assert Mention.objects.get().start == 12 * 60 + 34
    call_command("export_trends", "local-first-software")
    assert capsys.readouterr().out == text


@pytest.mark.django_db
def test_the_example_says_something_of_every_key(tmp_path):
    text = example("local-first-software")
    left_out = {"retired", "successors", "retired_note", "related"}

    assert set(re.findall(r"^(\w+):", text, re.M)) == set(TREND.keys) - left_out


PARTS = {
    "A trend's file": TREND,
    "`drivers`": DRIVER,
    "`mentions`": MENTION,
    "`implications`": IMPLICATION,
    "`timeline`": TIMELINE_ENTRY,
    "`assessments`": ASSESSMENT,
    "`falsifiers`": FALSIFIER,
    "`sources`": SOURCE,
}


@pytest.mark.parametrize("heading", PARTS)
def test_every_key_has_a_line_in_its_table(heading):
    table = REFERENCE.split(f"# {heading}\n")[1].split("\n#")[0]
    for key in PARTS[heading].keys:
        assert re.search(rf"^\| .*`{key}`", table, re.M), key
    for key in VIDEO.keys if heading == "`mentions`" else []:
        assert f"`{key}`" in table, key


@pytest.mark.parametrize("key", [*VOCABULARY_KEYS, *EXPERT.keys])
def test_every_key_of_the_vocabulary_is_in_the_example(key):
    assert f"{key}:" in example("vocabulary"), key
