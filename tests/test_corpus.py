"""The shipped fixtures, held to the rules of content as far as a machine can.

Whether a fixture is well formed at all, loading says (tests/trends/fixture_format).
These rules are for what we publish ourselves: evidence for every figure, both languages in
full, and prose set as an editor would set it.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.support.fixture_texts import (
    VOCABULARY,
    Text,
    assert_none,
    every_file,
    finds,
    nodes,
    prose,
    texts,
    translations,
)
from tests.support.shipped import FILES
from trends.levels import OUTCOMES, EntryKind
from trends.models import Trend
from trendsite.shared.partial_dates import PartialDate
from trendsite.shared.text.japanese import BEGINS_WITH_KANJI
from trendsite.shared.text.marks import MARK
from trendsite.shared.text.width import fit_lines, pieces_of
from trendsite.shared.translated import languages

TRENDS = {name: content for name, content in FILES.items() if "trend" in content}
EXPERTS = FILES["experts.yaml"]["experts"]

every_trend = pytest.mark.parametrize("name", TRENDS, ids=lambda name: Path(name).stem)

# What the Japanese press, too, writes in Latin letters and nothing else.
SAME_IN_BOTH_LANGUAGES = {
    *("Anthropic", "Big Technology", "Epoch AI", "OpenAI", "The ATOM Report", "Writer.com"),
}


def points(trend: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The points of all implications, each with its path."""
    for i, implication in enumerate(trend["implications"]):
        for j, point in enumerate(implication["points"]):
            yield f"implications[{i}].points[{j}]", point


# What a trend consists of


@pytest.mark.django_db
@pytest.mark.usefixtures("shipped")
def test_the_shipped_trends_are_offered_in_every_language():
    offered = {f"{trend.slug}.yaml": trend.languages for trend in Trend.objects.all()}
    assert offered == {name: list(languages()) for name in TRENDS}
    assert not Trend.objects.filter(published=None).exists()


@every_trend
def test_a_file_is_named_for_its_trend(name):
    assert name == f"{FILES[name]['trend']}.yaml"


@every_trend
def test_a_trend_has_every_part_and_no_more_than_a_reader_takes_in(name):
    trend = FILES[name]
    voices = [mention for mention in trend["mentions"] if mention.get("voice") == "true"]
    counted = {
        "tags": (len(trend["tags"]), range(3, 4)),
        "related": (len(trend["related"]), range(1, 8)),
        "drivers": (len(trend["drivers"]), range(3, 5)),
        "voices": (len(voices), range(1, 4)),
        "timeline": (len(trend["timeline"]), range(6, 12)),
        "assessments": (len(trend["assessments"]), range(1, 8)),
        "reading": (len(trend["reading"]), range(1, 8)),
    }
    for language in languages():
        paragraphs = trend["shift"][language].strip().split("\n\n")
        counted[f"shift.{language}, paragraphs"] = (len(paragraphs), range(2, 6))
    for i, implication in enumerate(trend["implications"]):
        counted[f"implications[{i}].points"] = (len(implication["points"]), range(2, 5))
    assert_none(
        name,
        [
            f"{part}: {count}, where {wanted.start} to {wanted.stop - 1} belong"
            for part, (count, wanted) in counted.items()
            if count not in wanted
        ],
    )


# What a reader takes in at a glance, in words of English and characters of Japanese.
AT_A_GLANCE = {"en": 60, "ja": 160}


@every_trend
def test_the_shift_and_the_drivers_begin_with_what_is_read_at_a_glance(name):
    """The first two paragraphs of the shift and the first of a driver say what it claims."""
    trend = FILES[name]
    openings = [
        (f"{path}.{language}, paragraph {number}", language, paragraph)
        for path, text, count in [
            ("shift", trend["shift"], 2),
            *((f"drivers[{i}].body", item["body"], 1) for i, item in enumerate(trend["drivers"])),
        ]
        for language in languages()
        for number, paragraph in enumerate(text[language].strip().split("\n\n")[:count], 1)
    ]
    problems = []
    for path, language, paragraph in openings:
        paragraph = MARK.sub("", paragraph)
        length = len(paragraph.split() if language == "en" else paragraph)
        if length > AT_A_GLANCE[language]:
            problems.append(f"{path}: {length}, where {AT_A_GLANCE[language]} are read at a glance")
    assert_none(name, problems)


@pytest.mark.django_db
@pytest.mark.usefixtures("shipped")
def test_a_file_is_as_an_export_writes_it(tmp_path):
    call_command("export_trends", output=tmp_path, verbosity=0)
    folder = settings.BASE_DIR / "fixtures"
    assert [
        name
        for name in FILES
        if (tmp_path / name).read_text("utf-8") != (folder / name).read_text("utf-8")
    ] == []


@every_file
def test_every_text_is_there_in_both_languages(name):
    originals = {
        f"mentions[{index}].translation": mention["language"]
        for index, mention in enumerate(FILES[name].get("mentions", []))
    }
    problems = []
    for path, value in translations(name):
        wanted = {*languages()} - {originals.get(path)}
        problems += [f"{path}: no {language}" for language in sorted(wanted - {*value})]
        problems += [f"{path}: {language} is too many" for language in sorted({*value} - wanted)]
        problems += [f"{path}.{language}: empty" for language, text in value.items() if not text]
    assert_none(name, problems)


@every_trend
def test_nothing_that_needs_a_text_lacks_it(name):
    trend = FILES[name]
    needed = [("", trend, ["title", "subtitle", "shift"])]
    for part, keys in {
        "drivers": ["heading", "body"],
        "mentions": ["original", "language", "translation", "occasion"],
        "timeline": ["text"],
        "assessments": ["rationale"],
    }.items():
        needed += [(f"{part}[{i}].", item, keys) for i, item in enumerate(trend[part])]
    needed += [(f"{path}.", point, ["lead", "text"]) for path, point in points(trend)]
    assert_none(
        name,
        [
            f"{path}{key}: missing"
            for path, item, keys in needed
            for key in keys
            if not item.get(key)
        ],
    )


@every_file
def test_no_text_is_the_same_in_both_languages(name):
    assert_none(
        name,
        [
            f"{path}: “{value['en']}” in both languages"
            for path, value in translations(name)
            if value.get("en") == value.get("ja") and value["en"] not in SAME_IN_BOTH_LANGUAGES
        ],
    )


def test_every_exception_to_that_is_needed():
    same = {
        value["en"]
        for name in FILES
        for _path, value in translations(name)
        if value.get("en") == value.get("ja")
    }
    assert same == SAME_IN_BOTH_LANGUAGES


# Evidence


def cited_keys(trend: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Path and key of everything in a trend's file that cites a source."""
    for path, key, value in nodes({key: trend[key] for key in trend if key != "sources"}):
        if key in ("sources", "shift_sources", "reading"):
            yield from ((f"{path}[{index}]", cited) for index, cited in enumerate(value))
        elif key == "source":
            yield path, value
        elif isinstance(value, str):
            yield from ((f"{path}: [^{cited}]", cited) for cited in MARK.findall(value))


@every_trend
def test_every_source_is_cited_and_every_cited_one_described(name):
    trend = FILES[name]
    cited = dict(cited_keys(trend))
    problems = [
        f"{path}: no source “{key}”" for path, key in cited.items() if key not in trend["sources"]
    ]
    problems += [
        f"sources.{key}: cited nowhere" for key in trend["sources"] if key not in cited.values()
    ]
    assert_none(name, problems)


@every_trend
def test_every_source_says_what_it_is(name):
    assert_none(
        name,
        [
            f"sources.{key}.{part}: missing"
            for key, source in FILES[name]["sources"].items()
            for part in ("url", "publisher", "language")
            if not source.get(part)
        ]
        + [
            f"sources.{key}: has neither a title nor a description"
            for key, source in FILES[name]["sources"].items()
            if not (source.get("title") or source.get("description"))
        ],
    )


def test_a_page_is_described_alike_wherever_it_is_cited():
    seen: dict[str, tuple[str, dict[str, str]]] = {}
    problems = []
    for name, trend in TRENDS.items():
        for key, source in trend["sources"].items():
            page = re.sub(r"^https?://(www\.)?|/$", "", source["url"])
            where, known = seen.setdefault(page, (f"{name}, sources.{key}", source))
            if source != known:
                problems.append(f"fixtures/{name}, sources.{key}: differs from {where}")
    assert not problems, "\n".join(problems)


MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
# Digits that count nothing, taken out of a text before figures are looked for. A year is a
# bare number of four digits: our English writes 2,000 for a count, and our Japanese 2000件.
NOT_FIGURES = re.compile(
    rf"""
    \d{{1,2}}\ (?:{MONTHS}) (?:\ \d{{4}})?                  # 8 December 2025
    | \d{{1,2}}月 (?:\d{{1,2}}日)? | (?<!\d)\d{{1,2}}日 (?![間約当\d])
    | 20\d\d/\d{{4}}                                       # Regulation (EU) 2024/1689
    | (?<![\d.,]) (?:19|20)\d\d (?:〜\d\d)? (?! \d | [.,]\d | [%万億兆件人社カドユ])
    | Article\ \d+ (?:\(\d\))? | 第\d+条 (?:\d項)? | 第\d四半期
    | (?:Claude|Gemini|Llama|Apache)\ \d (?:\.\d)? (?:\ \d+B)?
    | [A-Za-z][A-Za-z-]*\d[\w.-]*                          # GPT-3.5, o1, a16z, gpt-oss-20b
    """,
    re.VERBOSE | re.ASCII,
)


# A few things, which Japanese writes in digits and English in words.
A_FEW = re.compile(r"(?<![\d.,])[1-9](?:つ|件|カ所|行)")


def has_figure(*values: dict[str, str]) -> bool:
    """Do the texts count, measure or price something, in digits and in either language?"""
    return any(
        re.search(r"\d", NOT_FIGURES.sub("", text)) for value in values for text in value.values()
    )


@pytest.mark.parametrize(
    "text",
    [
        *("grew by 50%", "50%増えた", "2 to 3 points", "16の開発者", "USD 37.5 billion", "2000件"),
        *("more than 135,000 a day", "1日2時間", "3.2倍", "10²⁶ FLOP", "37 of them", "4カ月"),
    ],
)
def test_a_figure_is_seen(text):
    assert has_figure({"en": text})


@pytest.mark.parametrize(
    "text",
    [
        *("On 8 December 2025", "8 December", "March 2026", "in 2026", "the 2010s", "2024年"),
        *(
            "2025年12月8日",
            "11日に報じた",
            "16日に収録",
            "2023〜25年",
            "Article 50(2)",
            "第50条2項",
        ),
        *("Claude 3.7 Sonnet", "Gemini 1.5 Pro", "Llama 3.1 405B", "GPT-3.5", "o1-mini", "a16z"),
        *("gpt-oss-120b", "「AI Index 2026」", "Regulation (EU) 2026/1744", "規則（2026/1744）"),
    ],
)
def test_a_name_or_a_date_is_no_figure(text):
    assert not has_figure({"en": text})


@every_trend
def test_every_claim_with_a_figure_cites_a_source(name):
    """A sentence with a figure marks its source, unless sources are listed for the whole part."""
    trend = FILES[name]
    # The path, what is listed for the part, the text with marks, and the one without.
    claims = [("shift", trend.get("shift_sources"), trend["shift"], trend["subtitle"])]
    for i, driver in enumerate(trend["drivers"]):
        claims.append((f"drivers[{i}]", driver.get("sources"), driver["body"], driver["heading"]))
    for path, point in points(trend):
        claims.append((path, point.get("sources"), point["text"], point["lead"]))
    for i, assessment in enumerate(trend["assessments"]):
        claims.append((f"assessments[{i}]", assessment.get("sources"), assessment["rationale"], {}))
    problems = []
    for path, listed, marked, unmarked in claims:
        if not listed and has_figure(unmarked) and not MARK.search(str(marked)):
            problems.append(f"{path}: a figure without a source")
        problems += [
            f"{path}: a figure without a source: {sentence}"
            for text in marked.values()
            for sentence in re.split(r"(?<=[.?!]) |。|\n", text)
            if not listed
            and has_figure({"": A_FEW.sub("", MARK.sub("", sentence))})
            and not MARK.search(sentence)
        ]
    assert_none(name, problems)


@every_trend
def test_every_event_and_forecast_cites_a_source(name):
    assert_none(
        name,
        [
            f"timeline[{index}]: no source"
            for index, entry in enumerate(FILES[name]["timeline"])
            if not entry.get("source")
        ],
    )


@every_file
def test_links_lead_to_pages(name):
    problems = []
    for path, key, value in nodes(FILES[name]):
        if key == "url":
            parts = urlsplit(value)
            if not (
                parts.scheme in ("http", "https")
                and re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", parts.netloc)
                and re.fullmatch(r"[!-~]+", value)
            ):
                problems.append(f"{path}: “{value}” is no address of a page")
    assert_none(name, problems)


@every_trend
def test_quotations_are_short_and_lead_to_where_they_were_said(name):
    problems = []
    for index, mention in enumerate(FILES[name]["mentions"]):
        words = len(mention["original"].split())
        if words > 60:
            problems.append(f"mentions[{index}].original: {words} words, where 60 may be quoted")
        if not mention.get("source") and not mention.get("video"):
            problems.append(f"mentions[{index}]: neither a source nor a video")
    assert_none(name, problems)


# Forecasts and judgement

SAID_TO_COME = re.compile(r"forecast|予測", re.IGNORECASE)


@every_trend
def test_forecasts_say_that_they_are_and_what_became_of_them(name):
    problems = []
    for index, entry in enumerate(FILES[name]["timeline"]):
        if entry.get("kind", "event") == "event":
            continue
        if entry.get("outcome") not in OUTCOMES[EntryKind(entry["kind"])]:
            problems.append(f"timeline[{index}].outcome: “{entry.get('outcome')}”")
        if entry.get("outcome") != "pending" and not entry.get("note"):
            problems.append(f"timeline[{index}].note: missing; why this outcome?")
        problems += [
            f"timeline[{index}].text.{language}: not called a forecast"
            for language, text in entry["text"].items()
            if entry["kind"] == "forecast" and not SAID_TO_COME.search(text)
        ]
    assert_none(name, problems)


@every_trend
def test_nothing_after_the_newest_assessment_has_happened(name):
    trend = FILES[name]
    judged = max(PartialDate.parse(item["date"]) for item in trend["assessments"])
    assert_none(
        name,
        [
            f"timeline[{index}]: {entry['date']} lies ahead and is no forecast"
            for index, entry in enumerate(trend["timeline"])
            if entry.get("kind", "event") == "event" and PartialDate.parse(entry["date"]) > judged
        ],
    )


@every_trend
def test_the_newest_assessment_is_the_judgement_shown(name):
    trend = FILES[name]
    newest = max(trend["assessments"], key=lambda item: PartialDate.parse(item["date"]))
    assert (newest["status"], newest["confidence"]) == (trend["status"], trend["confidence"])


# What trends share


@every_trend
def test_a_japanese_title_in_kanji_says_how_it_is_read(name):
    trend = TRENDS[name]
    begins_with_kanji = re.search(BEGINS_WITH_KANJI, trend["title"]["ja"])
    assert bool(begins_with_kanji) == ("ja" in trend.get("title_reading", {}))


def test_related_trends_are_mutual():
    related = {trend["trend"]: trend["related"] for trend in TRENDS.values()}
    assert not [
        f"fixtures/{slug}.yaml: related.{other}: does not name {slug} in turn"
        for slug, others in related.items()
        for other in others
        if slug not in related.get(other, [])
    ]


def test_every_expert_is_quoted_and_everyone_quoted_is_an_expert():
    quoted = {mention["expert"] for trend in TRENDS.values() for mention in trend["mentions"]}
    assert quoted == {*EXPERTS}


# Words of the agreed vocabulary for which no trend has come yet.
TAGS_KEPT_READY = {"security"}


# The facts name no role of these.
WITHOUT_A_ROLE = {"ilya-sutskever", "ranjan-roy"}


def test_every_expert_has_a_name_and_says_who_they_are():
    assert not [
        f"fixtures/experts.yaml: experts.{slug}.{part}: missing"
        for slug, expert in EXPERTS.items()
        for part in ("name", "affiliation" if slug in WITHOUT_A_ROLE else "role")
        if not expert.get(part)
    ]


def test_every_tag_but_those_kept_ready_stands_on_a_trend_and_every_audience_reads_one():
    used = {tag for trend in TRENDS.values() for tag in trend["tags"]}
    read = {part["audience"] for trend in TRENDS.values() for part in trend["implications"]}
    assert (used | TAGS_KEPT_READY, read) == ({*VOCABULARY["tags"]}, {*VOCABULARY["audiences"]})
    assert not used & TAGS_KEPT_READY


# Prose

# In Japanese, ASCII punctuation stands only inside a Latin name or a number: GPT-4, 3.7,
# Writer.com, 2024/1689. A per cent sign follows a digit.
JAPANESE_PUNCTUATION = re.compile(
    r"""(?! (?<=[A-Za-z0-9]) [-./] (?=[A-Za-z0-9]) | (?<=[0-9]) % )
        [!-/:-@\[-`{-~]""",
    re.VERBOSE,
)
# A space stands only inside a Latin name: AI Index, Welcome to LLMflation – LLM inference.
JAPANESE_SPACE = re.compile(r"(?<![A-Za-z0-9–]) (?=.)|(?<=.) (?![A-Za-z0-9–])|\u3000", re.MULTILINE)
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
POLITE = re.compile(
    r"(?:です|ます|ました|ません|でした|でしょう|ましょう|ください)(?:[が。、」）]|よ|ね|\s|$)"
)


@every_file
def test_quotation_marks_are_typographic(name):
    straight = re.compile(r"[\"']")
    titles = [
        Text(path, "", value)
        for path, key, value in nodes(FILES[name])
        if key in ("title", "publisher", "channel") and isinstance(value, str)
    ]
    found_in = [*texts(name, "en"), *texts(name, "ja"), *titles]
    assert_none(name, finds(straight, found_in))


@every_file
def test_japanese_has_full_width_punctuation_and_brackets(name):
    assert_none(name, finds(JAPANESE_PUNCTUATION, texts(name, "ja")))


@every_file
def test_no_space_stands_between_japanese_and_latin(name):
    assert_none(name, finds(JAPANESE_SPACE, texts(name, "ja")))


@every_file
def test_japanese_has_ascii_digits_and_letters_and_full_width_kana(name):
    assert_none(name, finds(re.compile(r"[\uff10-\uff5a\uff61-\uff9f]"), texts(name, "ja")))


@every_file
def test_each_language_is_written_in_itself(name):
    problems = [
        f"{text.path}: no Japanese in “{text.text}”"
        for text in texts(name, "ja")
        if not JAPANESE.search(text.text) and text.text not in SAME_IN_BOTH_LANGUAGES
    ]
    problems += finds(JAPANESE, texts(name, "en"))
    assert_none(name, problems)


@every_file
def test_japanese_prose_is_plain_in_style(name):
    assert_none(name, finds(POLITE, prose(name, "ja")))


@every_trend
def test_a_lead_is_a_sentence_before_the_next(name):
    ends = {"en": ".", "ja": "。"}
    assert_none(
        name,
        [
            f"{path}.lead.{language}: “{text}” does not end in “{ends[language]}”"
            for path, point in points(FILES[name])
            for language, text in point["lead"].items()
            if not text.endswith(ends[language])
        ],
    )


@every_file
def test_japanese_can_without_the_ability_to_do(name):
    assert_none(name, finds(re.compile("ことができ|事ができ|ことが可能"), texts(name, "ja")))


@pytest.mark.parametrize(
    ("rule", "passes", "fails"),
    [
        pytest.param(
            JAPANESE_PUNCTUATION,
            ["GPT-4とWriter.com、3.2倍、55%（推計）", "規則（2024/1689）：「案」", "10〜20%"],
            ["AI(人工知能)", "約1,000件", "それは,", "例:案", "%増", "A/Bと/B", "えっ!", "第2項-"],
            id="punctuation",
        ),
        pytest.param(
            JAPANESE_SPACE,
            ["米AI Index 2026は", "Welcome to LLMflation – LLM inference", "一行。\n二行。"],
            ["米 AI", "AI は", "一行。 二行", "全角　空き", "行末 \n次"],
            id="space",
        ),
        pytest.param(
            POLITE,
            ["ますます増える", "増すだろう", "ではない。"],
            ["増えます。", "重要ですが、", "「ません」", "見てください"],
            id="polite",
        ),
    ],
)
def test_the_rules_of_japanese_tell_right_from_wrong(rule, passes, fails):
    assert [text for text in passes if rule.search(text)] == []
    assert [text for text in fails if not rule.search(text)] == []


@every_trend
def test_labels_are_there_where_the_picture_would_need_more_than_two_lines(name):
    problems = []
    for i, item in enumerate(FILES[name]["timeline"]):
        shown = item.get("short") or item["text"]
        for language, text in shown.items():
            lines = fit_lines(pieces_of(text, language), 240 / 13)
            if len(lines) > 2:
                problems.append(f"timeline[{i}].{language}: {len(lines)} lines: {text}")
    assert_none(name, problems)


@every_trend
def test_the_latest_assessment_has_its_reason_in_short(name):
    assert set(FILES[name]["assessments"][-1].get("reason", {})) == {"en", "ja"}
