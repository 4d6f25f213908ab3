"""The YAML that an export writes: pleasant to review, and read by everyone as text."""

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.support.texts import AWKWARD, texts
from trends.fixture_format.emitter import Plain, emit, with_entries

# What a reader of YAML 1.2 takes for something else than a text (core schema).
CORE_SCHEMA = re.compile(
    r"(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE|"
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|"
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|"
    r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))?"
)


def test_the_layout_is_one_a_person_would_write():
    document = {
        "trend": "example",
        "since": Plain("2025-06"),
        "tags": ["strategy", "no", "2024"],
        "title": {"en": "Short", "ja": "短い"},
        "subtitle": {"en": "x" * 60, "ja": "幅は二倍" * 5},
        "shift": {"en": "One\n\n  Two: #3\nThree", "ja": "一行だけ"},
        "drivers": [
            {"heading": {"en": "It's: so"}, "sources": ["a", "b"]},
            {"heading": {"en": "[x]"}, "sources": [f"source-{n}" for n in range(12)]},
        ],
        "implications": [{"audience": "all", "points": [{"lead": {"en": 'Say "no"'}}]}],
    }
    assert (
        emit(document)
        == """\
trend: example
since: 2025-06
tags: [strategy, 'no', '2024']
title: {en: Short, ja: 短い}
subtitle:
  en: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
  ja: 幅は二倍幅は二倍幅は二倍幅は二倍幅は二倍
shift:
  en: |
    One

      Two: #3
    Three
  ja: 一行だけ
drivers:
  - heading: {en: "It's: so"}
    sources: [a, b]
  - heading: {en: '[x]'}
    sources:
      - source-0
      - source-1
      - source-2
      - source-3
      - source-4
      - source-5
      - source-6
      - source-7
      - source-8
      - source-9
      - source-10
      - source-11
implications:
  - audience: all
    points:
      - lead: {en: Say "no"}
"""
    )


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain text, with (brackets)", "plain text, with (brackets)"),
        ("https://example.org/a?b=c#d", "https://example.org/a?b=c#d"),
        ("日本語：「引用」", "日本語：「引用」"),
        ("😀 as is", "😀 as is"),
        ("2024", "'2024'"),
        ("2025-12-18", "'2025-12-18'"),
        ("12:34", "'12:34'"),
        ("1e3", "'1e3'"),
        ("0o17", "'0o17'"),
        ("no", "'no'"),
        ("Y", "'Y'"),
        ("null", "'null'"),
        ("~", "'~'"),
        ("<<", "'<<'"),
        ("- item", "'- item'"),
        ("#hash", "'#hash'"),
        ("a #comment", "'a #comment'"),
        ("key: value", "'key: value'"),
        ("ends with:", "'ends with:'"),
        ("it's: so", '"it\'s: so"'),
        ("'single' and \"double\"", "'''single'' and \"double\"'"),
        ("a\tb", r'"a\tb"'),
        ("a\x85b", r'"a\u0085b"'),
        ("a\u2028b", r'"a\u2028b"'),
        ("a\ufeffb", r'"a\ufeffb"'),
        ("a\rb\nc", r'"a\rb\nc"'),
        ('\x1b"\\', r'"\u001b\"\\"'),
        ("", "''"),
    ],
)
def test_a_text_is_plain_where_safe_and_quoted_where_not(text, written):
    assert emit({"key": text}) == f"key: {written}\n"


def test_a_long_line_stays_one_line():
    text = "A sentence of many words. " * 500 + "End"
    assert emit({"key": text}) == f"key: {text}\n"


LOADERS = [yaml.BaseLoader, yaml.SafeLoader, yaml.CBaseLoader, yaml.CSafeLoader]


def stripped(value):
    if isinstance(value, dict):
        return {key: stripped(member) for key, member in value.items()}
    if isinstance(value, list):
        return [stripped(member) for member in value]
    assert isinstance(value, str), f"{value!r} is read as something else than a text"
    return value.strip()


def _assert_read_alike(document):
    written = emit(document)
    for loader in LOADERS:
        assert stripped(yaml.load(written, Loader=loader)) == document
    for token in yaml.scan(written):
        if isinstance(token, yaml.ScalarToken) and token.plain:
            assert not CORE_SCHEMA.fullmatch(token.value), f"{token.value!r} is not quoted"


@pytest.mark.parametrize("text", AWKWARD, ids=lambda text: ascii(text)[:30])
def test_every_reader_takes_awkward_texts_for_texts(text):
    text = text.strip() or "x"
    _assert_read_alike(
        {
            "short": text,
            "flow": {"en": text, "ja": text},
            "list": [text, text],
            "block": {"en": f"First line\n{text}\n\n{text}"},
            "items": [{"heading": {"en": text}, "body": {"ja": f"{text}\n{text}"}}],
            text if "\n" not in text and len(text) < 100 else "key": "as a key",
        }
    )


_VALUES = st.recursive(
    texts(),
    lambda members: (
        st.dictionaries(texts(max_size=20), members, min_size=1, max_size=3)
        | st.lists(st.dictionaries(texts(max_size=20), members, min_size=1, max_size=3), min_size=1)
        | st.lists(texts(), min_size=1, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(texts(max_size=20), _VALUES, min_size=1, max_size=4))
def test_every_reader_gets_back_what_was_written(document):
    _assert_read_alike(document)


@pytest.mark.parametrize(
    "before", [[], ["old"], [f"a-trend-with-a-long-name-{n}" for n in range(9)]]
)
@pytest.mark.parametrize(
    "after", [[], ["new"], [f"another-with-a-long-name-{n}" for n in range(9)]]
)
def test_another_value_of_a_key_gives_what_would_have_been_emitted(before, after):
    keys = ["trend", "tags", "related", "shift", "mentions"]
    document = {
        "trend": "one",
        "related": before,
        "shift": {"en": "related: [b]\n\nrelated:\n- c", "ja": "関連"},
        "mentions": [{"original": "related: d\n\ntrend: e", "tags": ["f"]}],
    }

    def emitted(related: list[str]) -> str:
        values = {**document, "related": related}
        return emit({key: values[key] for key in keys if values.get(key)})

    assert with_entries(emitted(before), {"related": after}, keys) == emitted(after)
