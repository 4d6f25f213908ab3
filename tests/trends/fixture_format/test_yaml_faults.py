"""Files that are no YAML, or not the YAML that was meant: what is said, and where."""

import io
import itertools
import textwrap

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tests.support.loading import MINIMAL, VOCABULARY, load_texts, refusal, write
from trends.fixture_format.nodes import BrokenFileError, Node, documents
from trends.models import Trend

INDENT = "indent this line as far as the one above that it belongs beside"
NOT_CLOSED = "the quotation mark that opens here is not closed"
QUOTE = "a text that begins with “%s” needs quotes around it"
COLON = "a text with “: ” in it needs quotes around it"
DASHES = "write a line of “---” above this one"
WIDE = "write a space here, not a full-width one (U+3000)"

# The lines of a file, and what is said; a caret stands below the place in the line before.
BROKEN = {
    "a tab": ["title:", "\ten: A title", "^", "this line is indented with a tab; use spaces"],
    "a tab after spaces": [
        "title:",
        "  en: A title",
        "  \tja: 題",
        "  ^",
        "this line is indented with a tab; use spaces",
    ],
    "a full-width colon": [
        "status：growing",
        "      ^",
        "since: 2025",
        "write “:” and a space here, not a full-width “：”",
    ],
    "a full-width colon inside": [
        "title:",
        "  en: A title",
        "  ja：題",
        "    ^",
        "since: 2025",
        "write “:” and a space here, not a full-width “：”",
    ],
    "a full-width colon before a right one": [
        "title:",
        "  en：A title",
        "    ^",
        "  ja: 題",
        "write “:” and a space here, not a full-width “：”",
    ],
    "a full-width space after a colon": ["status:　growing", "       ^", "since: 2025", WIDE],
    "full-width spaces before a key": ["title:", "　　en: A title", "^", "  ja: 題", WIDE],
    "a colon and a space": ["title:", "  en: Two things: one", "                ^", COLON],
    "a colon after Japanese": ["title:", "  ja: 変化: 何が", "        ^", COLON],
    "a colon in brackets": ["title: {en: Two things: one}", "                      ^", COLON],
    "a colon in a list": ["tags:", "  - one: two: three", "            ^", COLON],
    "a quote open to the end": ["title:", '  en: "A title', "      ^", "since: 2025", NOT_CLOSED],
    "a quote closed by the next": [
        "title:",
        '  en: "A title',
        "      ^",
        '  ja: "題"',
        "since: 2025",
        NOT_CLOSED,
    ],
    "a quote closed lines below": [
        "title:",
        "  en: 'A title",
        "      ^",
        "since: 2025",
        "shift:",
        "  en: 'It works'",
        NOT_CLOSED,
    ],
    "an apostrophe": [
        "title:",
        "  en: 'It's here'",
        "          ^",
        "the text goes on after its quotation mark; write '' for each ' inside of the text",
    ],
    "words after a quote": [
        "title:",
        '  en: "Open" weights',
        "            ^",
        'the text goes on after its quotation mark; write \\" for each " inside of the text',
    ],
    "a comment in brackets": [
        "title: {en: The end of #12}",
        "                       ^",
        "since: 2025",
        "“#12}” is a comment here, and no part of the text; put the text in quotes, or two spaces "
        "before a comment and one after its #",
    ],
    "an at sign": ["title:", "  en: @home", "      ^", QUOTE % "@"],
    "a backtick": ["title:", "  en: `code` is cheap", "      ^", QUOTE % "`"],
    "an asterisk": ["title:", "  en: *All* of it", "      ^", QUOTE % "*"],
    "a bracket": ["title:", "  en: [Draft] A title", "      ^", QUOTE % "["],
    "a hyphen": ["title:", "  en: - A title", "      ^", QUOTE % "-"],
    "a question mark": ["title:", "  en: ? A title", "      ^", QUOTE % "?"],
    "a bar": ["title:", "  en: | A title", "      ^", QUOTE % "|"],
    "a per cent sign": ["%20 of all", "^", QUOTE % "%"],
    "no space after a colon": [
        "status:growing",
        "      ^",
        "since: 2025",
        "put a space after this colon",
    ],
    "no colon after a key": [
        "title",
        "     ^",
        "  en: A title",
        "put a colon after this key",
    ],
    "no colon after a key inside": [
        "drivers:",
        "  - heading",
        "           ^",
        "      en: A heading",
        "put a colon after this key",
    ],
    "marks of two versions": [
        "status: growing",
        "<<<<<<< HEAD",
        "^",
        "since: 2025",
        "=======",
        "since: 2024",
        ">>>>>>> other",
        "two versions were not merged here; keep one of them",
    ],
    "a backslash": [
        "title:",
        r'  en: "In C:\Users"',
        "            ^",
        "write a “\\” twice between double quotes, or take single ones",
    ],
    "a backslash before what is no escape": [
        "title:",
        r'  en: "A\question"',
        "        ^",
        "write a “\\” twice between double quotes, or take single ones",
    ],
    "a pair of codes, as JSON writes a character": [
        "title:",
        r'  en: "Smile \ud83d\ude00"',
        "             ^",
        r"write the character itself here, not “\ud83d\ude00”",
    ],
    "half a pair of codes": [
        "title:",
        r'  en: "Smile \uD83D"',
        "             ^",
        r"write the character itself here, not “\uD83D”",
    ],
    "a first line further in": [" trend: a", "status: growing", "^", INDENT],
    "a second document without a line before": ["trend: a", "...", "trend: b", "^", DASHES],
    "a directive without a line after": ["%YAML 1.2", "trend: a", "^", DASHES],
    "a bracket left open": [
        "tags: [one, two",
        "      ^",
        "since: 2025",
        "the “[” that opens here is not closed, or a comma is missing in it",
    ],
    "a line further in": ["status: growing", " since: 2025", " ^", INDENT],
    "a line half-way in": ["title:", "    en: A title", "  ja: 題", "  ^", INDENT],
    "a line of its own": [
        "status: growing",
        "so far",
        "^",
        "since: 2025",
        "write “key: value” here",
    ],
}


@pytest.mark.django_db
@pytest.mark.parametrize("lines", BROKEN.values(), ids=BROKEN)
def test_what_breaks_a_file_is_said_in_plain_words_at_its_place(tmp_path, lines):
    *text, message = lines
    [caret] = [number for number, line in enumerate(text) if line.strip() == "^"]
    path = tmp_path / "a.yaml"
    path.write_text("\n".join([*text[:caret], *text[caret + 1 :], ""]), encoding="utf-8")
    shown, line, mark = refusal(path)
    assert shown == f"a.yaml:{caret}: {message}"
    assert line == "    " + text[caret - 1].replace("\t", " ")
    before = text[caret - 1][: text[caret].index("^")]
    assert len(mark) == 5 + len(before) + sum(sign > "\u3000" for sign in before)


@pytest.mark.django_db
@pytest.mark.parametrize("lines", BROKEN.values(), ids=BROKEN)
def test_the_same_is_said_in_japanese(tmp_path, lines):
    *text, message = lines
    path = tmp_path / "a.yaml"
    path.write_text("\n".join(line for line in text if line.strip() != "^"), encoding="utf-8")
    with translation.override("ja"):
        [shown, *_picture] = refusal(path)
    assert message not in shown
    assert any(sign > "\u3040" for sign in shown)


@pytest.mark.django_db
def test_of_a_long_line_the_part_is_shown_that_is_wrong(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("title:\n  en: " + "word " * 100 + "one: two\n")
    _told, line, mark = refusal(path)
    assert len(line) <= 80
    assert line[len(mark) - 1 :] == ": two"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "title:\n  en：A title\n",
            "a.yaml:2: write “:” and a space here, not a full-width “：”",
        ),
        ("title:\n　en: A title\n", f"a.yaml:2: {WIDE}"),
        ("trend：a\n", "a.yaml:1: write “:” and a space here, not a full-width “：”"),
        ("title：{en: A}\nsince: 2025\n", "         ^"),
        ("title:\n\u00a0\u00a0en: A title\n", "a.yaml:2: write an ordinary space here, not U+00A0"),
        ("title: ｛en: A｝\n", "a.yaml:1: write “{” here, not “｛”"),
        ("title: {en: A， ja: 題}\n", "a.yaml:1: write “,” here, not “，”"),
        ("drivers:\n  －heading: {en: A}\n", "a.yaml:2: write “-” here, not “－”"),
        ("title:\n  en:A title\n", "a.yaml:2: put a space after this colon"),
        ("drivers:\n  -heading:\n      en: A\n", "a.yaml:2: put a space after this hyphen"),
    ],
)
def test_full_width_signs_that_yaml_takes_for_text_are_named(tmp_path, text, line):
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    assert line in refusal(path)


def warnings(text: str) -> list[str]:
    cut = []
    list(documents(text.encode(), "a.yaml", cut))
    return [str(warning).split("; ")[0] for warning in cut]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("en: Meetup #3 of the year", "#3 of the year"),
        ("ja: 勉強会 #3 の報告", "#3 の報告"),
        ("en: See PR #7 for why", "#7 for why"),
        ("- issue #42 and it worked.", "#42 and it worked."),
        ("en: A title # or a note", "# or a note"),
        ("en: A title   #or a note", "#or a note"),
        ("en: #localfirst is a word", "#localfirst is a word"),
        ("- #localfirst", "#localfirst"),
    ],
)
def test_a_text_that_a_comment_cuts_is_a_warning(text, cut):
    assert warnings(f"a:\n  {text}\n") == [
        f"a.yaml:2: “{cut}” is a comment here, and no part of the text"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "en: Written in C# and F#",
        'en: "Meetup #3 of the year"',
        "en: 'See PR #7'",
        "en: |\n    See PR #7",
        "since: 2025  # as exact as is known",
        "since: 2025     #",
        "# a comment",
        "en: # to be written",
        "en:  #",
        "title: # in two languages\n    en: A title",
        "tags: [a, b] # both",
        'en: "A title" # in quotes',
    ],
)
def test_what_is_no_cut_text_is_no_warning(text):
    assert warnings(f"a:\n  {text}\n") == []


def cut_title(title: str) -> str:
    """The minimal trend with another title."""
    text = textwrap.dedent(MINIMAL)
    assert "title: {en: Minimal}" in text
    return text.replace("title: {en: Minimal}", f"title:\n  en: {title}")


@pytest.mark.django_db
def test_loaddata_loads_what_is_left_and_warns(tmp_path, capsys):
    text = cut_title("Meetup #3 of the year")
    load_texts(tmp_path, a=text)
    assert Trend.objects.get().title_en == "Meetup"
    shown = capsys.readouterr().err
    assert "“#3 of the year” is a comment here" in shown
    assert "\n      en: Meetup #3 of the year\n" in shown
    assert shown.count("is a comment here") == 1


@pytest.mark.django_db
def test_a_refused_file_warns_as_well(tmp_path, capsys):
    load_texts(tmp_path, vocabulary=VOCABULARY)
    text = cut_title("Meetup #3").replace("growing", "flying")
    refusal(*write(tmp_path, a=text))
    assert "“#3” is a comment here" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["null", "~", "NULL"])
def test_what_other_readers_take_for_nothing_is_a_warning(text):
    assert warnings(f"a:\n  en: {text}\n") == [f"a.yaml:2: “{text}” is a text like any other here"]
    assert warnings(f"a:\n  en: '{text}'\n") == []


@pytest.mark.django_db
def test_marks_of_byte_order_inside_of_a_file_are_ignored(tmp_path):
    texts = [textwrap.dedent(MINIMAL), "---\n", textwrap.dedent(MINIMAL).strip()]
    joined = "".join("\ufeff" + text for text in texts).replace("trend: minimal", "trend: b", 1)
    path = tmp_path / "a.yaml"
    path.write_text(joined, encoding="utf-8")
    call_command("loaddata", path)
    assert {trend.slug for trend in Trend.objects.all()} == {"minimal", "b"}


@pytest.mark.django_db
def test_events_of_the_future_are_a_notice_when_files_are_checked_and_loaded(tmp_path, capsys):
    text = textwrap.dedent(MINIMAL) + (
        "timeline:\n"
        "  - {date: 2999, text: {en: One}}\n"
        "  - {date: 2999, text: {en: Two}, kind: scheduled}\n"
        "  - {date: 2001/2999, text: {en: Three}}\n"
    )
    [path] = write(tmp_path, a=text)
    for options in ({"check": True}, {}):
        call_command("loaddata", path, **options)
        told = capsys.readouterr().err
        assert told.count("is in the future") == 1
        assert "a.yaml, line 7: this event is in the future; if it is planned or expected" in told


# Bounds


@pytest.mark.django_db
def test_aliases_repeat_a_bounded_number_of_values(tmp_path):
    names = "abcdefghij"
    lines = [f"{names[0]}: &{names[0]} [{', '.join('x' * 9)}]"]
    for before, name in itertools.pairwise(names):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    path = tmp_path / "a.yaml"
    path.write_text("\n".join(lines))
    shown, *_picture = refusal(path)
    assert shown == "a.yaml:5: broken YAML: its aliases repeat too many values"


@pytest.mark.django_db
def test_at_most_fifty_mistakes_are_told(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("trend: a\n" + "".join(f"key{number}: x\n" for number in range(70)))
    lines = refusal(path)
    assert len(lines) == 51
    assert lines[-1] == "… and 24 mistakes more"  # four keys are missing


@given(st.text(" \n\t\"':#-{}[],|&*!%@`：　aé日", max_size=60))
def test_any_text_is_read_or_refused_with_a_line_of_it(text):
    cut = []
    try:
        for raw in documents(text.encode(), "a.yaml", cut):
            Node(raw, "a.yaml", "", []).fields(["a"])
    except BrokenFileError as error:
        [mistake] = error.mistakes
        assert 0 <= mistake.line <= text.count("\n") + 2
        assert str(mistake).startswith("a.yaml:")
    for warning in cut:
        assert any(sign in warning.message for sign in "#!&")


# Other names and formats


@pytest.mark.django_db
def test_a_file_may_be_called_yml(tmp_path, settings):
    (tmp_path / "short.yml").write_text(textwrap.dedent(MINIMAL), encoding="utf-8")
    settings.FIXTURE_DIRS = [tmp_path]
    call_command("loaddata", "short", verbosity=0)
    call_command("loaddata", tmp_path / "short.yml", verbosity=0)
    assert Trend.objects.get().slug == "minimal"


@pytest.mark.parametrize(
    ("text", "sign"),
    [("en: !Important news", "!Important"), ("en: &Tech is here", "&Tech"), ("en: &A", "&A")],
)
def test_a_text_that_yaml_takes_the_first_word_from_is_a_warning(text, sign):
    assert warnings(f"a:\n  {text}\n") == [f"a.yaml:2: “{sign}” is no part of the text here"]


def test_an_anchor_that_is_used_is_none():
    assert warnings("a: &A one\nb: *A\nc: R&D !important\nd: '&A b'\n") == []


@pytest.mark.django_db
def test_a_text_that_is_cut_and_breaks_the_file_is_told_once(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("title: {en: The end of #12}\nsince: 2025\n", encoding="utf-8")
    shown = io.StringIO()
    with pytest.raises(CommandError, match="#12"):
        call_command("loaddata", path, stderr=shown)
    assert shown.getvalue() == ""
