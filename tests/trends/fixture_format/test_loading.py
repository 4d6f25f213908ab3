"""What loading a fixture does to the database: the file is the whole truth of its trend."""

import gzip
import io
import unicodedata
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone, translation
from PIL import Image

from quotes.models import Expert, Mention, Source, Video
from tests.support.days import today
from tests.support.loading import (
    MINIMAL,
    VOCABULARY,
    WHOLE,
    changed,
    load,
    load_texts,
    refusal,
    refusal_of,
    snapshot,
    write,
)
from tests.support.make import make_trend
from trends.models import (
    PARTS,
    Assessment,
    Audience,
    Driver,
    Implication,
    Reading,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trendsite.shared.models import Tag
from trendsite.shared.writes import Action, Origin, written

pytestmark = pytest.mark.django_db

OTHER = changed(MINIMAL, ("minimal", "other"))


def image(path, colour=(200, 30, 30), size=(320, 180)):
    Image.new("RGB", size, colour).save(path)
    return path


# Again and again


@pytest.mark.searched
@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("again", ["en", "ja"])
def test_loading_twice_changes_no_row(tmp_path, language, again):
    image(tmp_path / "talk.png")
    paths = write(
        tmp_path,
        vocabulary=VOCABULARY,
        whole=changed(
            WHOLE,
            ('start: "12:34"', 'start: "12:34"\n          thumbnail: talk.png'),
            (
                "published: 2025-12-20",
                "published: 2025-12-20\n    formerly: [entire]\n"
                "    retired: 2026-11-24\n    successors: [minimal]\n"
                "    retired_note: {en: Done., ja: 終了。}\n    related: [minimal]",
            ),
        ),
        minimal=MINIMAL,
    )
    with translation.override(language):
        load(*paths)
    before = snapshot()
    in_files = [Trend, *PARTS, Mention, Video, Source, Expert, Tag, Audience]
    assert all(before[model._meta.label] for model in in_files), "the file fills every table"
    with translation.override(again):
        load(*paths)
        load(*reversed(paths))
        load(paths[1])
    assert snapshot() == before


@pytest.mark.searched
def test_a_changed_text_changes_its_row_and_says_that_the_trend_was_updated(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE, minimal=MINIMAL)
    before = snapshot()
    trend = Trend.objects.get(slug="whole")
    load_texts(tmp_path, whole=changed(WHOLE, ("en: Buy it.", "en: Buy it now.")))
    after = snapshot()
    changed_tables = {label for label in before if before[label] != after[label]}
    assert changed_tables == {
        "trends.Implication",
        "trends.SearchDocument",
        "trends.Trend",
        "trends.TrendWords",
        "trendsite.Revision",
        "trendsite.TranslationState",
    }
    assert [row["id"] for row in after["trends.Implication"]] == [
        row["id"] for row in before["trends.Implication"]
    ]
    now = Trend.objects.get(slug="whole")
    assert now.version == trend.version + 1
    assert now.updated_at > trend.updated_at
    assert Implication.objects.get(lead_en="Buy").text_en == "Buy it now."


DATED = """
    assessments:
      - {date: 2024-05-02, status: growing, confidence: low}
"""


@pytest.mark.parametrize(
    ("published", "day"),
    [("2024-03-01", "2024-05-02"), ("2025-06-07", "2025-06-07"), ("2999-01-01", "2024-05-02")],
)
def test_a_new_trend_was_last_updated_when_its_content_changed(tmp_path, published, day):
    dated = f"{MINIMAL}    published: {published}{DATED}"
    load_texts(tmp_path, a=dated + "    related: [other]\n", b=OTHER)
    trend = Trend.objects.get(slug="minimal")
    assert timezone.localdate(trend.updated_at).isoformat() == day
    assert (trend.version, trend.related.count()) == (0, 1)
    load_texts(tmp_path, a=dated + "    related: [other]\n")
    again = Trend.objects.get(slug="minimal")
    assert (again.updated_at, again.version) == (trend.updated_at, 0)
    load_texts(tmp_path, a=dated)
    assert timezone.localdate(Trend.objects.get(slug="minimal").updated_at) == today()


# What a file no longer holds


def test_what_a_file_no_longer_holds_is_removed(tmp_path):
    image(tmp_path / "talk.png")
    whole = changed(WHOLE, ('start: "12:34"', 'start: "12:34"\n          thumbnail: talk.png'))
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=whole)
    load_texts(tmp_path, whole=changed(MINIMAL, ("minimal", "whole")))
    trend = Trend.objects.get()
    assert (trend.title_ja, trend.subtitle_en, trend.shift_en, trend.published) == (
        None,
        None,
        None,
        None,
    )
    for model in (
        Driver,
        Implication,
        TimelineEntry,
        Assessment,
        TrendMention,
        Reading,
        Mention,
        Video,
        Source,
    ):
        assert not model.objects.exists(), model
    assert not trend.tagged.exists()
    # The vocabulary and the experts are nobody's alone.
    assert (Tag.objects.count(), Audience.objects.count(), Expert.objects.count()) == (2, 2, 2)


@pytest.mark.django_db(transaction=True)
def test_the_image_of_a_removed_video_goes_with_it(tmp_path):
    image(tmp_path / "talk.png", (1, 2, 3))
    whole = changed(WHOLE, ('start: "12:34"', 'start: "12:34"\n          thumbnail: talk.png'))
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=whole)
    picture = Video.objects.get().picture
    assert default_storage.exists(picture.master)
    load_texts(tmp_path, whole=changed(MINIMAL, ("minimal", "whole")))
    assert not default_storage.exists(picture.master)


def test_what_another_trend_uses_stays(tmp_path):
    load_texts(
        tmp_path,
        vocabulary=VOCABULARY,
        whole=WHOLE,
        other=changed(WHOLE, ("trend: whole", "trend: other")),
    )
    shared = snapshot("quotes.Mention", "quotes.Source", "quotes.Video", "quotes.TaggedMention")
    load_texts(tmp_path, whole=changed(MINIMAL, ("minimal", "whole")))
    assert shared == snapshot(
        "quotes.Mention", "quotes.Source", "quotes.Video", "quotes.TaggedMention"
    )
    assert Trend.objects.get(slug="other").trend_mentions.count() == 2


def test_a_source_that_nothing_cites_is_not_kept(tmp_path):
    uncited = MINIMAL + "    sources: {report: {url: https://example.org/report}}\n"
    load_texts(tmp_path, a=uncited + "    reading: [report]\n")
    assert Source.objects.count() == 1
    load_texts(tmp_path, a=uncited)
    before = snapshot()
    assert not Source.objects.exists()
    load_texts(tmp_path, a=uncited)
    assert snapshot() == before


def test_a_retirement_that_a_file_no_longer_holds_is_taken_back(tmp_path):
    retired = (
        "    published: 2025-01-01\n    retired: 2026-11-24\n    successors: [other]\n"
        "    retired_note: {en: Done.}\n"
    )
    load_texts(tmp_path, a=MINIMAL + retired, b=OTHER)
    before = Trend.objects.get(slug="minimal")
    assert (str(before.retired), before.retired_note_en) == ("2026-11-24", "Done.")
    assert [trend.slug for trend in before.successors.all()] == ["other"]
    load_texts(tmp_path, a=MINIMAL + "    published: 2025-01-01\n")
    after = Trend.objects.get(slug="minimal")
    assert (after.retired, after.retired_note_en, after.successors.count()) == (None, None, 0)
    assert after.version > before.version


def test_related_trends_that_a_file_no_longer_names_are_unlinked(tmp_path):
    related = MINIMAL + "    related: [other]\n"
    load_texts(tmp_path, a=related, b=OTHER)
    before = Trend.objects.get(slug="minimal")
    assert [trend.slug for trend in before.related.all()] == ["other"]
    load_texts(tmp_path, a=MINIMAL)
    after = Trend.objects.get(slug="minimal")
    assert not after.related.exists()
    assert (after.version, after.updated_at > before.updated_at) == (before.version + 1, True)


def test_reordering_keeps_the_rows(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)

    def keys():
        return {
            "drivers": {row.heading_en: row.pk for row in Driver.objects.all()},
            "implications": {row.lead_en: row.pk for row in Implication.objects.all()},
            "timeline": {row.text_en: row.pk for row in TimelineEntry.objects.all()},
            "assessments": {str(row.date): row.pk for row in Assessment.objects.all()},
            "mentions": {row.mention.original: row.pk for row in TrendMention.objects.all()},
            "reading": {row.source.key: row.pk for row in Reading.objects.all()},
        }

    before = keys()
    first = (
        "      - heading: {en: First, ja: 第一}\n"
        "        body: {en: Because of one., ja: 一のため。}\n"
        "        sources: [survey, report]\n"
    )
    second = "      - heading: {en: Second, ja: 第二}\n"
    buy = (
        "          - lead: {en: Buy, ja: 買う}\n"
        "            text: {en: Buy it., ja: それを買う。}\n"
        "            sources: [report]\n"
    )
    wait = "          - lead: {en: Wait, ja: 待つ}\n"
    load_texts(
        tmp_path,
        whole=changed(
            WHOLE,
            (first + second, second + first),
            (buy + wait, wait + buy),
            ("reading: [survey, report]", "reading: [report, survey]"),
            ("tags: [strategy, product]", "tags: [product, strategy]"),
        ),
    )
    assert keys() == before
    trend = Trend.objects.get()
    assert [row.heading_en for row in trend.drivers.all()] == ["Second", "First"]
    assert [row.lead_en for row in trend.implications.all()] == ["Wait", "Buy", "Measure"]
    assert [row.source.key for row in trend.readings.all()] == ["report", "survey"]
    assert [row.tag.slug for row in trend.tagged.all()] == ["product", "strategy"]


def test_a_rewritten_row_is_another_row_unless_the_file_gives_its_key(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    first, second = Driver.objects.all()
    rewritten = ("heading: {en: Second, ja: 第二}", "heading: {en: New}")
    with_key = ("heading: {en: Second, ja: 第二}", "key: second\n        heading: {en: New}")

    load_texts(tmp_path, whole=changed(WHOLE, with_key))
    assert [(row.pk, row.key) for row in Driver.objects.all()] == [
        (first.pk, "first"),
        (second.pk, "second"),
    ]
    assert [row.heading_ja for row in Driver.objects.all()] == ["第一", None]

    load_texts(tmp_path, whole=changed(WHOLE, rewritten))
    assert [row.key for row in Driver.objects.all()] == ["first", "new"]
    assert not Driver.objects.filter(pk=second.pk).exists()


def test_citations_follow_the_order_of_the_file(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    through = Driver.sources.through
    assert [link.source.key for link in through.objects.order_by("pk")] == ["survey", "report"]
    load_texts(
        tmp_path,
        whole=changed(
            WHOLE,
            (
                "sources: [survey, report]\n      - heading",
                "sources: [report, survey]\n      - heading",
            ),
        ),
    )
    assert [link.source.key for link in through.objects.order_by("pk")] == ["report", "survey"]
    assert Trend.objects.get().version == 1


# What trends share


def test_one_address_is_one_source_whatever_the_files_call_it(tmp_path):
    sources = "    sources: {%s: {url: https://example.org/report}}\n    reading: [%s]\n"
    load_texts(
        tmp_path, a=MINIMAL + sources % ("report", "report"), b=OTHER + sources % ("it", "it")
    )
    assert Source.objects.get().key == "report"
    assert Reading.objects.count() == 2


def test_other_forms_of_an_address_are_the_source_that_is_there(tmp_path):
    text = "    sources: {report: {url: %s, title: %s}}\n    reading: [report]\n"
    load_texts(tmp_path, a=MINIMAL + text % ("https://example.org/report", "Report"))
    other = OTHER + text % ("http://www.example.org/report/?utm_source=x", "The report")
    notices = io.StringIO()
    call_command("loaddata", *write(tmp_path, b=other), stdout=io.StringIO(), stderr=notices)
    source = Source.objects.get()
    assert (source.url, source.title) == ("https://example.org/report", "The report")
    assert Reading.objects.count() == 2
    assert (
        "b.yaml: http://www.example.org/report/?utm_source=x is the page of "
        "https://example.org/report, a source already, which was used" in notices.getvalue()
    )


@pytest.mark.parametrize(
    "video",
    [
        "https://youtu.be/abcdefghijk?t=754",
        "{url: 'https://www.youtube.com/watch?v=abcdefghijk&t=12m34s'}",
        "{url: 'https://www.youtube.com/watch?v=abcdefghijk&t=5', start: '12:34'}",
    ],
)
def test_a_video_may_be_given_by_its_address(tmp_path, video):
    mention = "    mentions: [{expert: mina-example, original: Yes., video: %s}]\n"
    load_texts(tmp_path, vocabulary=VOCABULARY, minimal=MINIMAL + mention % video)
    mention = Mention.objects.select_related("video").get()
    assert (mention.video.platform, mention.video.video_id) == ("youtube", "abcdefghijk")
    assert mention.start == 754


def test_one_key_for_two_addresses_gives_two_sources(tmp_path):
    sources = """\
    sources:
      report: {url: https://example.org/%s}
      report-2: {url: https://example.org/%s-2}
    reading: [report, report-2]
"""
    paths = write(tmp_path, a=MINIMAL + sources % ("a", "a"), b=OTHER + sources % ("b", "b"))
    load(*paths)
    assert {source.url[-3:]: source.key for source in Source.objects.all()} == {
        "g/a": "report",
        "a-2": "report-2",
        "g/b": "report-3",
        "b-2": "report-2-2",
    }
    before = snapshot()
    load(*paths)
    assert snapshot() == before


def test_keys_of_full_length_that_are_taken_get_a_number_all_the_same(tmp_path):
    one, other = "k" * 99 + "a", "k" * 99 + "b"
    sources = f"""\
    sources:
      {one}: {{url: https://example.org/%s/one}}
      {other}: {{url: https://example.org/%s/other}}
    reading: [{one}, {other}]
"""
    load_texts(tmp_path, a=MINIMAL + sources % ("a", "a"), b=OTHER + sources % ("b", "b"))
    assert set(Source.objects.values_list("key", flat=True)) == {
        one,
        other,
        "k" * 94 + "-2",
        "k" * 94 + "-3",
    }


def test_an_image_named_for_one_of_two_mentions_of_a_video_is_told(tmp_path):
    image(tmp_path / "talk.png")
    video = "platform: youtube, id: abcdefghijk"
    text = (
        MINIMAL
        + f"""\
    mentions:
      - {{expert: mina-example, original: Yes., video: {{{video}, thumbnail: talk.png}}}}
      - {{expert: mina-example, original: No., video: {{{video}}}}}
"""
    )
    assert refusal_of(tmp_path, text) == [
        "a.yaml:8: mentions[1].video: a.yaml, line 7 describes this differently; the two must match"
    ]


def test_a_later_description_replaces_the_earlier(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    load_texts(
        tmp_path,
        whole=changed(
            WHOLE,
            ("title: A report", "title: The report"),
            ("title: A talk", "title: The talk"),
            ('          start: "12:34"\n', ""),
            ("{ja: はい、動きます。}", "{ja: 動きますよ。}"),
        ),
    )
    assert Source.objects.get(key="report").title == "The report"
    assert Video.objects.get().title == "The talk"
    mention = Mention.objects.get(original="Yes: it works.")
    assert (mention.start, mention.translation_ja) == (None, "動きますよ。")


# Order of files, and all or nothing


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_files_may_come_in_any_order(tmp_path, order):
    paths = write(
        tmp_path,
        vocabulary=VOCABULARY,
        whole=changed(WHOLE, ("trend: whole", "trend: whole\n    related: [minimal]")),
        minimal=MINIMAL + "    related: [whole]\n",
    )
    load(*(paths[number] for number in order))
    whole, minimal = Trend.objects.get(slug="whole"), Trend.objects.get(slug="minimal")
    assert [trend.slug for trend in whole.related.all()] == ["minimal"]
    assert [trend.slug for trend in minimal.related.all()] == ["whole"]
    assert whole.trend_mentions.count() == 2


def test_references_may_be_in_the_database_already(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY, minimal=MINIMAL)
    load_texts(
        tmp_path, whole=changed(WHOLE, ("trend: whole", "trend: whole\n    related: [minimal]"))
    )
    assert Trend.objects.get(slug="whole").related.get().slug == "minimal"


@pytest.mark.parametrize("order", [1, -1], ids=["the wrong file last", "the wrong file first"])
def test_a_wrong_file_leaves_the_database_as_it_was(tmp_path, order):
    load_texts(tmp_path, vocabulary=VOCABULARY, whole=WHOLE)
    paths = write(
        tmp_path,
        experts="experts: {new-example: {name: {en: New Example}}}",
        whole=changed(WHOLE, ("en: Buy it.", "en: Sell it.")),
        wrong=changed(MINIMAL, ("growing", "flying")),
    )
    # `refusal` compares all tables before and after.
    assert refusal(*paths[::order]) == [
        "wrong.yaml:2: status: “flying” is not known; "
        "write emerging, growing, established, declining"
    ]
    assert not Expert.objects.filter(slug="new-example").exists()


def test_a_file_that_waited_and_is_wrong_leaves_the_database_as_it_was(tmp_path):
    paths = write(tmp_path, a=OTHER, b=MINIMAL + "    tags: [nowhere]\n", c=VOCABULARY)
    assert refusal(*paths) == [
        "b.yaml:6: tags[0]: “nowhere” is unknown; known are product, strategy"
    ]


def test_an_error_of_one_run_does_not_reach_the_next(tmp_path):
    refusal_of(tmp_path, changed(MINIMAL, ("growing", "flying")))
    load_texts(tmp_path, a=MINIMAL)
    assert Trend.objects.get().slug == "minimal"


# Where fixtures come from


def test_several_documents_in_one_file_are_each_a_fixture(tmp_path):
    paths = write(tmp_path, whole=WHOLE, vocabulary=VOCABULARY, minimal=MINIMAL)
    stream = tmp_path / "all.yaml"
    stream.write_text("---\n".join(path.read_text() for path in paths))
    load(stream)
    assert [trend.slug for trend in Trend.objects.all()] == ["minimal", "whole"]


def test_mistakes_in_several_documents_have_the_lines_of_the_file(tmp_path):
    path = tmp_path / "all.yaml"
    one, other, again = write(
        tmp_path,
        one=MINIMAL + "    tags: [x]\n",
        two=changed(OTHER, ("growing", "flying")),
        three=OTHER,
    )
    path.write_text("---\n".join(file.read_text() for file in (one, other, again)) + "---\n[\n")
    assert refusal(path) == [
        "all.yaml:6: tags[0]: “x” is unknown",
        "all.yaml:9: status: “flying” is not known; "
        "write emerging, growing, established, declining",
        "all.yaml:14: trend: “other” is already in all.yaml, line 8",
        "all.yaml:20: the “[” that opens here is not closed, or a comma is missing in it",
        "    [",
        "    ^",
    ]


def test_standard_input_is_read(tmp_path, monkeypatch):
    (path,) = write(tmp_path, a=MINIMAL)
    monkeypatch.setattr("sys.stdin", io.StringIO(path.read_text()))
    call_command("loaddata", "-", format="yaml", verbosity=0)
    assert Trend.objects.get().slug == "minimal"


def test_mistakes_on_standard_input_are_those_of_a_dash(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("trend: [\n"))
    with pytest.raises(CommandError) as caught:
        call_command("loaddata", "-", format="yaml", verbosity=0)
    assert str(caught.value) == (
        "Nothing was loaded.\n"
        "-:1: the “[” that opens here is not closed, or a comma is missing in it\n"
        "    trend: [\n           ^"
    )


def test_a_compressed_file_is_read_even_when_it_has_to_wait(tmp_path):
    plain, vocabulary = write(tmp_path, whole=WHOLE, vocabulary=VOCABULARY)
    with gzip.open(tmp_path / "packed.yaml.gz", "wb") as packed:
        packed.write(plain.read_bytes())
    load(tmp_path / "packed.yaml.gz", vocabulary)
    assert Trend.objects.get().slug == "whole"


def test_a_linked_file_is_read_even_when_it_has_to_wait(tmp_path):
    plain, vocabulary = write(tmp_path, whole=WHOLE, vocabulary=VOCABULARY)
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "linked.yaml"
    link.symlink_to(plain)
    load(link, vocabulary)
    assert Trend.objects.get().slug == "whole"


def test_fixtures_are_found_by_name(tmp_path, settings):
    write(tmp_path, minimal=MINIMAL)
    settings.FIXTURE_DIRS = [tmp_path]
    call_command("loaddata", "minimal", verbosity=0)
    assert Trend.objects.get().slug == "minimal"


def test_django_fixtures_still_load(tmp_path):
    load_texts(
        tmp_path,
        experts="""
        - model: quotes.expert
          pk: 7
          fields: {slug: mina-example, name_en: Mina Example}
        """,
        a=MINIMAL,
    )
    assert Expert.objects.get(pk=7).name_en == "Mina Example"
    assert Trend.objects.get().slug == "minimal"


def test_a_database_dumped_as_yaml_loads_again(tmp_path):
    make_trend(drivers=1, mentions=1, timeline=1, tags=["strategy"])
    before = snapshot(without=("id",))
    path = tmp_path / "dump.yaml"
    call_command("dumpdata", "trendsite", "quotes", "trends", format="yaml", output=str(path))
    Trend.objects.all().delete()
    load(path)
    assert snapshot(without=("id",)) == before


# Images


def with_image(name: str) -> str:
    return (
        MINIMAL
        + f"""\
    mentions:
      - expert: mina-example
        original: Yes.
        video: {{platform: youtube, id: abcdefghijk, thumbnail: {name}}}
"""
    )


@pytest.mark.django_db(transaction=True)
def test_an_image_beside_the_file_becomes_the_videos_thumbnail(tmp_path):
    (tmp_path / "images").mkdir()
    image(tmp_path / "images" / "talk.png")
    load_texts(tmp_path, vocabulary=VOCABULARY, a=with_image("images/talk.png"))
    video = Video.objects.get()
    assert video.thumbnail_width == 320
    assert default_storage.exists(video.picture.master)
    load_texts(tmp_path, a=changed(with_image("x"), (", thumbnail: x", "")))
    assert Video.objects.get().picture is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("talk.png", "there is no file “talk.png” beside this one"),
        ("folder", "there is no file “folder” beside this one"),
        ("x" * 300, f"there is no file “{'x' * 300}” beside this one"),
        ("circle.png", "there is no file “circle.png” beside this one"),
        ("../talk.png", "write the name of an image beside the file, without “..”"),
        ("folder/../../talk.png", "write the name of an image beside the file, without “..”"),
        ("/etc/hostname", "write the name of an image beside the file, without “..”"),
        ("link.png", "“link.png” is a link that leads elsewhere"),
        ("linked/talk.png", "“linked/talk.png” is a link that leads elsewhere"),
    ],
    ids=[
        "missing",
        "folder",
        "long",
        "circle",
        "up",
        "up again",
        "absolute",
        "link",
        "linked folder",
    ],
)
def test_an_image_that_is_not_beside_the_file_is_refused(tmp_path, name, message):
    inside = tmp_path / "inside"
    (inside / "folder").mkdir(parents=True)
    image(tmp_path / "talk.png")
    (inside / "link.png").symlink_to(tmp_path / "talk.png")
    (inside / "linked").symlink_to(tmp_path)
    (inside / "circle.png").symlink_to(inside / "circle.png")
    assert refusal_of(inside, with_image(name)) == [
        f"a.yaml:9: mentions[0].video.thumbnail: {message}"
    ]


def test_an_image_is_found_whichever_way_its_letters_are_composed(tmp_path):
    image(tmp_path / unicodedata.normalize("NFD", "サムネイル_データ.png"))
    load_texts(tmp_path, vocabulary=VOCABULARY, a=with_image("サムネイル_データ.png"))
    assert Video.objects.get().thumbnail


def test_an_image_whose_name_differs_in_capitals_is_named(tmp_path):
    image(tmp_path / "Thumb.PNG")
    assert refusal_of(tmp_path, with_image("thumb.png")) == [
        "a.yaml:9: mentions[0].video.thumbnail: there is no file “thumb.png” beside this one; "
        "did you mean “Thumb.PNG”?"
    ]


def test_the_first_frame_of_an_animation_is_used_and_told(tmp_path):
    frames = [Image.new("RGB", (320, 180), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "talk.png", save_all=True, append_images=frames[1:])
    notices = io.StringIO()
    paths = write(tmp_path, vocabulary=VOCABULARY, a=with_image("talk.png"))
    call_command("loaddata", *paths, stdout=io.StringIO(), stderr=notices)
    assert "the thumbnail is an animation, of which the first frame is used" in notices.getvalue()
    assert Video.objects.get().thumbnail


def test_a_link_to_an_image_in_the_same_folder_is_followed(tmp_path):
    image(tmp_path / "talk.png")
    (tmp_path / "link.png").symlink_to(tmp_path / "talk.png")
    load_texts(tmp_path, vocabulary=VOCABULARY, a=with_image("link.png"))
    assert Video.objects.get().picture


def test_a_file_that_is_no_image_is_refused_in_the_words_of_the_form(tmp_path):
    (tmp_path / "talk.png").write_text("<svg/>")
    (line,) = refusal_of(tmp_path, with_image("talk.png"))
    assert line.startswith(
        "a.yaml:9: mentions[0].video.thumbnail: This is not a JPEG, PNG, WebP or AVIF image"
    )


@pytest.mark.cards
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wrong_image", [False, True], ids=["wrong trend", "wrong image"])
def test_a_refused_load_leaves_no_file(tmp_path, settings, wrong_image):
    settings.MEDIA_ROOT = tmp_path / "media"
    load_texts(tmp_path, vocabulary=VOCABULARY)
    image(tmp_path / "talk.png")
    published = ("since: 2025", "since: 2025\n    published: 2025-12-01")
    good = changed(with_image("talk.png"), published)
    bad = changed(MINIMAL, ("growing", "wrong"))
    if wrong_image:
        (tmp_path / "broken.png").write_text("<svg/>")
        bad = changed(with_image("broken.png"), ("minimal", "other"))
    assert refusal(*write(tmp_path, a=good, b=bad))
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []
    load(tmp_path / "a.yaml")
    assert {path.name for path in Path(settings.MEDIA_ROOT).iterdir()} == {"cards", "thumbnails"}


@pytest.mark.django_db(transaction=True)
def test_loading_again_brings_back_the_files_of_an_image(tmp_path):
    image(tmp_path / "talk.png")
    load_texts(tmp_path, vocabulary=VOCABULARY, a=with_image("talk.png"))
    master = Video.objects.get().picture.master
    default_storage.delete(master)
    before = snapshot()
    load(tmp_path / "a.yaml")
    assert default_storage.exists(master)
    assert snapshot() == before


# What a load records


@pytest.fixture
def writes():
    """The writes sent while a test runs."""
    sent = []

    def note(sender, write, **kwargs):
        sent.append(write)

    written.connect(note)
    yield sent
    written.disconnect(note)


def test_a_load_is_one_write_that_names_its_files_and_what_they_changed(tmp_path, writes):
    paths = write(tmp_path, vocabulary=VOCABULARY, minimal=MINIMAL)
    load(*paths)
    [first] = writes
    assert (first.provenance.origin, first.provenance.user) == (Origin.FILE, None)
    assert first.provenance.note == ", ".join(path.name for path in paths)
    added = {str(change.row) for change in first.changes if change.action == Action.ADDED}
    assert added == {
        *("strategy", "product", "Enterprises", "Researchers", "Mina Example", "見本健", "Minimal"),
    }

    load(*paths)
    assert len(writes) == 1, "an unchanged file writes nothing"

    load_texts(tmp_path, minimal=changed(MINIMAL, ("Minimal", "Less")))
    assert [(change.action, str(change.row)) for change in writes[1].changes] == [
        (Action.CHANGED, "Less")
    ]


def test_a_refused_load_is_no_write(tmp_path, writes):
    refusal(*write(tmp_path, vocabulary=VOCABULARY, a=changed(MINIMAL, ("growing", "flying"))))
    assert writes == []


def test_a_changed_expert_counts_a_change_so_that_an_open_form_is_refused(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY)
    load_texts(tmp_path, vocabulary=changed(VOCABULARY, ("Mina Example", "Mina Sample")))
    assert Expert.objects.get(slug="mina-example").version == 1
    assert Expert.objects.get(slug="ken-example").version == 0
