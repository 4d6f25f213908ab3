"""Experts, their words, and the videos and documents that hold them."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import translation

from quotes.models import Expert, Mention, Source, TaggedMention, Video
from tests.support.make import make_expert, make_mention, make_source, make_tag, make_video
from trendsite.shared.text_models import LONGEST_TEXT

pytestmark = pytest.mark.django_db


def refuses(constraint: str):
    return pytest.raises(IntegrityError, match=constraint)


# What the database refuses, whoever writes it


@pytest.mark.parametrize(
    ("model", "values", "constraint"),
    [
        (Source, {"key": "A b"}, "CHECK|quotes_source_key"),
        (Expert, {"slug": "Mina"}, "CHECK|quotes_expert_slug"),
        (Expert, {"name_en": None, "name_ja": None}, "quotes_expert_has_name"),
        (Expert, {"role_en": ""}, "quotes_expert_no_blank_text"),
        (Video, {"platform": "tv"}, "quotes_video_platform"),
        (Video, {"thumbnail": "thumbnails/x.webp"}, "quotes_video_thumbnail_width"),
        (Video, {"thumbnail_width": 320}, "quotes_video_thumbnail_width"),
        (Mention, {"original": ""}, "quotes_mention_has_original"),
        (Mention, {"start": 12, "video": None}, "quotes_mention_start_needs_video"),
        (Mention, {"start": -1}, "CHECK|quotes_mention_start"),
        (Mention, {"translation_ja": ""}, "quotes_mention_no_blank_text"),
        (Mention, {"occasion_en": ""}, "quotes_mention_no_blank_text"),
    ],
)
def test_the_database_refuses_what_breaks_a_rule(model, values, constraint):
    make_mention(video=make_video(), source=make_source())
    with refuses(constraint), transaction.atomic():
        model.objects.update(**values)


@pytest.mark.parametrize(
    "make_twice",
    [
        lambda: [make_source("one"), make_source("one", url="https://example.org/two")],
        lambda: [
            make_source("one", url="https://example.org"),
            make_source("two", url="https://example.org"),
        ],
        lambda: [make_video(), make_video()],
        lambda: [make_mention(), make_mention()],
        lambda: [
            Expert.objects.create(slug="one", name_en="One"),
            Expert.objects.create(slug="one", name_en="Two"),
        ],
        lambda: TaggedMention.objects.bulk_create(
            TaggedMention(content_object=Mention.objects.first() or make_mention(), tag=make_tag())
            for _ in range(2)
        ),
    ],
    ids=["source key", "source address", "video", "mention", "expert", "tag on a mention"],
)
def test_what_is_there_once_is_not_written_twice(make_twice):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_twice()


def test_the_same_words_of_another_expert_are_another_mention():
    make_mention("Yes.")
    make_mention("Yes.", expert=make_expert("ken-example", name_en="Ken Example"))
    make_mention("yes.")
    assert Mention.objects.count() == 3


def test_words_of_any_length_are_kept_once():
    make_mention("long " * (LONGEST_TEXT // 10))
    with refuses("words_digest"), transaction.atomic():
        make_mention("long " * (LONGEST_TEXT // 10))


@pytest.mark.parametrize(
    "again",
    ["It’s a “data” café.", 'It\'s a\u00a0"data" cafe\u0301.', 'It\'s a "da\u200bta" café. \n'],
    ids=["typographic marks", "decomposed", "invisible"],
)
def test_words_that_read_the_same_are_the_same_words(again):
    make_mention('It\'s a "data" café.')
    with refuses("words_digest"), transaction.atomic():
        make_mention(again)
    with refuses("words_digest"), transaction.atomic():
        Mention.objects.bulk_create([Mention(expert=make_expert(), original=again)])


@pytest.mark.parametrize("used", ["expert", "video", "source"])
def test_what_a_mention_needs_is_not_deleted(used):
    mention = make_mention(video=make_video(), source=make_source())
    with pytest.raises(ProtectedError):
        getattr(mention, used).delete()


# What a person is told


@pytest.mark.parametrize(
    ("row", "errors"),
    [
        (
            lambda: Source(key="a", url="javascript:alert(1)"),
            {
                "url": [
                    "“javascript:alert(1)” is not the address of a page. Enter it whole, from "
                    "https:// or http:// to its end, without spaces."
                ]
            },
        ),
        (
            lambda: Source(key="a", url="https://example.org", language="English"),
            {"language": ["“English” is not a language code; did you mean “en”?"]},
        ),
        (
            lambda: Expert(slug="a"),
            {"name_en": ["Enter this in at least one language."]},
        ),
        (
            lambda: Video(platform="youtube", video_id="short"),
            {"video_id": ["“short” is not the id of a video on YouTube."]},
        ),
        (
            lambda: Video(platform="vimeo", video_id="abcdefghijk"),
            {"video_id": ["“abcdefghijk” is not the id of a video on Vimeo."]},
        ),
        (
            lambda: Mention(expert=make_expert(), original="Yes.", start=12),
            {"start": ["To set a start time, choose a video."]},
        ),
        (
            lambda: Mention(
                expert=make_expert(), original="はい。", language="ja", translation_ja="はい"
            ),
            {"translation_ja": ["The original is in this language; leave its translation empty."]},
        ),
        (
            lambda: Mention(expert=make_mention("Yes.").expert, original="Yes."),
            {"__all__": ["This quotation has already been added."]},
        ),
        (
            lambda: Video(platform="youtube", video_id=make_video().video_id),
            {"__all__": ["This video has already been added."]},
        ),
    ],
    ids=[
        "address",
        "language",
        "name",
        "youtube id",
        "vimeo id",
        "start without a video",
        "translation into the original's language",
        "words again",
        "video again",
    ],
)
def test_a_person_is_told_which_rule_is_broken(row, errors):
    with pytest.raises(ValidationError) as caught:
        row().full_clean()
    assert caught.value.message_dict == errors


# What readers meet


@pytest.mark.parametrize(
    ("platform", "video_id", "url", "at_second"),
    [
        (
            "youtube",
            "2P27Ef-LLuQ",
            "https://www.youtube.com/watch?v=2P27Ef-LLuQ",
            "https://www.youtube.com/watch?v=2P27Ef-LLuQ&t=754s",
        ),
        ("vimeo", "76979871", "https://vimeo.com/76979871", "https://vimeo.com/76979871#t=754s"),
        (
            "niconico",
            "sm9",
            "https://www.nicovideo.jp/watch/sm9",
            "https://www.nicovideo.jp/watch/sm9?from=754",
        ),
    ],
)
def test_a_video_is_linked_at_its_second(platform, video_id, url, at_second):
    video = Video(platform=platform, video_id=video_id)
    video.full_clean()
    assert (video.url_at(), video.url_at(754)) == (url, at_second)
    assert video.url_at(0) != url


def test_a_mention_links_to_where_its_words_can_be_checked():
    video, source = make_video(), make_source()
    assert make_mention("One", video=video, source=source, start=754).link == video.url_at(754)
    assert make_mention("Two", source=source).link == source.url
    assert make_mention("Three").link == ""


def test_a_mention_shows_its_start_as_players_do():
    assert Mention(start=754).start_display == "12:34"
    assert Mention(start=0).start_display == "0:00"
    assert Mention().start_display == ""


def test_rows_name_themselves_in_the_readers_language():
    expert = make_expert()
    mention = make_mention("x" * 61)
    assert str(expert) == "Mina Example"
    assert str(mention) == f"Mina Example: {'x' * 59}…"
    with translation.override("ja"):
        assert str(expert) == "ミナ・エグザンプル"
    assert str(make_source(title="")) == "https://example.org/report"
    assert str(Video(platform="youtube", video_id="x")) == "YouTube x"


def test_a_source_without_a_publisher_has_its_host():
    assert Source(url="https://www.example.org/a").host == "example.org"


@pytest.mark.parametrize("count", [1, 8])
def test_cards_take_the_same_queries_whatever_their_number(django_assert_num_queries, count):
    for number in range(count):
        mention = make_mention(
            f"Words {number}",
            expert=make_expert(f"expert-{number % 3}", name_en=f"Expert {number % 3}"),
            video=make_video(f"{number:011}"),
            source=make_source(f"source-{number}"),
        )
        mention.tags.add(make_tag("product"))
    with django_assert_num_queries(2):  # mentions with what they point at, and their tags
        for mention in Mention.objects.for_cards():
            assert [tagged.tag.slug for tagged in mention.tagged.all()] == ["product"]
            assert mention.link
            assert mention.picture is None
            assert mention.expert.portrait
            assert mention.source.title
            assert str(mention)
