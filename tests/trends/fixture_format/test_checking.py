"""`loaddata --check`, and what may come in a fixture of Django's own format."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes.models import Expert
from tests.support.loading import (
    MINIMAL,
    VOCABULARY,
    WHOLE,
    changed,
    load,
    load_texts,
    refusal,
    snapshot,
    write,
)
from trends.models import Trend

pytestmark = pytest.mark.django_db


def check(*paths) -> list[str]:
    """The lines with which `loaddata --check` refuses files, none where they can be loaded."""
    before = snapshot()
    try:
        with CaptureQueriesContext(connection) as queries:
            call_command("loaddata", *paths, check=True, verbosity=0)
    except CommandError as error:
        lines = str(error).splitlines()[1:]
    else:
        lines = []
    written = [query["sql"] for query in queries if not query["sql"].startswith(READS)]
    assert written == []
    assert snapshot() == before
    return [line.replace(f"{paths[0].parent}/", "") for line in lines]


READS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PRAGMA", "SET")


def test_files_that_can_be_loaded_are_found_so_in_any_order_and_not_loaded(tmp_path, capsys):
    paths = write(tmp_path, whole=WHOLE, vocabulary=VOCABULARY, minimal=MINIMAL)
    assert check(*paths) == []
    assert check(*reversed(paths)) == []
    assert not Trend.objects.exists()
    call_command("loaddata", *paths, check=True)
    assert capsys.readouterr().out == "3 files can be loaded.\n"


def test_all_faults_are_told_at_once_as_by_a_load(tmp_path):
    paths = write(
        tmp_path,
        vocabulary=VOCABULARY,
        a=changed(MINIMAL, ("growing", "flying")),
        b=changed(MINIMAL, ("minimal", "other")) + "    tags: [prodct]\n    related: [nowhere]\n",
        c="trend: [",
    )
    lines = check(*paths)
    assert [line.split(": ")[0] for line in lines if line[0] != " "] == [
        "a.yaml:2",
        "b.yaml:6",
        "b.yaml:7",
        "c.yaml:1",
    ]
    assert lines == refusal(*paths)


def test_the_exit_code_says_whether_they_can_be_loaded(tmp_path):
    good, bad = write(tmp_path, good=MINIMAL, bad="trend: [")
    call_command("loaddata", good, check=True, verbosity=0)
    with pytest.raises(CommandError) as caught:
        call_command("loaddata", good, bad, check=True, verbosity=0)
    assert caught.value.returncode == 1


def test_a_file_is_checked_against_what_is_there(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    [path] = write(tmp_path, a=MINIMAL + "    tags: [product]\n    related: [whole]\n")
    assert check(path) == []


def test_a_renamed_tag_is_known_by_its_new_name_alone(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY)
    vocabulary, old, new = write(
        tmp_path,
        renamed="tags: {goods: {en: Goods, formerly: [product]}}",
        old=MINIMAL + "    tags: [product]\n",
        new=changed(MINIMAL, ("minimal", "other")) + "    tags: [goods]\n",
    )
    assert check(vocabulary, old, new) == refusal(vocabulary, old, new)


# Fixtures of Django's own format


def rows(*lines: str) -> str:
    return "\n".join(lines)


def test_a_list_of_rows_of_the_content_is_loaded(tmp_path):
    load_texts(
        tmp_path,
        a=rows("- model: quotes.expert", "  pk: 7", "  fields: {slug: mina, name_en: Mina}"),
    )
    assert Expert.objects.get(pk=7).slug == "mina"


def test_no_other_rows_are(tmp_path):
    [path] = write(
        tmp_path,
        a=rows(
            "- model: quotes.expert",
            "  fields: {slug: mina, name_en: Mina}",
            "- model: auth.user",
            "  fields: {username: me, password: x, is_superuser: true, is_staff: true}",
            "- model: sessions.session",
            "  fields: {session_key: x}",
            "- model: contenttypes.contenttype",
            "  fields: {app_label: x, model: y}",
        ),
    )
    assert refusal(path) == [
        "a.yaml:3: [1].model: “auth.user” is no model of the content",
        "a.yaml:5: [2].model: “sessions.session” is no model of the content",
        "a.yaml:7: [3].model: “contenttypes.contenttype” is no model of the content",
    ]
    assert check(path) == refusal(path)
    assert not get_user_model().objects.exists()


def test_each_fault_of_a_list_is_a_line(tmp_path):
    load_texts(
        tmp_path,
        a=rows("- model: quotes.expert", "  pk: 7", "  fields: {slug: mina, name_en: Mina}"),
    )
    [path] = write(
        tmp_path,
        a=rows(
            "- just a text",
            "- model: quotes.expert",
            "- {model: quotes.exprt, fields: {}}",
            "- {model: quotes.expert, fields: {nonsense: 1}}",
            "- {model: quotes.source, fields: {key: a, url: 'https://example.org/', date: soon}}",
            "- {model: quotes.expert, pk: 9, fields: {slug: mina, name_en: Another Mina}}",
            "- {model: quotes.expert, fields: 3}",
        ),
    )
    lines = refusal(path)
    assert [line.split(": ")[0] for line in lines] == [f"a.yaml:{n}" for n in range(1, 8)]
    for line, words in zip(
        lines,
        [
            "write a mapping here",
            "[1].fields: is missing",
            "did you mean “quotes.expert”?",
            "nonsense",
            "“soon” is not a date",
            "slug",
            "[6]",
        ],
        strict=True,
    ):
        assert words in line


def test_rows_that_point_nowhere_are_a_line_too(tmp_path):
    [path] = write(
        tmp_path,
        a="- {model: quotes.mention, fields: {key: a, expert: 99, original: x, language: en}}",
    )
    with pytest.raises(CommandError) as caught:
        load(path)
    assert "99" in str(caught.value) or "foreign key" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("[" * 100_000, "a.yaml:1: broken YAML: nested too deeply"),
        ("- " * 30 + "x", "a.yaml:1: broken YAML: nested too deeply"),
        ("- !!python/object:os.system x", "a.yaml:1: "),
        ("- {model: quotes.expert", "a.yaml:1: the “{” that opens here is not closed"),
    ],
    ids=["brackets without end", "lists without end", "an object of Python", "a bracket left open"],
)
def test_a_broken_list_is_refused_as_any_file(tmp_path, content, line):
    path = tmp_path / "a.yaml"
    path.write_text(content)
    assert refusal(path)[0].startswith(line)


# Other formats


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.xml"])
def test_other_formats_are_refused_in_a_line(tmp_path, name, settings):
    path = tmp_path / name
    path.write_text(json.dumps([{"model": "auth.user", "fields": {"username": "me"}}]))
    settings.FIXTURE_DIRS = [tmp_path]
    for label in (path, "a"):
        with pytest.raises(CommandError) as caught:
            load(label)
        form = name.partition(".")[2]
        assert str(caught.value).endswith(
            f"a.{form}: “{form}” is not read; write YAML, as docs/fixture-format.md says"
        )
    assert not get_user_model().objects.exists()


def test_json_is_yaml_by_another_name(tmp_path):
    trend = {
        "trend": "a",
        "status": "growing",
        "confidence": "low",
        "since": "2025",
        "title": {"en": "A"},
    }
    path = tmp_path / "a.yaml"
    path.write_text(json.dumps(trend))
    load(path)
    assert Trend.objects.get().slug == "a"


def test_a_file_that_is_called_a_zip_and_is_none_is_refused_in_a_line(tmp_path):
    path = tmp_path / "a.yaml.zip"
    path.write_text("nothing")
    with pytest.raises(CommandError, match=r"^One of the files is no zip, or is damaged\.$"):
        call_command("loaddata", path, verbosity=0)
