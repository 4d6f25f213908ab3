"""docs/fixture-format.md: its example loads, and it names every key."""

import re

import pytest
from django.conf import settings
from django.core.management import call_command

from quotes.models import Expert, Mention
from tests.support.loading import load_texts
from trends.fixture_format.schema import TREND_KEYS, VOCABULARY_KEYS
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

    assert set(re.findall(r"^(\w+):", text, re.M)) == set(TREND_KEYS) - left_out


@pytest.mark.parametrize("key", [*TREND_KEYS, *VOCABULARY_KEYS])
def test_every_key_has_a_line(key):
    assert re.search(rf"^(\| |### ).*`{key}`", REFERENCE, re.M), key
