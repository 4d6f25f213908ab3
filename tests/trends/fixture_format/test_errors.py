"""What a fixture may say, and the words with which a wrong one is refused."""

import textwrap

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from tests.support.loading import (
    MINIMAL,
    VOCABULARY,
    WHOLE,
    changed,
    load,
    load_texts,
    refusal,
    refusal_of,
    write,
)
from trends.fixture_format import nodes
from trends.models import Trend
from trendsite.shared.models import Tag

pytestmark = pytest.mark.django_db

KNOWN_TREND_KEYS = (
    "; known are trend, formerly, status, confidence, since, published, retired, successors, "
    "retired_note, tags, related, title, title_reading, subtitle, key_points, confidence_of, "
    "shift, shift_sources, drivers, mentions, implications, timeline, assessments, falsifiers, "
    "sources, reading"
)

NO_ADDRESS = (
    "is not the address of a page. Enter it whole, from https:// or http:// to its end, without "
    "spaces."
)
DATES = (
    "Enter 2024, 2024-H1, 2024-Q3, 2024-08 or 2024-08-15, 2024-03/2024-06 for a range, "
    "2024~ for about 2024."
)


def wrong(*lines: str) -> str:
    """The minimal trend with further lines."""
    return MINIMAL + textwrap.indent("\n".join(lines), "    ") + "\n"


def test_the_whole_format_is_read(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    trend = Trend.objects.get()
    assert (trend.slug, trend.status, trend.confidence) == ("whole", "emerging", "high")
    assert (str(trend.since), str(trend.published)) == ("2025-Q2", "2025-12-20")
    assert [link.tag.slug for link in trend.tagged.all()] == ["strategy", "product"]
    assert (trend.title_en, trend.title_ja) == ("Whole", "全体")
    assert trend.shift_en == "From *this*:\n\n- to that"
    assert trend.shift_ja == "こちらから**「あちら」**へ。"
    assert [(row.heading_ja, row.body_ja) for row in trend.drivers.all()] == [
        ("第一", "一のため。"),
        ("第二", None),
    ]
    talk, answer = (link.mention for link in trend.trend_mentions.all())
    assert [link.voice for link in trend.trend_mentions.all()] == [True, False]
    assert (talk.original, talk.language, talk.translation_ja) == (
        "Yes: it works.",
        "en",
        "はい、動きます。",
    )
    assert (talk.occasion_en, talk.start) == ("At a talk", 754)
    assert talk.link == "https://www.youtube.com/watch?v=abcdefghijk&t=754s"
    assert (answer.expert.slug, answer.source.key) == ("ken-example", "report")
    assert [(row.audience.slug, row.lead_en) for row in trend.implications.all()] == [
        ("enterprises", "Buy"),
        ("enterprises", "Wait"),
        ("researchers", "Measure"),
    ]
    began, forecast, scheduled = trend.timeline.all()
    assert (str(began.date), began.kind, began.outcome) == ("2025-06-15", "event", "")
    assert (forecast.kind, forecast.outcome, forecast.note_en) == (
        "forecast",
        "missed",
        "It did not.",
    )
    assert (forecast.expert, forecast.quotation, forecast.probability) == (talk.expert, talk, 70)
    assert (scheduled.kind, scheduled.outcome) == ("scheduled", "postponed")
    assert trend.key_points_en == "It shifts.\nWait for more."
    assert [(str(row.date), row.text_en) for row in trend.falsifiers.all()] == [
        ("2027-06", "No survey finds it."),
    ]
    assert [row.reconstructed for row in trend.assessments.all()] == [False, True]
    assert [str(row.date) for row in trend.assessments.all()] == ["2025-12-20", "2025-06"]
    assert [row.source.key for row in trend.readings.all()] == ["survey", "report"]
    report = trend.reading.get(key="report")
    assert (report.title, report.publisher, str(report.date), report.language) == (
        "A report",
        "Example Press",
        "2025-12",
        "en",
    )


def test_what_may_be_absent_may_be_absent(tmp_path):
    load_texts(tmp_path, a=MINIMAL)
    trend = Trend.objects.get()
    assert trend.published is None
    assert (trend.title_ja, trend.subtitle_en, trend.shift_en) == (None, None, None)


def test_defaults_are_those_of_the_format(tmp_path):
    load_texts(
        tmp_path,
        vocabulary=VOCABULARY,
        a=wrong(
            "mentions: [{expert: mina-example, original: Yes.}]",
            "timeline:",
            "  - {date: 2024, text: {en: Now}}",
            "  - {date: 2025, text: {en: Then}, kind: forecast}",
        ),
    )
    trend = Trend.objects.get()
    (link,) = trend.trend_mentions.all()
    assert (link.voice, link.mention.video, link.mention.source) == (False, None, None)
    assert link.mention.language == "en"
    assert [(row.kind, row.outcome) for row in trend.timeline.all()] == [
        ("event", ""),
        ("forecast", "pending"),
    ]


REQUIRED = {
    "nothing of a trend": (
        "{tags: [], status: ''}",
        [
            "a.yaml:1: confidence: is missing",
            "a.yaml:1: since: is missing",
            "a.yaml:1: status: is missing",
            "a.yaml:1: title: is missing",
            "a.yaml:1: trend: is missing",
        ],
    ),
    "a title in no language": (
        changed(MINIMAL, ("{en: Minimal}", "{}")),
        ["a.yaml:5: title: Enter this in at least one language."],
    ),
    "a title that is blank": (
        changed(MINIMAL, ("Minimal", "' '")),
        ["a.yaml:5: title: Enter this in at least one language."],
    ),
    "an empty item in every list": (
        wrong(
            "drivers: ['']",
            "mentions: ['']",
            "implications: ['']",
            "timeline: ['']",
            "assessments: ['']",
        ),
        [
            "a.yaml:6: drivers[0].heading: is missing",
            "a.yaml:7: mentions[0].expert: is missing",
            "a.yaml:7: mentions[0].original: is missing",
            "a.yaml:8: implications[0].audience: is missing",
            "a.yaml:8: implications[0].points: is missing",
            "a.yaml:9: timeline[0].date: is missing",
            "a.yaml:9: timeline[0].text: is missing",
            "a.yaml:10: assessments[0].confidence: is missing",
            "a.yaml:10: assessments[0].date: is missing",
            "a.yaml:10: assessments[0].status: is missing",
        ],
    ),
    "the parts of a point, a video and a source": (
        wrong(
            "implications: [{audience: enterprises, points: [{text: {en: Text}}]}]",
            "mentions: [{expert: mina-example, original: Yes., video: {title: A talk}}]",
            "sources: {report: {title: A report}}",
        ),
        [
            "a.yaml:6: implications[0].points[0].lead: is missing",
            "a.yaml:7: mentions[0].video.id: is missing",
            "a.yaml:7: mentions[0].video.platform: is missing",
            "a.yaml:8: sources.report.url: is missing",
        ],
    ),
}


@pytest.mark.parametrize(("text", "lines"), REQUIRED.values(), ids=REQUIRED)
def test_what_is_required_is_missed(tmp_path, text, lines):
    assert refusal_of(tmp_path, text) == lines


WRONG = {
    "an unknown key": (
        wrong("driver: []"),
        ["a.yaml:6: driver: unknown key; did you mean “drivers”?"],
    ),
    "an unknown key that is near to none": (
        wrong("xyz: []"),
        ["a.yaml:6: xyz: unknown key" + KNOWN_TREND_KEYS],
    ),
    "an unknown key in a list": (
        wrong("drivers:", "  - heading: {en: One}", "    text: {en: Two}"),
        ["a.yaml:8: drivers[0].text: unknown key; known are key, heading, body, sources"],
    ),
    "a key twice": (
        wrong("status: growing"),
        ["a.yaml:6: status: this key is already on line 2"],
    ),
    "an unknown tag": (
        wrong("tags: [stratgy]"),
        ["a.yaml:6: tags[0]: “stratgy” is unknown; did you mean “strategy”?"],
    ),
    "an unknown tag of a mention": (
        wrong("mentions: [{expert: mina-example, original: Yes., tags: [x]}]"),
        ["a.yaml:6: mentions[0].tags[0]: “x” is unknown; known are product, strategy"],
    ),
    "an unknown audience": (
        wrong("implications: [{audience: researcher, points: [{lead: {en: Do}}]}]"),
        [
            "a.yaml:6: implications[0].audience: “researcher” is unknown; "
            "did you mean “researchers”?"
        ],
    ),
    "an unknown expert": (
        wrong("mentions: [{expert: nina-example, original: Yes.}]"),
        ["a.yaml:6: mentions[0].expert: “nina-example” is unknown; did you mean “mina-example”?"],
    ),
    "unknown source keys": (
        wrong(
            "drivers: [{heading: {en: One}, sources: [reprt]}]",
            "mentions: [{expert: mina-example, original: Yes., source: x}]",
            "timeline: [{date: 2024, text: {en: Now}, source: reprt}]",
            "shift_sources: [reprt]",
            "reading: [reprt]",
            "sources: {report: {url: https://example.org}}",
        ),
        [
            "a.yaml:6: drivers[0].sources[0]: unknown source “reprt”; did you mean “report”?",
            "a.yaml:7: mentions[0].source: unknown source “x”; known are report",
            "a.yaml:8: timeline[0].source: unknown source “reprt”; did you mean “report”?",
            "a.yaml:9: shift_sources[0]: unknown source “reprt”; did you mean “report”?",
            "a.yaml:10: reading[0]: unknown source “reprt”; did you mean “report”?",
        ],
    ),
    "an unknown related trend": (
        wrong("related: [minimax]"),
        ["a.yaml:6: related[0]: there is no trend “minimax”; did you mean “minimal”?"],
    ),
    "a trend related to itself": (
        wrong("related: [minimal]"),
        ["a.yaml:6: related[0]: a trend cannot be related to itself"],
    ),
    "an unknown successor": (
        wrong("published: 2025-01-01", "retired: 2026-11-24", "successors: [minimax]"),
        ["a.yaml:8: successors[0]: there is no trend “minimax”; did you mean “minimal”?"],
    ),
    "a trend that succeeds itself": (
        wrong("published: 2025-01-01", "retired: 2026-11-24", "successors: [minimal]"),
        ["a.yaml:8: successors[0]: a trend cannot replace itself"],
    ),
    "a successor twice": (
        wrong("published: 2025-01-01", "retired: 2026-11-24", "successors: [minimal, minimal]"),
        [
            "a.yaml:8: successors[0]: a trend cannot replace itself",
            "a.yaml:8: successors[1]: “minimal” is already listed",
        ],
    ),
    "a trend retired before it is published": (
        wrong("published: 2025-01-02", "retired: 2025-01-01"),
        ["a.yaml:7: retired: This is before its publication date."],
    ),
    "a draft that is retired": (
        wrong("retired: 2025-01-01"),
        ["a.yaml:6: retired: Only a published trend can be retired."],
    ),
    "a day of retirement that is none": (
        wrong("published: 2025-01-02", "retired: soon", "retired_note: {en: Why}"),
        ["a.yaml:7: retired: “soon” is not a day; write one as 2025-08-15"],
    ),
    "a retired trend with a day of publication that is none": (
        wrong("published: soon", "retired: 2025-01-02"),
        ["a.yaml:6: published: “soon” is not a day; write one as 2025-08-15"],
    ),
    "successors without a day": (
        wrong("published: 2025-01-01", "successors: [other]"),
        [
            "a.yaml:7: successors: There are successors: enter the day, too.",
            "a.yaml:7: successors[0]: there is no trend “other”; known are minimal",
        ],
    ),
    "a note without a day": (
        wrong("published: 2025-01-01", "retired_note: {en: Why}"),
        ["a.yaml:1: retired: There is a note on why it is retired: enter the day, too."],
    ),
    "a note in a language that is none": (
        wrong("published: 2025-01-01", "retired: 2026-11-24", "retired_note: {de: Warum}"),
        ["a.yaml:8: retired_note.de: “de” is not a language of this site; known are en, ja"],
    ),
    "kanji where a title is read": (
        wrong("title_reading:", "  ja: 訓練より", "  en: Minimal"),
        ["a.yaml:7: title_reading.ja: Enter how the title is read, without kanji."],
    ),
    "bad partial dates": (
        changed(
            wrong("timeline: [{date: 2025-13, text: {en: Never}}]"),
            ("since: 2025", "since: last year"),
        ),
        [
            f"a.yaml:4: since: “last year” is not a date. {DATES}",
            f"a.yaml:6: timeline[0].date: “2025-13” is not a date. {DATES}",
        ],
    ),
    "a bad date beside a good one": (
        wrong(
            "assessments:",
            "  - {date: 2025-06, status: growing, confidence: low}",
            "  - {date: soon, status: growing, confidence: low}",
        ),
        [f"a.yaml:8: assessments[1].date: “soon” is not a date. {DATES}"],
    ),
    "a day of publication that is none": (
        wrong("published: 2025-02-30"),
        ["a.yaml:6: published: “2025-02-30” is not a day; write one as 2025-08-15"],
    ),
    "a day of publication that is not exact": (
        wrong("published: 2025-02"),
        ["a.yaml:6: published: “2025-02” is not a day; write one as 2025-08-15"],
    ),
    "bad addresses": (
        wrong(
            "sources:",
            "  one: {url: example.org}",
            "  two: {url: 'javascript:alert(1)'}",
            "  three: {url: ftp://example.org/file}",
        ),
        [
            f"a.yaml:7: sources.one.url: “example.org” {NO_ADDRESS}",
            f"a.yaml:8: sources.two.url: “javascript:alert(1)” {NO_ADDRESS}",
            f"a.yaml:9: sources.three.url: “ftp://example.org/file” {NO_ADDRESS}",
        ],
    ),
    "a bad slug": (
        changed(MINIMAL, ("minimal", "Mini mal")),
        [
            "a.yaml:1: trend: Enter lower-case letters a–z and digits, with single hyphens "
            "between words."
        ],
    ),
    "a bad source key": (
        wrong("sources: {A report: {url: https://example.org}}"),
        [
            "a.yaml:6: sources.A report: Enter lower-case letters a–z and digits, with single "
            "hyphens between words."
        ],
    ),
    "a text that is too long": (
        changed(MINIMAL, ("en: Minimal", "en: " + "x" * 201)),
        [
            "a.yaml:5: title.en: Ensure this value has at most 200 characters (it has 201).",
        ],
    ),
    "a language that is not of the site": (
        changed(MINIMAL, ("en: Minimal", "en: Minimal, fr: Minime")),
        ["a.yaml:5: title.fr: “fr” is not a language of this site; known are en, ja"],
    ),
    "a language that is no code": (
        wrong("mentions: [{expert: mina-example, original: Yes., language: English}]"),
        ["a.yaml:6: mentions[0].language: “English” is not a language code; did you mean “en”?"],
    ),
    "a translation into the language of the original": (
        wrong("mentions: [{expert: mina-example, original: Yes., translation: {en: Yes!}}]"),
        [
            "a.yaml:6: mentions[0].translation.en: The original is in this language; leave its "
            "translation empty."
        ],
    ),
    "values that are not known": (
        changed(
            wrong(
                "timeline: [{date: 2024, text: {en: Now}, kind: rumour, outcome: won}]",
                "mentions:",
                "  - {expert: mina-example, original: Yes., voice: yes}",
                "  - {expert: mina-example, original: No., video: {platform: tv, id: x}}",
            ),
            ("growing", "flying"),
            ("confidence: low", "confidence: none"),
        ),
        [
            "a.yaml:2: status: “flying” is not known; "
            "write emerging, growing, established, declining",
            "a.yaml:3: confidence: “none” is not known; write low, medium, high",
            "a.yaml:6: timeline[0].kind: “rumour” is not known; write event, scheduled, forecast",
            "a.yaml:6: timeline[0].outcome: “won” is not known; write pending, confirmed, missed, "
            "void, disputed, in-force, postponed, dropped",
            "a.yaml:8: mentions[0].voice: “yes” is not known; write true, false",
            "a.yaml:9: mentions[1].video.platform: “tv” is not known; "
            "write youtube, vimeo, niconico, ted, bilibili, peertube",
        ],
    ),
    "a video that cannot be": (
        wrong(
            "mentions:",
            "  - expert: mina-example",
            "    original: Yes.",
            "    video: {platform: youtube, id: short, start: noon}",
        ),
        [
            "a.yaml:9: mentions[0].video.id: “short” is not the id of a video on YouTube.",
            "a.yaml:9: mentions[0].video.start: “noon” is not a time in a video. Enter 12:34, "
            "1:02:03 or seconds.",
        ],
    ),
    "a day of settlement of what is pending": (
        wrong(
            "timeline: [{date: 2024, text: {en: Now}, kind: forecast, settled: 2024-05}]",
        ),
        [
            "a.yaml:6: timeline[0].settled: Choose the outcome that was known on this date.",
        ],
    ),
    "an outcome of an event": (
        wrong("timeline: [{date: 2024, text: {en: Now}, outcome: missed}]"),
        [
            "a.yaml:6: timeline[0].outcome: An event has no outcome: leave it empty, or change "
            "the kind."
        ],
    ),
    "an outcome of another kind": (
        wrong("timeline: [{date: 2024, text: {en: Now}, kind: scheduled, outcome: missed}]"),
        [
            "a.yaml:6: timeline[0].outcome: An entry of this kind is one of these: pending, "
            "in force, postponed, dropped."
        ],
    ),
    "an outcome known on a day to come": (
        wrong(
            "timeline:",
            "  - {date: 2024, text: {en: a}, kind: forecast, outcome: missed, settled: 2999}",
            "  - {date: 2999, text: {en: b}, kind: forecast, outcome: confirmed}",
            "  - {date: 2024, text: {en: c}, kind: forecast, outcome: void}",
        ),
        [
            "a.yaml:7: timeline[0].settled: This date is in the future: nothing is settled yet.",
            "a.yaml:8: timeline[1].settled: Its date is not over: enter when the outcome was "
            "known.",
            "a.yaml:9: timeline[2].outcome: Enter a note that says why this is the outcome.",
        ],
    ),
    "forecasts made or settled at the wrong time": (
        wrong(
            "timeline:",
            "  - {date: 3000, text: {en: a}, kind: forecast, made: 2999}",
            "  - {date: 2024-12, text: {en: b}, kind: forecast, outcome: missed,"
            " settled: 2023-12, made: 2024}",
        ),
        [
            "a.yaml:7: timeline[0].made: This date is in the future: the forecast has not been "
            "made yet.",
            "a.yaml:8: timeline[1].settled: This is before the day on which the forecast was made.",
        ],
    ),
    "probabilities that are no numbers": (
        wrong(
            "timeline:",
            "  - {date: 2999, text: {en: a}, kind: forecast, probability: 0.6}",
            "  - {date: 2999, text: {en: b}, kind: forecast, probability: 60%}",
            "  - {date: 2999, text: {en: c}, kind: forecast, probability: -1}",
        ),
        [
            "a.yaml:7: timeline[0].probability: “0.6” is not a whole number; write it in digits "
            "alone, such as 60",
            "a.yaml:8: timeline[1].probability: “60%” is not a whole number; write it in digits "
            "alone, such as 60",
            "a.yaml:9: timeline[2].probability: Ensure this value is greater than or equal to 0.",
        ],
    ),
    "texts without a language": (
        wrong("subtitle: Only one", "drivers: [{heading: Cheaper}]", "tags: [{en: x}]"),
        [
            "a.yaml:6: subtitle: write this by language, as {en: …, ja: …}",
            "a.yaml:7: drivers[0].heading: write this by language, as {en: …, ja: …}",
            "a.yaml:8: tags[0]: write a single text here, not a list or a mapping",
        ],
    ),
    "lists without hyphens and spaces": (
        wrong("tags:", "  -one", "  -two", "related:", "  ・one", "  ・two", "formerly: one"),
        [
            "a.yaml:7: tags: write a list here: each item on a line, after “-” and a space",
            "a.yaml:10: related: write a list here: each item on a line, after “-” and a space",
            "a.yaml:12: formerly: write a list here",
        ],
    ),
    "a claim that cannot be": (
        wrong(
            "timeline:",
            "  - {date: 2024, text: {en: a}, made: 2023}",
            "  - {date: 2024, text: {en: b}, kind: forecast, made_by: expert}",
            "  - {date: 2024, text: {en: c}, kind: forecast, made_by: source}",
            "  - {date: 2024, text: {en: d}, kind: forecast, expert: mina-example}",
            "  - {date: 2024, text: {en: e}, kind: forecast, made: 2025, probability: 101}",
            "  - {date: 2024, text: {en: f}, kind: forecast, made_by: expert,"
            " expert: mina-example, quotation: x}",
        ),
        [
            "a.yaml:7: timeline[0].made: Only a forecast has this: leave it empty, or change the "
            "kind.",
            "a.yaml:8: timeline[1].expert: Name the expert who made the forecast.",
            "a.yaml:9: timeline[2].source: Name the source that made the forecast.",
            "a.yaml:10: timeline[3].made_by: An expert is named here: choose “expert”.",
            "a.yaml:11: timeline[4].made: This is after the date that the forecast is about.",
            "a.yaml:11: timeline[4].probability: Ensure this value is less than or equal to 100.",
            "a.yaml:12: timeline[5].quotation: no mention of this file has the key “x”",
        ],
    ),
    "too many key points, and one too long": (
        wrong('key_points: {en: "a\\nb\\nc\\nd\\ne", ja: ' + "あ" * 201 + "}"),
        [
            "a.yaml:6: key_points.en: Enter at most 4 key points, one per line.",
            "a.yaml:6: key_points.ja: Enter at most 200 characters in each key point.",
        ],
    ),
    "an assessment of a day to come": (
        wrong("assessments: [{date: 2999, status: growing, confidence: low}]"),
        ["a.yaml:6: assessments[0].date: An assessment cannot be dated in the future."],
    ),
    "wrong types": (
        changed(
            wrong(
                "tags: strategy",
                "drivers: {heading: {en: One}}",
                "mentions: [Yes.]",
                "sources: [https://example.org]",
                "shift: A text without a language",
                "published: [2025-12-20]",
                "reading: [[report]]",
                "[a, list]: as a key",
            ),
            ("{en: Minimal}", "Minimal"),
        ),
        [
            "a.yaml:5: title: write this by language, as {en: …, ja: …}",
            "a.yaml:6: tags: write a list here",
            "a.yaml:7: drivers: write a list here",
            "a.yaml:8: mentions[0]: write a mapping here, “key: value”",
            "a.yaml:9: sources: write a mapping here, “key: value”",
            "a.yaml:10: shift: write this by language, as {en: …, ja: …}",
            "a.yaml:11: published: write a single text here, not a list or a mapping",
            "a.yaml:12: reading[0]: write a single text here, not a list or a mapping",
            "a.yaml:13: write a plain text as the key",
        ],
    ),
    "what is listed twice": (
        wrong(
            "tags: [strategy, strategy]",
            "reading: [report, report]",
            "sources:",
            "  report: {url: https://example.org}",
            "  again: {url: https://example.org}",
            "assessments:",
            "  - {date: 2025, status: growing, confidence: low}",
            "  - {date: 2025, status: growing, confidence: low}",
            "implications:",
            "  - {audience: enterprises, points: [{lead: {en: Do}}]}",
            "  - {audience: enterprises, points: [{lead: {en: Wait}}]}",
            "mentions:",
            "  - {expert: mina-example, original: Yes.}",
            "  - {expert: mina-example, original: Yes.}",
        ),
        [
            "a.yaml:6: tags[1]: “strategy” is already listed",
            "a.yaml:7: reading[1]: “report” is already listed",
            "a.yaml:10: sources.again: is the same page as “report”; cite that one",
            "a.yaml:13: assessments[1]: an assessment with this date is already on line 12",
            "a.yaml:16: implications[1]: this audience is already on line 15",
            "a.yaml:19: mentions[1]: this quotation is already on line 18",
        ],
    ),
    "an assessment that disagrees with the trend": (
        wrong(
            "assessments:",
            "  - {date: 2025-06, status: growing, confidence: low}",
            "  - {date: 2025-12, status: declining, confidence: high}",
        ),
        [
            "a.yaml:2: status: The latest assessment (2025-12) says “declining”. "
            "The two must match.",
            "a.yaml:3: confidence: The latest assessment (2025-12) says “high”. "
            "The two must match.",
        ],
    ),
    "an address of no video": (
        wrong(
            "mentions:",
            "  - {expert: mina-example, original: Yes., video: 'https://example.org/watch'}",
            "  - expert: mina-example",
            "    original: No.",
            "    video: {url: 'https://www.youtube.com/@somebody', platform: youtube}",
            "  - {expert: mina-example, original: Maybe., video: [youtube]}",
        ),
        [
            "a.yaml:7: mentions[0].video: “https://example.org/watch” is the address of no video "
            "platform known here. Known are YouTube, Vimeo, ニコニコ動画, TED, bilibili.",
            "a.yaml:10: mentions[1].video.platform: write either “url” or “platform” and “id”",
            "a.yaml:10: mentions[1].video.url: “https://www.youtube.com/@somebody” is on YouTube, "
            "but is not the address of a video.",
            "a.yaml:11: mentions[2].video: write a single text here, not a list or a mapping",
        ],
    ),
    "a video described in two ways": (
        wrong(
            "mentions:",
            "  - expert: mina-example",
            "    original: Yes.",
            "    video: {platform: youtube, id: abcdefghijk, title: A talk}",
            "  - expert: mina-example",
            "    original: No.",
            "    video: {platform: youtube, id: abcdefghijk}",
        ),
        [
            "a.yaml:12: mentions[1].video: a.yaml, line 9 describes this differently; "
            "the two must match"
        ],
    ),
    "the NUL character in quotes": (
        changed(MINIMAL, ("Minimal", r'"a\0b"')),
        ["a.yaml:5: title.en: remove the control character U+0000 (null)"],
    ),
    "a trend in the vocabulary": (
        "{trend: minimal, audiences: {}}",
        [
            "a.yaml:1: audiences: unknown key" + KNOWN_TREND_KEYS,
            "a.yaml:1: confidence: is missing",
            "a.yaml:1: since: is missing",
            "a.yaml:1: status: is missing",
            "a.yaml:1: title: is missing",
        ],
    ),
    "a vocabulary with mistakes": (
        """
        tags:
          Strategy: {en: strategy}
          product: product
          policy:
          cost: {fr: coût}
        audience:
          everyone: {en: Everyone}
        experts:
          nobody: {role: {en: analyst}}
          somebody: {name: {en: Somebody}, link: https://example.org, url: nowhere}
        """,
        [
            "a.yaml:2: tags.Strategy: Enter lower-case letters a–z and digits, with single "
            "hyphens between words.",
            "a.yaml:3: tags.product: write this by language, as {en: …, ja: …}",
            "a.yaml:4: tags.policy: Enter this in at least one language.",
            "a.yaml:5: tags.cost.fr: “fr” is not a language of this site; known are en, ja",
            "a.yaml:6: audience: unknown key; did you mean “audiences”?",
            "a.yaml:9: experts.nobody.name: is missing",
            "a.yaml:10: experts.somebody.link: unknown key; known are name, role, affiliation, "
            "url, formerly",
            f"a.yaml:10: experts.somebody.url: “nowhere” {NO_ADDRESS}",
        ],
    ),
}


@pytest.fixture(scope="class")
def vocabulary(rows_of_class, tmp_path_factory):
    load_texts(tmp_path_factory.mktemp("vocabulary"), vocabulary=VOCABULARY)


@pytest.mark.usefixtures("vocabulary")
class TestMistakes:
    @pytest.mark.parametrize(("text", "lines"), WRONG.values(), ids=WRONG)
    def test_a_mistake_is_refused_with_its_place_and_what_would_be_right(
        self, tmp_path, text, lines
    ):
        assert refusal(*write(tmp_path, a=text)) == lines

    @pytest.mark.parametrize(("text", "lines"), WRONG.values(), ids=WRONG)
    def test_the_same_mistakes_are_found_when_japanese_is_active(self, tmp_path, text, lines):
        with translation.override("ja"):
            found = refusal(*write(tmp_path, a=text))
        assert [line.split(": ")[0] for line in found] == [line.split(": ")[0] for line in lines]


# Files that are no YAML


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        pytest.param(b"", ["a.yaml: the file is empty"], id="nothing"),
        pytest.param(b"# soon\n", ["a.yaml: the file is empty"], id="a comment"),
        pytest.param(b"---\n", ["a.yaml: the file is empty"], id="an empty document"),
        pytest.param(
            b"trend: a\ntitle: {en: [\n",
            [
                "a.yaml:2: the “[” that opens here is not closed, or a comma is missing in it",
                "    title: {en: [",
                "                ^",
            ],
            id="a bracket left open",
        ),
        pytest.param(
            b"trend: a\n\tstatus: growing\n",
            [
                "a.yaml:2: this line is indented with a tab; use spaces",
                "     status: growing",
                "    ^",
            ],
            id="a tab for indentation",
        ),
        pytest.param(
            "trend: a\ntitle: {en: caf\u00e9}\n".encode("latin-1"),
            ["a.yaml:2: not UTF-8; save the file as UTF-8"],
            id="Latin-1",
        ),
        pytest.param(
            "trend: 変\n".encode("utf-16"),
            ["a.yaml:1: not UTF-8; save the file as UTF-8"],
            id="UTF-16",
        ),
        pytest.param(
            b"trend: a\nstatus: \0\n",
            ["a.yaml:2: remove the control character U+0000 (null)"],
            id="the NUL character",
        ),
        pytest.param(
            b"trend: a\n\n# \x1b[31m\n",
            ["a.yaml:3: remove the control character U+001B (escape)"],
            id="an escape character in a comment",
        ),
        pytest.param(
            b"tags: " + b"[" * 100_000,
            [
                "a.yaml:1: broken YAML: nested too deeply",
                "    tags: " + "[" * 66,
                "    " + " " * 25 + "^",
            ],
            id="brackets without end",
        ),
        pytest.param(
            b"".join(b" " * depth + b"a:\n" for depth in range(3000)),
            [
                "a.yaml:20: broken YAML: nested too deeply",
                "    " + " " * 19 + "a:",
                "    " + " " * 19 + "^",
            ],
            id="mappings without end",
        ),
        pytest.param(
            b"trend: *nothing\n",
            [
                "a.yaml:1: broken YAML: there is no anchor “nothing” before; a text that begins "
                "with “*” needs quotes",
                "    trend: *nothing",
                "           ^",
            ],
            id="an alias of nothing",
        ),
        pytest.param(
            b"tags: &tags [*tags]\n",
            [
                "a.yaml:1: broken YAML: there is no anchor “tags” before; a text that begins "
                "with “*” needs quotes",
                "    tags: &tags [*tags]",
                "                 ^",
            ],
            id="a list that holds itself",
        ),
        pytest.param(
            b"just a text\n",
            ["a.yaml:1: write a mapping here, “key: value”"],
            id="a text",
        ),
        pytest.param(
            b'trend: "\\ud800"\n',
            [
                "a.yaml:1: write the character itself here, not “\\ud800”",
                '    trend: "\\ud800"',
                "            ^",
            ],
            id="half a character",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content, lines):
    path = tmp_path / "a.yaml"
    path.write_bytes(content)
    assert refusal(path) == lines


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("\ufeff" + textwrap.dedent(MINIMAL).lstrip(), encoding="utf-8")
    load(path)
    assert Trend.objects.get().slug == "minimal"


def test_line_breaks_of_windows_are_read_as_any(tmp_path):
    path = tmp_path / "a.yaml"
    text = textwrap.dedent(MINIMAL) + "shift:\n  en: |\n    One\n    Two\n"
    path.write_bytes(text.replace("\n", "\r\n").encode())
    load(path)
    assert Trend.objects.get().shift_en == "One\nTwo"


# What texts mean


@pytest.mark.parametrize(
    "text",
    ["2024", "no", "12:34", "null", "~", "0x1F", "1e3", "true", "2025-12-18", "1_000", ".5", "on"],
)
def test_every_scalar_is_a_text(tmp_path, text):
    load_texts(
        tmp_path,
        vocabulary=VOCABULARY,
        a=changed(MINIMAL, ("en: Minimal", f"en: {text}"))
        + f"    mentions: [{{expert: mina-example, original: {text}}}]\n",
    )
    trend = Trend.objects.get()
    assert trend.title_en == text
    assert trend.trend_mentions.get().mention.original == text


def test_blanks_around_a_text_are_dropped(tmp_path):
    load_texts(tmp_path, a=changed(MINIMAL, ("en: Minimal", 'en: "  Minimal\\n "')))
    assert Trend.objects.get().title_en == "Minimal"


def test_null_is_no_way_to_leave_a_value_out(tmp_path):
    (line,) = refusal_of(tmp_path, wrong("published: null"))
    assert line.startswith("a.yaml:6: published: “null” is not a day")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_translation_is_faked_in_another_language(tmp_path, language):
    with translation.override(language):
        load_texts(
            tmp_path,
            vocabulary=VOCABULARY,
            english=MINIMAL,
            japanese=changed(MINIMAL, ("{en: Minimal}", "{ja: 最小}"), ("minimal", "japanese")),
        )
    english, japanese = Trend.objects.get(slug="minimal"), Trend.objects.get(slug="japanese")
    assert (english.title_en, english.title_ja) == ("Minimal", None)
    assert (japanese.title_en, japanese.title_ja) == (None, "最小")
    assert (english.languages, japanese.languages) == (["en"], ["ja"])
    assert Tag.objects.get(slug="strategy").label_ja == "戦略"


def test_anchors_and_aliases_are_read_as_what_they_stand_for(tmp_path):
    load_texts(
        tmp_path,
        a=wrong("drivers: [{heading: &heading {en: One}}, {heading: *heading}]"),
    )
    assert [row.heading_en for row in Trend.objects.get().drivers.all()] == ["One", "One"]


def test_a_merge_key_is_an_unknown_key(tmp_path):
    assert refusal_of(tmp_path, wrong("drivers:", "  - <<: {heading: {en: One}}")) == [
        "a.yaml:7: drivers[0].<<: unknown key; known are key, heading, body, sources",
        "a.yaml:7: drivers[0].heading: is missing",
    ]


def test_aliases_of_aliases_do_not_explode(tmp_path):
    bomb = ["subtitle: {en: &a0 [x]}"]
    bomb += [f"k{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    lines = refusal_of(tmp_path, wrong(*bomb))
    assert lines[0] == "a.yaml:10: broken YAML: its aliases repeat too many values"
    assert len(lines) == 3


def test_what_was_meant_is_sought_for_the_first_mistakes_only(tmp_path, monkeypatch):
    asked = []
    closest = nodes.difflib.get_close_matches
    monkeypatch.setattr(
        nodes.difflib, "get_close_matches", lambda *args, **n: asked.append(args) or closest(*args)
    )
    related = ", ".join(f"nothing-{number}" for number in range(200))
    keys = [f"driver{number}: x" for number in range(200)]
    paths = write(tmp_path, a=wrong(*keys), b=wrong(f"related: [{related}]"))
    with CaptureQueriesContext(connection) as queries:
        lines = refusal(*paths)
    assert lines[0] == "a.yaml:6: driver0: unknown key; did you mean “drivers”?"
    assert lines[-1] == "… and 351 mistakes more"
    assert len(asked) <= 2 * nodes.MOST_EXPLAINED
    assert sum("trendsite_formerslug" in query["sql"] for query in queries) < 10


def test_of_very_many_names_those_close_in_the_alphabet_are_compared(monkeypatch):
    known = [f"trend-{number:05}" for number in range(20_000)]
    compared = []
    monkeypatch.setattr(
        nodes.difflib, "get_close_matches", lambda text, names, n: compared.extend(names) or []
    )
    assert nodes.suggestion("trend-0777", known) == ""
    assert len(compared) == 1000
    assert {"trend-07769", "trend-07770"} <= set(compared)


# Several mistakes, several files


def test_every_mistake_of_a_file_is_told_at_once(tmp_path):
    text = changed(
        WHOLE,
        ("status: emerging\n    confidence: high\n    since: 2025-Q2", "since: 2025-Q7"),
        ("trend: whole", "trend: Whole"),
        ("[strategy, product]", "[strategy, products]"),
        ("title: {en: Whole, ja: 全体}", "title: {de: Ganz}"),
        ("expert: ken-example", "expert: kan-example"),
        ("audience: researchers", "audience: researcher"),
        ("kind: forecast", "kind: foretold"),
        ("url: https://example.org/survey", "url: survey"),
        ("reading: [survey, report]", "reading: [surveys]"),
    )
    assert refusal_of(tmp_path, text) == [
        "a.yaml:1: confidence: is missing",
        "a.yaml:1: status: is missing",
        "a.yaml:1: trend: Enter lower-case letters a–z and digits, with single hyphens between "
        "words.",
        f"a.yaml:2: since: “2025-Q7” is not a date. {DATES}",
        "a.yaml:4: tags[1]: “products” is unknown; did you mean “product”?",
        "a.yaml:5: title.de: “de” is not a language of this site; known are en, ja",
        "a.yaml:42: mentions[1].expert: “kan-example” is unknown; did you mean “ken-example”?",
        "a.yaml:53: implications[1].audience: “researcher” is unknown; did you mean “researchers”?",
        "a.yaml:59: timeline[0].kind: “foretold” is not known; write event, scheduled, forecast",
        f"a.yaml:100: sources.survey.url: “survey” {NO_ADDRESS}",
        "a.yaml:101: reading[0]: unknown source “surveys”; did you mean “survey”?",
    ]


def test_the_mistakes_of_all_files_are_told_at_once(tmp_path):
    paths = write(
        tmp_path,
        vocabulary=VOCABULARY,
        c=wrong("related: [zzz]"),
        a=changed(MINIMAL, ("minimal", "other"), ("growing", "flying")),
        b="trend: [",
    )
    assert refusal(*paths) == [
        "a.yaml:2: status: “flying” is not known; write emerging, growing, established, declining",
        "b.yaml:1: the “[” that opens here is not closed, or a comma is missing in it",
        "    trend: [",
        "           ^",
        "c.yaml:6: related[0]: there is no trend “zzz”; known are minimal, other",
    ]


def test_a_trend_with_a_mistake_is_known_to_those_related_to_it(tmp_path):
    paths = write(
        tmp_path,
        a=wrong("related: [broken]"),
        b=changed(MINIMAL, ("minimal", "broken"), ("growing", "flying")),
    )
    assert refusal(*paths) == [
        "b.yaml:2: status: “flying” is not known; write emerging, growing, established, declining"
    ]


def succeeded_by(slug: str, *successors: str) -> str:
    more = wrong("published: 2025-01-01", "retired: 2026-11-24", f"successors: {[*successors]}")
    return changed(more, ("trend: minimal", f"trend: {slug}"))


def test_successors_may_stand_in_files_of_the_same_run_in_any_order(tmp_path):
    paths = write(
        tmp_path,
        a=succeeded_by("first", "third", "second"),
        b=succeeded_by("second", "third"),
        c=changed(MINIMAL, ("minimal", "third")),
    )
    for order in (paths, paths[::-1]):
        Trend.objects.all().delete()
        load(*order)
        first, second, third = Trend.objects.order_by("slug")
        assert [*first.successors.order_by("slug")] == [second, third]
        assert [*third.predecessors.order_by("slug")] == [first, second]


def test_successors_that_lead_back_are_told_each_at_its_place(tmp_path):
    paths = write(
        tmp_path,
        a=succeeded_by("first", "apart", "second"),
        b=succeeded_by("second", "third"),
        c=succeeded_by("third", "first"),
        d=changed(MINIMAL, ("minimal", "apart")),
    )
    assert refusal(*paths) == [
        "a.yaml:8: successors[1]: “second” is itself replaced by this trend",
        "b.yaml:8: successors[0]: “third” is itself replaced by this trend",
        "c.yaml:8: successors[0]: “first” is itself replaced by this trend",
    ]


def test_successors_cannot_lead_back_by_way_of_what_was_loaded_before(tmp_path):
    load_texts(
        tmp_path, a=succeeded_by("first", "second"), b=changed(MINIMAL, ("minimal", "second"))
    )
    again = succeeded_by("second", "first")
    assert refusal(*write(tmp_path, b=again)) == [
        "b.yaml:8: successors[0]: “first” is itself replaced by this trend"
    ]
    # Turned round in one run, they are no circle.
    load_texts(tmp_path, a=changed(MINIMAL, ("minimal", "first")), b=again)
    assert Trend.objects.get(slug="second").successors.get().slug == "first"


def test_two_files_cannot_hold_one_trend(tmp_path):
    assert refusal(*write(tmp_path, a=MINIMAL, b=MINIMAL)) == [
        "b.yaml:1: trend: “minimal” is already in a.yaml, line 1"
    ]


def test_two_files_cannot_hold_one_word_of_the_vocabulary(tmp_path):
    again = "tags:\n  product: {en: goods}\nexperts:\n  ken-example: {name: {en: Ken}}\n"
    assert refusal(*write(tmp_path, a=VOCABULARY, b=again)) == [
        "b.yaml:2: tags.product: “product” is already in a.yaml, line 3",
        "b.yaml:4: experts.ken-example: “ken-example” is already in a.yaml, line 10",
    ]


def test_one_file_named_twice_is_no_mistake(tmp_path):
    (path,) = write(tmp_path, a=MINIMAL)
    load(path, path)
    assert Trend.objects.count() == 1


SHARED = """\
    mentions:
      - expert: mina-example
        original: Yes.
        translation: {ja: はい。}
        video: {platform: youtube, id: abcdefghijk, title: A talk}
        source: report
        tags: [product]
    sources:
      report: {url: https://example.org/report, title: A report}
"""


@pytest.mark.parametrize(
    ("change", "places"),
    [
        (("title: A report", "title: The report"), ["b.yaml:14: sources.report: a.yaml, line 14"]),
        (("title: A talk", "title: The talk"), ["b.yaml:10: mentions[0].video: a.yaml, line 10"]),
        (("{ja: はい。}", "{ja: そうです。}"), ["b.yaml:7: mentions[0]: a.yaml, line 7"]),
        (("[product]", "[strategy]"), ["b.yaml:7: mentions[0]: a.yaml, line 7"]),
        (("        source: report\n", ""), ["b.yaml:7: mentions[0]: a.yaml, line 7"]),
        (("A talk}", "A talk, start: '1:00'}"), ["b.yaml:7: mentions[0]: a.yaml, line 7"]),
    ],
    ids=["source", "video", "translation", "tags of a mention", "source of a mention", "start"],
)
def test_files_that_describe_one_thing_in_two_ways_are_told_so(tmp_path, change, places):
    paths = write(
        tmp_path,
        vocabulary=VOCABULARY,
        a=MINIMAL + SHARED,
        b=changed(MINIMAL + changed(SHARED, change), ("minimal", "other")),
    )
    assert refusal(*paths) == [
        f"{place} describes this differently; the two must match" for place in places
    ]


def test_files_that_agree_share_what_they_describe(tmp_path):
    load_texts(
        tmp_path,
        vocabulary=VOCABULARY,
        a=MINIMAL + SHARED,
        b=changed(MINIMAL, ("minimal", "other")) + SHARED,
    )
    one, other = Trend.objects.all()
    assert one.mentions.get() == other.mentions.get()
