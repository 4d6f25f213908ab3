"""Evidence and vocabulary in the admin."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from quotes.models import Expert, Mention, Source, Video
from tests.support.editing import errors, form_data, make_editor, make_staff, send
from tests.support.make import (
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from tests.support.reading import read, words
from trends.editing.publishing.publication import begin
from trends.models import TrendMention
from trendsite.shared.models import Tag

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


def add(client, model, **values):
    url = f"/admin/{model}/add/"
    return send(client, url, form_data(client, url), **values)


def edit(client, model, row, **values):
    url = f"/admin/{model}/{row.pk}/change/"
    return send(client, url, form_data(client, url), **values)


def picture(width=640, height=360, image_format="PNG") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(buffer, image_format)
    return SimpleUploadedFile("picture.bin", buffer.getvalue())


# Sources


def test_source_without_a_key_gets_one_of_publisher_year_and_title(client):
    response = add(
        client,
        "quotes/source",
        url="https://example.org/a",
        publisher="Example Press",
        date="2025 Q3",
        title="The long and winding report on infrastructure",
    )
    assert response.status_code == 302, errors(response)
    assert Source.objects.get().key == "example-press-2025-the-long-and-winding"


def test_source_in_japanese_gets_a_key_of_its_host(client):
    add(
        client,
        "quotes/source",
        url="https://www.example.co.jp/記事",
        publisher="日経",
        title="記事",
    )
    assert Source.objects.get().key == "example-co-jp"


def test_two_sources_alike_get_two_keys(client):
    for n in (1, 2, 3):
        add(client, "quotes/source", url=f"https://example.org/{n}", publisher="Press")
    assert sorted(source.key for source in Source.objects.all()) == ["press", "press-2", "press-3"]


def test_key_that_an_editor_writes_is_kept(client):
    add(client, "quotes/source", url="https://example.org/a", key="my-key")
    assert Source.objects.get().key == "my-key"


def test_same_address_twice_is_refused(client):
    make_source("one", url="https://example.org/a")
    response = add(client, "quotes/source", url="https://example.org/a")
    assert list(errors(response)) == ["url"]


def test_address_that_no_browser_opens_is_refused(client):
    response = add(client, "quotes/source", url="javascript:alert(1)")
    assert list(errors(response)) == ["url"]


# Videos


def test_thumbnail_is_uploaded_and_shown(client):
    response = add(
        client, "quotes/video", platform="youtube", video_id="abcdefghijk", thumbnail=picture()
    )
    assert response.status_code == 302, errors(response)
    video = Video.objects.get()
    assert video.thumbnail_width == 640
    page = client.get(f"/admin/quotes/video/{video.pk}/change/").content.decode()
    assert video.picture.fallback in page
    assert video.picture.fallback in client.get("/admin/quotes/video/").content.decode()


@pytest.mark.parametrize(
    ("upload", "message"),
    [
        (SimpleUploadedFile("p.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "not a JPEG"),
        (SimpleUploadedFile("p.jpg", b"\xff\xd8\xff" + b"\0" * 99), "cannot be read"),
        (picture(60, 40), "too small"),
    ],
    ids=["svg", "damaged", "small"],
)
def test_bad_image_is_told_beside_the_field(client, upload, message):
    response = add(
        client, "quotes/video", platform="youtube", video_id="abcdefghijk", thumbnail=upload
    )
    found = errors(response)
    assert list(found) == ["thumbnail"]
    assert message in found["thumbnail"][0]
    assert not Video.objects.exists()


def test_thumbnail_is_kept_until_it_is_cleared(client):
    add(client, "quotes/video", platform="youtube", video_id="abcdefghijk", thumbnail=picture())
    video = Video.objects.get()
    edit(client, "quotes/video", video, title="A title")
    video.refresh_from_db()
    assert (video.title, video.thumbnail_width) == ("A title", 640)
    edit(client, "quotes/video", video, **{"thumbnail-clear": "on"})
    video.refresh_from_db()
    assert video.picture is None


@pytest.mark.parametrize(
    ("kind", "make", "field"),
    [
        ("video", make_video, "video_id"),
        ("expert", make_expert, "slug"),
        ("source", make_source, "key"),
    ],
)
@pytest.mark.parametrize("value", ["", "\u200b", "\u202e"])
def test_part_of_an_address_that_is_emptied_is_told_and_the_rest_comes_back(
    client, kind, make, field, value
):
    url = f"/admin/quotes/{kind}/{make().pk}/change/"
    response = send(client, url, form_data(client, url), **{field: value, "url": "no address"})
    assert response.status_code == 200
    assert errors(response)


def test_wrong_id_of_a_video_is_told_beside_it(client):
    response = add(client, "quotes/video", platform="youtube", video_id="short")
    assert list(errors(response)) == ["video_id"]


# Mentions


def mention_values(**values):
    return {"expert": make_expert().pk, "original": "Words.", "language": "en", **values}


@pytest.mark.parametrize(("written", "seconds"), [("12:34", 754), ("1:02:03", 3723), ("90", 90)])
def test_start_is_typed_as_players_show_it(client, written, seconds):
    add(client, "quotes/mention", **mention_values(video=make_video().pk, start=written))
    mention = Mention.objects.get()
    assert mention.start == seconds
    page = client.get(f"/admin/quotes/mention/{mention.pk}/change/")
    assert page.context["adminform"].form["start"].value() == mention.start_display


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"start": "12:34"}, "start"),
        ({"start": "later"}, "start"),
        ({"translation_en": "The same again."}, "translation_en"),
        ({"language": "English!"}, "language"),
        ({"original": ""}, "original"),
        ({"expert": ""}, "expert"),
    ],
    ids=str,
)
def test_mistake_in_a_mention_is_told_beside_its_field(client, values, field):
    response = add(client, "quotes/mention", **mention_values(**values))
    assert list(errors(response)) == [field]


def test_same_words_of_an_expert_twice_are_refused(client):
    make_mention("Words.", expert=make_expert())
    response = add(client, "quotes/mention", **mention_values())
    assert errors(response) == {"": ["This quotation has already been added."]}


def test_mentions_are_found_by_speaker_and_words_in_any_language(client):
    make_mention("It works.", expert=make_expert("sam", name_en="Sam", name_ja="サム"))
    url = "/admin/autocomplete/?app_label=trends&model_name=trendmention&field_name=mention&term="
    for term in ("サム", "works", "訳"):
        found = client.get(url + term).json()["results"]
        assert [result["text"] for result in found] == ["Sam: It works."]


# Vocabulary


def test_name_of_a_tag_is_its_key(client):
    add(client, "trendsite/tag", slug="open-source", label_ja="オープンソース")
    tag = Tag.objects.get()
    assert (tag.name, tag.label_en, tag.label_ja) == ("open-source", None, "オープンソース")


def test_key_of_a_tag_can_be_mended_though_it_is_used(client):
    tag = make_tag("opensource")
    edit(client, "trendsite/tag", tag, slug="open-source")
    tag.refresh_from_db()
    assert (tag.slug, tag.name) == ("open-source", "open-source")
    make_trend(tags=["open-source"])
    edit(client, "trendsite/tag", tag, slug="other", label_en="free software")
    tag.refresh_from_db()
    assert (tag.slug, tag.name, tag.label_en) == ("other", "other", "free software")
    assert tag.former_names() == ["opensource", "open-source"]


def test_expert_may_be_in_japanese_alone(client):
    add(client, "quotes/expert", slug="sato", name_ja="佐藤")
    expert = Expert.objects.get()
    assert (expert.name_en, expert.name_ja) == (None, "佐藤")


# What is used stays


def uses():
    """Of each kind, a row that is used, and what uses it in an editor's words."""
    trend = make_trend(
        tags=["strategy"],
        drivers=1,
        implications=1,
        timeline=1,
        mentions=1,
        assessments=1,
        reading=1,
    )
    mention = trend.mentions.get()
    link = f'<a href="/admin/trends/trend/{trend.pk}/change/">Title of example-trend</a>'
    quoted = f'<a href="/admin/quotes/mention/{mention.pk}/change/">{mention}</a>'
    return {
        "tag": ("trendsite/tag", trend.tagged.get().tag, f"Trend: {link} (tag)"),
        "audience": (
            "trends/audience",
            trend.implications.get().audience,
            f"Trend: {link} (implication)",
        ),
        "cited": (
            "quotes/source",
            trend.drivers.get().sources.get(),
            f"Trend: {link} (key driver)",
        ),
        "read": ("quotes/source", trend.reading.get(), f"Trend: {link} (related reading)"),
        "said": ("quotes/source", mention.source, f"Mention: {quoted} (source)"),
        "expert": ("quotes/expert", mention.expert, f"Mention: {quoted} (expert)"),
        "video": ("quotes/video", mention.video, f"Mention: {quoted} (video)"),
        "mention": ("quotes/mention", mention, f"Trend: {link} (mention)"),
    }


@pytest.mark.parametrize(
    "kind", ["tag", "audience", "cited", "read", "said", "expert", "video", "mention"]
)
def test_deleting_what_is_used_says_by_what_and_deletes_nothing(client, kind):
    model, row, use = uses()[kind]
    url = f"/admin/{model}/{row.pk}/delete/"
    assert use in client.get(url).content.decode()
    client.post(url, {"post": "yes"})
    assert type(row).objects.filter(pk=row.pk).exists()
    action = {"action": "delete_selected", "_selected_action": [row.pk]}
    assert use in client.post(f"/admin/{model}/", action).content.decode()
    client.post(f"/admin/{model}/", {**action, "post": "yes"})
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("kind", ["trendsite.tag", "quotes.mention"])
def test_what_uses_a_row_is_named_once(client, kind):
    trend = make_trend(tags=["strategy"], mentions=1)
    row = make_tag("strategy") if kind == "trendsite.tag" else trend.mentions.get()
    page = client.get(f"/admin/{kind.replace('.', '/')}/{row.pk}/delete/").content.decode()
    assert page.count(f'href="/admin/trends/trend/{trend.pk}/change/"') == 1


def test_what_is_not_used_can_be_deleted(client):
    source = make_source()
    client.post(f"/admin/quotes/source/{source.pk}/delete/", {"post": "yes"})
    assert not Source.objects.exists()


def test_very_many_uses_are_counted(client):
    source = make_source()
    for n in range(60):
        make_mention(f"Words {n}", source=source)
    page = client.get(f"/admin/quotes/source/{source.pk}/delete/").content.decode()
    assert page.count("(source)") == 50
    assert "… and 10 more." in page


def test_editor_chooses_the_part_of_a_thumbnail_that_is_kept(
    client, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for video_id, crop in (("aaaaaaaaaaa", ""), ("bbbbbbbbbbb", "top")):
            address = f"youtu.be/{video_id}"
            thumbnail = picture(640, 480)
            add(client, "quotes/video", video_id=address, thumbnail=thumbnail, crop=crop)
    middle, top = Video.objects.order_by("video_id")
    # The gradient gets lighter from above.
    assert top.picture.read_master().image.getpixel((0, 0)) == (0, 0, 0)
    assert middle.picture.read_master().image.getpixel((0, 0))[0] > 20


def test_first_frame_of_an_animation_is_kept_and_said(client, django_capture_on_commit_callbacks):
    frames = [Image.new("RGB", (320, 180), colour) for colour in ("red", "blue")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "PNG", save_all=True, append_images=frames[1:])
    upload = SimpleUploadedFile("animation.png", buffer.getvalue())
    with django_capture_on_commit_callbacks(execute=True):
        response = add(client, "quotes/video", video_id="youtu.be/aaaaaaaaaaa", thumbnail=upload)
    assert response.status_code == 302, errors(response)
    assert "the first frame was kept" in client.get(response["Location"]).content.decode()
    assert Video.objects.get().picture.read_master().image.getpixel((0, 0)) == (255, 0, 0)


# Addresses that are pasted


@pytest.mark.parametrize(
    "address",
    [
        "http://www.example.org/report/",
        "https://example.org/report?utm_source=news#part",
        "https://web.archive.org/web/20240102030405/https://example.org/report",
    ],
)
def test_page_that_is_a_source_already_is_offered(client, address):
    there = make_source("report", url="https://example.org/report", title="Report")
    response = add(client, "quotes/source", url=address)
    assert "This page has already been added" in errors(response)["url"][0]
    offer = f'<a href="/admin/quotes/source/{there.pk}/change/">Report</a> (report)'
    assert offer in response.content.decode()
    assert Source.objects.count() == 1


def test_source_keeps_its_page_and_another_form_of_its_own_address(client):
    make_source("a", url="https://example.org/a")
    other = make_source("b", url="https://example.org/b")
    # Of a database from before pages were compared.
    Source.objects.filter(pk=other.pk).update(
        url="https://example.org/a/", compared_url="example.org/a"
    )
    response = edit(client, "quotes/source", other, title="Mended")
    assert response.status_code == 302, errors(response)
    response = edit(client, "quotes/source", other, url="http://example.org/a#top")
    assert response.status_code == 302, errors(response)


def test_source_is_found_by_any_address_of_its_page(client):
    make_source("report", url="https://example.org/report", title="Report")
    make_source("other", url="https://example.org/other", title="Other")
    found = client.get(
        "/admin/autocomplete/",
        {
            "app_label": "quotes",
            "model_name": "mention",
            "field_name": "source",
            "term": "http://www.example.org/report/?utm_source=x",
        },
    )
    assert [row["text"] for row in found.json()["results"]] == ["Report"]


def test_video_is_added_by_its_address(client):
    response = add(
        client, "quotes/video", video_id="https://youtu.be/dQw4w9WgXcQ?t=5", title="Talk"
    )
    assert response.status_code == 302, errors(response)
    video = Video.objects.get()
    assert (video.platform, video.video_id) == ("youtube", "dQw4w9WgXcQ")


def test_video_that_is_there_is_told_by_its_address(client):
    make_video(video_id="dQw4w9WgXcQ")
    response = add(client, "quotes/video", video_id="https://youtu.be/dQw4w9WgXcQ")
    assert "This video has already been added." in str(errors(response))


def test_address_of_no_video_is_an_error_beside_its_field(client):
    response = add(client, "quotes/video", video_id="https://example.org/watch?v=dQw4w9WgXcQ")
    assert "Known are YouTube" in errors(response)["video_id"][0]
    response = add(client, "quotes/video", video_id="dQw4w9WgXcQ")
    assert "Choose a platform" in errors(response)["platform"][0]
    assert not Video.objects.exists()


def test_mention_takes_video_and_second_from_an_address(client):
    expert = make_expert("mina")
    response = add(
        client,
        "quotes/mention",
        expert=expert.pk,
        original="Words.",
        language="en",
        video_address="https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=1h2m3s",
    )
    assert response.status_code == 302, errors(response)
    mention = Mention.objects.select_related("video").get()
    assert mention.video.video_id == "dQw4w9WgXcQ"
    assert mention.start == 3723


def test_mention_uses_the_video_that_is_there_and_the_second_that_was_entered(client):
    video = make_video(video_id="dQw4w9WgXcQ")
    mention = make_mention("Words.")
    response = edit(
        client,
        "quotes/mention",
        mention,
        video_address="youtu.be/dQw4w9WgXcQ?t=5",
        start="1:00",
    )
    assert response.status_code == 302, errors(response)
    mention.refresh_from_db()
    assert (mention.video, mention.start) == (video, 60)


def test_another_video_than_the_one_chosen_is_refused(client):
    video = make_video(video_id="dQw4w9WgXcQ")
    mention = make_mention("Words.", video=video)
    response = edit(client, "quotes/mention", mention, video_address="https://youtu.be/aaaaaaaaaaa")
    assert "another video than the one chosen" in errors(response)["video_address"][0]
    response = edit(client, "quotes/mention", mention, video_address="https://example.org/")
    assert "Known are YouTube" in errors(response)["video_address"][0]
    assert Video.objects.count() == 1


def test_address_that_adds_a_video_is_for_those_who_may_add_one(client):
    client.force_login(make_staff("add_mention"))
    form = client.get("/admin/quotes/mention/add/").content.decode()
    assert "video_address" not in form


def test_peertube_is_offered_where_it_has_a_host(client, settings):
    def offered(url):
        page = read(client, url)
        return [option.get("value") for option in page.find(".//select[@name='platform']")]

    settings.PEERTUBE_HOSTS = ["video.example.org"]
    assert "peertube" in offered("/admin/quotes/video/add/")
    video = make_video()
    there = {"platform": "peertube", "video_id": "video.example.org/w/9AeTVUrTPKqhqVGNnkdxGE"}
    Video.objects.filter(pk=video.pk).update(**there)
    settings.PEERTUBE_HOSTS = []
    assert "peertube" not in offered("/admin/quotes/video/add/")
    url = f"/admin/quotes/video/{video.pk}/change/"
    assert "peertube" in offered(url)
    response = send(client, url, form_data(client, url))
    assert "that the setting PEERTUBE_HOSTS names" in str(errors(response))


# Where readers see it

LIVE = "Readers see what you save here at once. It waits in no working version, and for no review."


def note_of(client, model, row) -> str:
    page = read(client, f"/admin/{model}/{row.pk}/change/")
    return words(page.find(".//*[@id='shown-on']"))


def test_a_form_of_evidence_says_which_trends_show_it_and_that_nothing_waits(client):
    trend = make_trend(mentions=1)
    begin(trend, None)
    mention = trend.mentions.get()
    TrendMention.objects.create(trend=make_trend("draft", published=None), mention=mention)
    shown = (
        "Shown on: Title of example-trend, Title of example-trend (working version), "
        "Title of draft (draft)"
    )
    for model, row in (
        ("quotes/mention", mention),
        ("quotes/expert", mention.expert),
        ("quotes/video", mention.video),
        ("quotes/source", mention.source),
    ):
        assert note_of(client, model, row) == f"{shown} {LIVE}", model


def test_a_form_of_evidence_that_readers_do_not_see_says_so(client):
    assert note_of(client, "quotes/source", make_source()) == "No trend shows it yet."
    assert note_of(client, "quotes/expert", make_expert()) == "No trend shows it yet."
    trend = make_trend("draft", published=None, mentions=1)
    assert note_of(client, "quotes/mention", trend.mentions.get()) == (
        "Shown on: Title of draft (draft)"
    )


def test_of_evidence_on_many_trends_the_first_are_named(client, django_assert_max_num_queries):
    trends = [make_trend(f"trend-{n:02}") for n in range(23)]
    mention = make_mention()
    for trend in trends:
        TrendMention.objects.create(trend=trend, mention=mention)
    note_of(client, "quotes/mention", mention)  # the first request lists what was written
    with django_assert_max_num_queries(20):
        note = note_of(client, "quotes/mention", mention)
    assert note.endswith(f"Title of trend-19 … and 3 more {LIVE}")


def test_a_person_who_said_much_is_on_the_trends_of_what_was_added_last(client, monkeypatch):
    for n in range(3):
        mention = make_mention(f"Words {n}.")
        TrendMention.objects.create(trend=make_trend(f"trend-{n}"), mention=mention)
    everything = "Shown on: Title of trend-0, Title of trend-1, Title of trend-2"
    assert note_of(client, "quotes/expert", mention.expert) == f"{everything} {LIVE}"
    for place in ("quotes.admin", "trendsite.shared.admin.shown_on"):
        monkeypatch.setattr(f"{place}.MOST_ROWS", 2)
    note = note_of(client, "quotes/expert", mention.expert)
    assert note == f"Shown on: Title of trend-1, Title of trend-2 … and more {LIVE}"
