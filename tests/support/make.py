"""Rows for tests: what matters is said by the test, the rest is fixed and readable."""

import io
from zlib import crc32

from PIL import Image

from quotes.models import Expert, Mention, Source, Video
from tests.support.days import yesterday
from trends.models import (
    Assessment,
    Audience,
    Driver,
    Implication,
    Reading,
    TaggedTrend,
    TimelineEntry,
    Trend,
    TrendMention,
)
from trends.search.index import indexed_once
from trendsite.shared.images.uploads import clean_image
from trendsite.shared.models import Tag
from trendsite.shared.partial_dates import PartialDate


def date(text: str) -> PartialDate:
    return PartialDate.parse(text)


def make_tag(slug: str = "strategy", **texts: str) -> Tag:
    texts = texts or {"label_en": slug.replace("-", " "), "label_ja": f"タグ{slug}"}
    return Tag.objects.get_or_create(slug=slug, defaults={"name": slug, **texts})[0]


def make_audience(slug: str = "enterprises", order: int = 0, **texts) -> Audience:
    texts = texts or {
        "label_en": slug.replace("-", " ").capitalize(),
        "label_ja": f"読者{slug}",
    }
    return Audience.objects.get_or_create(slug=slug, defaults={"order": order, **texts})[0]


def make_source(key: str = "report", **values) -> Source:
    values = {
        "url": f"https://example.org/{key}",
        "title": f"Title of {key}",
        "publisher": "Example Press",
        "language": "en",
        **values,
    }
    return Source.objects.create(key=key, **values)


def make_expert(slug: str = "mina-example", **values) -> Expert:
    values = values or {
        "name_en": "Mina Example",
        "name_ja": "ミナ・エグザンプル",
        "role_en": "analyst",
        "role_ja": "アナリスト",
        "affiliation_en": "Example Institute",
        "affiliation_ja": "エグザンプル研究所",
    }
    return Expert.objects.get_or_create(slug=slug, defaults=values)[0]


def make_video(video_id: str = "abcdefghijk", **values) -> Video:
    return Video.objects.create(
        platform="youtube",
        video_id=video_id,
        **{"title": "A talk", "channel": "Example Channel", **values},
    )


def give_picture(video: Video, size: tuple[int, int] = (320, 180)) -> Video:
    """Make a picture the video's thumbnail, as an upload does.

    There are a master and, for each width up to its own, three files: a picture of three widths
    takes thirty times as long to encode as one of the narrowest.
    """
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).save(file, "PNG")
    Video._meta.get_field("thumbnail").assign(video, clean_image(file))
    video.save()
    return video


def make_mention(original: str = "It works, mostly.", **values) -> Mention:
    values = {"language": "en", "translation_ja": f"訳：{original}", **values}
    values.setdefault("expert", None)
    values["expert"] = values["expert"] or make_expert()
    return Mention.objects.create(original=original, **values)


def make_trend(
    slug: str = "example-trend",
    *,
    tags: list[str] | None = None,
    drivers: int = 0,
    implications: int = 0,
    timeline: int = 0,
    mentions: int = 0,
    assessments: int = 0,
    reading: int = 0,
    **values,
) -> Trend:
    """A published trend in both languages with so many children, each with a source."""
    values = {
        "status": "growing",
        "confidence": "medium",
        "since": date("2025-06"),
        "published": yesterday(),
        "title_en": f"Title of {slug}",
        "title_ja": f"{slug}の題",
        "subtitle_en": f"Subtitle of {slug}",
        "subtitle_ja": f"{slug}の副題",
        "shift_en": f"What shifts in {slug}.",
        "shift_ja": f"{slug}の変化。",
        **values,
    }
    with indexed_once():  # else the index follows each row, of which there may be hundreds
        trend = Trend.objects.create(slug=slug, **values)
        for order, tag in enumerate(tags or []):
            TaggedTrend.objects.create(content_object=trend, tag=make_tag(tag), order=order)

        def source(part: str, n: int) -> Source:
            return make_source(f"{slug}-{part}-{n}")

        for n in range(drivers):
            driver = Driver.objects.create(
                trend=trend,
                order=n,
                heading_en=f"Driver {n}",
                heading_ja=f"要因{n}",
                body_en=f"Why {n}.",
                body_ja=f"理由{n}。",
            )
            driver.sources.add(source("driver", n))
        for n in range(implications):
            implication = Implication.objects.create(
                trend=trend,
                audience=make_audience(["enterprises", "researchers"][n % 2], order=n % 2),
                order=n,
                lead_en=f"Lead {n}",
                lead_ja=f"要点{n}",
                text_en=f"Explanation {n}.",
                text_ja=f"説明{n}。",
            )
            implication.sources.add(source("implication", n))
        for n in range(timeline):
            TimelineEntry.objects.create(
                trend=trend,
                date=date(f"{2000 + n}"),
                text_en=f"Event {n}",
                text_ja=f"出来事{n}",
                source=source("timeline", n),
            )
        for n in range(mentions):
            mention = make_mention(
                f"Words {n} on {slug}.",
                expert=make_expert(),
                source=source("mention", n),
                video=make_video(f"{crc32(slug.encode()) % 10**8:08}{n:03}"),
            )
            mention.tags.add(make_tag("product"))
            TrendMention.objects.create(trend=trend, mention=mention, order=n, voice=n < 3)
        for n in range(assessments):
            assessment = Assessment.objects.create(
                trend=trend,
                date=date(f"{2000 + n}-05-01"),
                status=trend.status,
                confidence=trend.confidence,
                rationale_en=f"Because {n}.",
                rationale_ja=f"根拠{n}。",
            )
            assessment.sources.add(source("assessment", n))
        for n in range(reading):
            Reading.objects.create(trend=trend, source=source("reading", n), order=n)
    return trend
