"""Trends written as fixtures: what is loaded from an export gives the same export again."""

import datetime
import io
import os
import textwrap
from pathlib import Path

import pytest
import yaml
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from quotes.models import Expert, Mention, Source, Video
from tests.support.cases import cases
from tests.support.days import yesterday
from tests.support.loading import (
    MINIMAL,
    VOCABULARY,
    WHOLE,
    changed,
    export,
    export_to,
    load,
    load_texts,
    snapshot,
)
from tests.support.make import make_source, make_trend
from tests.support.texts import texts
from trends.models import Audience, Reading, Trend
from trends.search.models import SearchWord
from trendsite.shared.models import Tag
from trendsite.shared.revisions.models import Revision

pytestmark = pytest.mark.django_db


def empty_the_database() -> None:
    # The words for suggestions and the versions stay when their rows go.
    for model in (Trend, Mention, Video, Source, Expert, Tag, Audience, SearchWord, Revision):
        model.objects.all().delete()
    assert not any(snapshot().values())


def assert_comes_back(folder) -> dict[str, bytes]:
    """Export, load into an empty database, export again: the same bytes, which are returned."""
    first = export_to(folder / "first")
    empty_the_database()
    load(*sorted((folder / "first").glob("*.yaml")))
    assert export_to(folder / "second") == first
    return first


# One trend


def test_a_trend_is_written_as_a_person_would_write_it(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE, minimal=MINIMAL)
    assert export("whole") == textwrap.dedent(
        """\
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
          ja: こちらから**「あちら」**へ。
        shift_sources: [report, survey]
        drivers:
          - heading: {en: First, ja: 第一}
            body: {en: Because of one., ja: 一のため。}
            sources: [survey, report]
          - heading: {en: Second, ja: 第二}
        mentions:
          - expert: mina-example
            original: 'Yes: it works.'
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
              start: '12:34'
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
          - date: 2025-06-15
            text: {en: It began., ja: 始まった。}
            short: {en: A beginning, ja: 始まり}
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
    )


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_active_language_changes_nothing(tmp_path, language):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    expected = export()
    with translation.override(language):
        assert export() == expected


@pytest.mark.searched
def test_an_export_loads_over_itself_and_changes_no_row(tmp_path):
    make_trend(
        tags=["strategy"],
        drivers=2,
        implications=2,
        timeline=2,
        mentions=2,
        assessments=2,
        reading=2,
    )
    before = snapshot()
    export_to(tmp_path)
    load(*sorted(tmp_path.glob("*.yaml")))
    assert snapshot() == before


def test_everything_comes_back(tmp_path):
    load_texts(
        tmp_path,
        vocabulary=VOCABULARY,
        whole=changed(WHOLE, ("trend: whole", "trend: whole\n    related: [draft, scheduled]")),
        draft=changed(MINIMAL, ("minimal", "draft")),
        scheduled=changed(MINIMAL, ("minimal", "scheduled\n    published: 2999-01-01")),
        japanese=changed(MINIMAL, ("minimal", "japanese"), ("{en: Minimal}", "{ja: 最小}")),
    )
    files = assert_comes_back(tmp_path)
    assert sorted(files) == [
        "draft.yaml",
        "experts.yaml",
        "japanese.yaml",
        "scheduled.yaml",
        "vocabulary.yaml",
        "whole.yaml",
    ]
    assert b"related: [draft, scheduled]\n" in files["whole.yaml"]
    assert Trend.objects.get(slug="draft").published is None
    assert Trend.objects.get(slug="japanese").languages == ["ja"]


def test_a_retirement_comes_back_with_its_successors_in_one_order(tmp_path):
    trend = make_trend(retired=yesterday(), retired_note_en="Done.", retired_note_ja="終了。")
    trend.successors.add(make_trend("z"), make_trend("b", published=None))
    files = assert_comes_back(tmp_path)
    assert files["example-trend.yaml"].decode().split("tags:")[0].split("title:")[0] == (
        "trend: example-trend\nstatus: growing\nconfidence: medium\nsince: 2025-06\n"
        f"published: {yesterday()}\nretired: {yesterday()}\nsuccessors: [b, z]\n"
        "retired_note: {en: Done., ja: 終了。}\n"
    )


def test_how_a_title_is_read_comes_back(tmp_path):
    make_trend(title_ja="訓練", title_reading_ja="くんれん")
    written = assert_comes_back(tmp_path)["example-trend.yaml"].decode()
    assert "ja: 訓練}\ntitle_reading: {ja: くんれん}\nsubtitle:" in written


def test_texts_that_no_form_would_let_in_are_written_as_they_are_read(tmp_path):
    make_source("report", title="  A report\r\n", publisher=" ")
    trend = make_trend(title_en=" A title ", shift_en="One\r\n\r\nTwo  \r\nThree\r\n")
    Reading.objects.create(trend=trend, source=Source.objects.get())
    files = assert_comes_back(tmp_path)
    assert yaml.safe_load(files["example-trend.yaml"])["shift"]["en"] == "One\n\nTwo  \nThree\n"
    assert Source.objects.get().title == "A report"


def test_sources_videos_and_mentions_of_several_trends_come_back_as_one(tmp_path):
    load_texts(
        tmp_path,
        vocabulary=VOCABULARY,
        whole=WHOLE,
        other=changed(WHOLE, ("trend: whole", "trend: other")),
    )
    assert_comes_back(tmp_path)
    assert (Source.objects.count(), Video.objects.count(), Mention.objects.count()) == (2, 1, 2)


# Standard output


def test_several_trends_on_standard_output_are_one_stream_that_loads(tmp_path):
    load_texts(
        tmp_path, vocabulary=VOCABULARY, whole=WHOLE, minimal=MINIMAL + "    related: [whole]\n"
    )
    stream = export()
    assert stream == export("minimal") + "---\n" + export("whole")
    assert stream == export("whole", "minimal", "whole")
    Trend.objects.all().delete()
    (tmp_path / "stream.yaml").write_text(stream)
    load(tmp_path / "stream.yaml")
    assert export() == stream


def test_an_empty_database_gives_nothing(tmp_path):
    assert export() == ""
    assert export_to(tmp_path / "export") == {}


def test_unknown_trends_are_named_with_the_nearest(tmp_path):
    make_trend("open-weights")
    with pytest.raises(CommandError) as caught:
        export_to(tmp_path / "export", "open-wieghts", "open-weights", "xyz")
    assert str(caught.value) == (
        "there is no trend “open-wieghts”; did you mean “open-weights”?\n"
        "there is no trend “xyz”; known are open-weights"
    )
    assert not (tmp_path / "export").exists()


# Folders


def test_named_trends_alone_are_written_without_the_vocabulary(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE, minimal=MINIMAL)
    out = io.StringIO()
    call_command("export_trends", "whole", output=tmp_path / "new" / "folder", stdout=out)
    assert [path.name for path in (tmp_path / "new" / "folder").iterdir()] == ["whole.yaml"]
    assert (tmp_path / "new" / "folder" / "whole.yaml").read_text() == export("whole")
    assert out.getvalue() == f"Wrote 1 trend to {tmp_path / 'new' / 'folder'}.\n"


def test_the_vocabulary_and_the_experts_are_written_beside_the_trends(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY)
    files = export_to(tmp_path / "export")
    assert files["vocabulary.yaml"].decode() == textwrap.dedent(
        """\
        tags:
          product: {en: product, ja: 製品}
          strategy: {en: strategy, ja: 戦略}
        audiences:
          enterprises: {en: Enterprises, ja: 一般企業}
          researchers: {en: Researchers, ja: 研究者}
        """
    )
    assert files["experts.yaml"].decode() == textwrap.dedent(
        """\
        experts:
          ken-example:
            name: {ja: 見本健}
          mina-example:
            name: {en: Mina Example}
        """
    )


def test_audiences_keep_the_order_in_which_pages_show_them(tmp_path):
    load_texts(tmp_path, a="audiences: {z: {en: Last letter}, a: {en: First letter}}")
    assert_comes_back(tmp_path)
    assert [audience.slug for audience in Audience.objects.all()] == ["z", "a"]


def test_a_trend_called_experts_does_not_take_the_experts_place(tmp_path):
    load_texts(tmp_path, v=VOCABULARY, a=changed(MINIMAL, ("minimal", "experts")))
    files = assert_comes_back(tmp_path)
    assert sorted(files) == ["experts.trend.yaml", "experts.yaml", "vocabulary.yaml"]
    assert Trend.objects.get().slug == "experts"


def test_slugs_and_keys_that_look_like_something_else_come_back(tmp_path):
    trend = make_trend("no", tags=["2024", "null"])
    Reading.objects.create(trend=trend, source=make_source("1e3"))
    files = assert_comes_back(tmp_path)
    assert files["no.yaml"].startswith(b"trend: 'no'\n")
    assert [link.tag.slug for link in Trend.objects.get(slug="no").tagged.all()] == ["2024", "null"]


def test_a_file_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    make_trend("minimal")
    export_to(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    Trend.objects.update(status="declining")

    def fails(source, target):
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(CommandError) as caught:
        export_to(tmp_path)
    assert str(caught.value) == f"{tmp_path / 'minimal.yaml'}: No space left on device"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_is_a_file_is_named(tmp_path):
    make_trend()
    (tmp_path / "file").touch()
    with pytest.raises(CommandError) as caught:
        export_to(tmp_path / "file")
    assert str(caught.value) == f"{tmp_path / 'file'}: File exists"


@pytest.mark.parametrize("children", [1, 8])
def test_an_export_takes_the_same_queries_whatever_a_trend_holds(
    django_assert_num_queries, children
):
    make_trend(
        tags=["strategy"],
        drivers=children,
        implications=children,
        timeline=children,
        mentions=children,
        assessments=children,
        reading=children,
    )
    # Trends, tags, drivers, mentions, their tags, implications, timeline, assessments, falsifiers;
    # who cites what, the cited sources; former slugs, successors, related trends.
    with django_assert_num_queries(14):
        export()


def test_trends_that_are_exported_together_take_the_queries_of_one(django_assert_num_queries):
    for slug in "abc":
        make_trend(slug, drivers=2, mentions=1)
    with django_assert_num_queries(14):
        export()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_how_far_an_export_is(tmp_path):
    for slug in "ab":
        make_trend(slug)
    terminal = Terminal()
    call_command("export_trends", output=tmp_path, stderr=terminal, verbosity=0)
    assert "2/2" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


# Images


def with_image(folder, size=(320, 200)) -> str:
    Image.effect_noise(size, 60).convert("RGB").save(folder / "talk.jpg")
    return changed(WHOLE, ('start: "12:34"', 'start: "12:34"\n          thumbnail: talk.jpg'))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", [(160, 90), (700, 500)])
def test_an_image_comes_back_with_the_same_pixels(tmp_path, size):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=with_image(tmp_path, size))
    before = Video.objects.get()
    files = assert_comes_back(tmp_path)
    after = Video.objects.get()
    assert (after.thumbnail.name, after.thumbnail_width) == (
        before.thumbnail.name,
        before.thumbnail_width,
    )
    assert b"thumbnail: youtube-abcdefghijk.webp\n" in files["whole.yaml"]
    with default_storage.open(after.thumbnail.name) as master:
        assert files["youtube-abcdefghijk.webp"] == master.read()


def test_an_image_is_named_on_standard_output_and_the_editor_told(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=with_image(tmp_path))
    out, err = io.StringIO(), io.StringIO()
    call_command("export_trends", "whole", stdout=out, stderr=err)
    assert "      thumbnail: youtube-abcdefghijk.webp\n" in out.getvalue()
    assert err.getvalue() == (
        "1 image is named here and not written; --output DIR writes it too.\n"
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("problem", ["missing", "damaged"])
@pytest.mark.parametrize("slugs", [[], ["whole"]], ids=["all", "one"])
def test_nothing_is_exported_without_the_images(tmp_path, problem, slugs):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=with_image(tmp_path), minimal=MINIMAL)
    name = Video.objects.get().thumbnail.name
    path = Path(default_storage.path(name))
    content = path.read_bytes()
    path.unlink()
    if problem == "damaged":
        path.write_bytes(content[:-1000])
    with pytest.raises(CommandError) as caught:
        export_to(tmp_path / "export", *slugs)
    assert str(caught.value) == (
        f"Nothing was exported.\n“A talk”: its picture {name} is {problem}; upload it again"
    )
    assert not list((tmp_path / "export").glob("*"))
    export_to(tmp_path / "export", "minimal")
    assert [path.name for path in (tmp_path / "export").iterdir()] == ["minimal.yaml"]


# Whatever a trend says


DATES = st.one_of(
    st.integers(1, 9999).map("{:04}".format),
    st.builds("{:04}-Q{}".format, st.integers(1, 9999), st.integers(1, 4)),
    st.builds("{:04}-{:02}".format, st.integers(1, 9999), st.integers(1, 12)),
    st.dates().map(str),
)
EXPERTS = ["mina-example", "ken-example"]
AUDIENCES = ["enterprises", "researchers"]
TAGS = ["strategy", "product"]


def in_languages(values: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({}, optional={"en": values, "ja": values}).filter(bool)


def rows(required: dict, optional: dict) -> st.SearchStrategy[dict]:
    return st.fixed_dictionaries(required, optional=optional)


@st.composite
def documents(draw, slug: str, others: list[str]) -> dict:
    """A trend's document as an export orders it."""
    sources = {
        f"{slug}-{number}": {"url": f"https://example.org/{slug}/{number}", **more}
        for number, more in enumerate(
            draw(
                st.lists(
                    rows(
                        {},
                        {
                            "title": texts(60, one_line=True),
                            "publisher": texts(60, one_line=True),
                            "origin": texts(60, one_line=True),
                            "date": DATES,
                            "language": st.sampled_from(["en", "ja", "no", "zh-Hant"]),
                        },
                    ),
                    min_size=1,
                    max_size=3,
                )
            )
        )
    }
    key = st.sampled_from(list(sources))
    keys = st.lists(key, unique=True, min_size=1)
    short, long = in_languages(texts(60, one_line=True)), in_languages(texts(6000))
    assessments = draw(
        st.lists(
            rows(
                {
                    "date": st.integers(1900, 2020).map(str),
                    "status": st.sampled_from(["emerging", "declining"]),
                    "confidence": st.sampled_from(["low", "high"]),
                },
                {
                    "reconstructed": st.just("true"),
                    "reason": short,
                    "rationale": long,
                    "sources": keys,
                },
            ),
            max_size=2,
            unique_by=lambda row: row["date"],
        )
    )
    assessments.sort(key=lambda row: row["date"])
    judgement = assessments[-1] if assessments else {"status": "growing", "confidence": "medium"}
    mentions = draw(
        st.lists(
            rows(
                {
                    "expert": st.sampled_from(EXPERTS),
                    "original": texts(600),
                    "language": st.sampled_from(["de", "no"]),
                },
                {
                    "verified": st.sampled_from(["wording", "gist", "presumed"]),
                    "translation": long,
                    "occasion": short,
                    "voice": st.just("true"),
                    "source": key,
                    "tags": st.lists(st.sampled_from(TAGS), unique=True, min_size=1),
                    "video": rows(
                        {"platform": st.just("youtube")},
                        {
                            "title": texts(60, one_line=True),
                            "channel": texts(60, one_line=True),
                            "date": DATES,
                        },
                    ),
                },
            ),
            max_size=2,
        )
    )
    for number, mention in enumerate(mentions):
        mention["original"] = f"{slug} {number} {mention['original']}"
        if "video" in mention:
            mention["video"]["id"] = f"{slug[-3:]}{number:08}"
    timeline = draw(
        st.lists(
            rows(
                {"date": st.integers(1000, 9999).map(str), "text": long},
                {
                    "short": short,
                    "note": long,
                    "source": key,
                },
            )
            | rows(
                {
                    "date": st.integers(1000, 2020).map(str),
                    "text": long,
                    "kind": st.just("forecast"),
                    "outcome": st.sampled_from(["pending", "missed"]),
                },
                {
                    "note": long,
                    "source": key,
                    "made_by": st.just("editors"),
                    "made": st.integers(1, 999).map("{:04}".format),
                    "criterion": long,
                    "probability": st.integers(0, 100).map(str),
                },
            ),
            max_size=2,
        )
    )
    document = {
        "trend": slug,
        "status": judgement["status"],
        "confidence": judgement["confidence"],
        "since": draw(DATES),
        "title": draw(short),
        **draw(
            rows(
                {},
                {
                    "published": st.dates().map(str),
                    "title_reading": st.just({"ja": "くんれん"}),
                    "tags": st.lists(st.sampled_from(TAGS), unique=True, min_size=1),
                    "related": st.sets(st.sampled_from(others), min_size=1).map(sorted),
                    "subtitle": short,
                    "key_points": in_languages(
                        st.lists(
                            st.text("ab 変わる。", min_size=1, max_size=60)
                            .map(str.strip)
                            .filter(bool),
                            min_size=1,
                            max_size=4,
                        ).map("\n".join)
                    ),
                    "confidence_of": short,
                    "shift": long,
                    "shift_sources": keys,
                    "drivers": st.lists(
                        rows({"heading": short}, {"body": long, "sources": keys}),
                        min_size=1,
                        max_size=3,
                    ),
                    "implications": st.lists(
                        st.sampled_from(AUDIENCES), unique=True, min_size=1
                    ).flatmap(
                        lambda audiences: st.tuples(
                            *(
                                rows(
                                    {
                                        "audience": st.just(audience),
                                        "points": st.lists(
                                            rows({"lead": short}, {"text": long, "sources": keys}),
                                            min_size=1,
                                            max_size=2,
                                        ),
                                    },
                                    {},
                                )
                                for audience in sorted(audiences)
                            )
                        ).map(list)
                    ),
                },
            )
        ),
        "mentions": mentions,
        "timeline": sorted(timeline, key=lambda row: row["date"]),
        "assessments": assessments,
        "sources": sources,
        "reading": list(sources),
    }
    if "published" in document and draw(st.booleans()):
        published = datetime.date.fromisoformat(document["published"])
        document["retired"] = str(draw(st.dates(published)))
        following = {"successors": st.just(others)} if slug < others[0] else {}
        document |= draw(rows({}, {"retired_note": long, **following}))
    return {name: value for name, value in document.items() if value}


def stripped(value):
    if isinstance(value, dict):
        return {key: stripped(member) for key, member in value.items()}
    if isinstance(value, list):
        return [stripped(member) for member in value]
    return value.strip()


# Each example empties the database itself.
@settings(
    max_examples=cases(3),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pair=st.tuples(documents("one", ["two"]), documents("two", ["one"])))
def test_whatever_a_trend_says_comes_back(tmp_path_factory, pair):
    folder = tmp_path_factory.mktemp("round")
    load_texts(folder, vocabulary=VOCABULARY)
    Trend.objects.all().delete()
    Mention.objects.all().delete()
    Video.objects.all().delete()
    Source.objects.all().delete()
    for document in pair:
        # By another writer than ours.
        text = yaml.safe_dump(document, allow_unicode=False)
        (folder / f"{document['trend']}.yaml").write_text(text)
    load(*sorted(folder.glob("*.yaml")))
    files = assert_comes_back(folder)
    for document in pair:
        written = files[f"{document['trend']}.yaml"].decode()
        assert stripped(yaml.load(written, Loader=yaml.CBaseLoader)) == document
