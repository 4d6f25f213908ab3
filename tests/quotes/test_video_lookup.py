"""What a platform tells about a video, in the form of a video and of a mention."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image

from quotes.kept_pictures import kept_picture_url
from quotes.models import Mention, Video
from quotes.video_lookup import LookupFailedError, look_up_video
from tests.support.editing import errors, form_data, make_editor, make_staff, send
from tests.support.make import date, make_expert, make_video
from tests.support.other_sites import Page, other_sites
from trendsite.shared.revisions.models import Revision

pytestmark = pytest.mark.django_db

ADD = "/admin/quotes/video/add/"
ADDRESS = "https://youtu.be/abcdefghijk?t=754"


def picture(color: str = "navy", size: tuple[int, int] = (1280, 720)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, color).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def sites(tmp_path, settings):
    settings.VIDEO_LOOKUP = True
    with other_sites(tmp_path) as sites:
        yield sites


@pytest.fixture
def youtube(sites):
    sites.json(
        "www.youtube.com/oembed",
        title="A talk\u200b about models",
        author_name="Example Channel",
        thumbnail_url="https://i.ytimg.com/vi/abcdefghijk/hqdefault.jpg",
    )
    sites.page("i.ytimg.com/vi/abcdefghijk/hqdefault.jpg", body=picture(size=(480, 360)))
    sites.page("i.ytimg.com/vi/abcdefghijk/maxresdefault.jpg", body=picture())
    return sites


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


def look_up(client, url: str = ADD, **values):
    """Press the button beside the address."""
    response = send(client, url, form_data(client, url), **{"_look_up": "1", **values})
    assert response.status_code == 200
    return response


def shown(response) -> dict[str, str]:
    form = response.context["adminform"].form
    return {name: form[name].value() for name in form.fields if form[name].value()}


# What is told


def test_title_channel_and_the_largest_picture_of_a_video(youtube):
    facts = look_up_video("youtube", "abcdefghijk")
    assert (facts.title, facts.channel, facts.date) == (
        "A talk about models",
        "Example Channel",
        None,
    )
    assert facts.picture.width == 1280
    assert youtube.asked[0].query == {
        "url": "https://www.youtube.com/watch?v=abcdefghijk",
        "format": "json",
    }
    youtube.pages.pop("i.ytimg.com/vi/abcdefghijk/maxresdefault.jpg")
    assert look_up_video("youtube", "abcdefghijk").picture.width == 480


def test_day_of_a_video_is_taken_where_it_is_told(sites):
    sites.json("vimeo.com/api/oembed.json", title="T", upload_date="2025-06-01 10:00:00")
    facts = look_up_video("vimeo", "123456789")
    assert (facts.title, facts.date, facts.picture) == ("T", date("2025-06-01"), None)


def test_of_peertube_the_host_itself_is_asked(sites, settings):
    settings.PEERTUBE_HOSTS = ["tube.example"]
    sites.json(
        "tube.example/services/oembed", title="T", thumbnail_url="/lazy-static/previews/1.jpg"
    )
    sites.page("tube.example/lazy-static/previews/1.jpg", body=picture())
    facts = look_up_video("peertube", "tube.example/w/9c9de5e8-0a1e-484a-b099-e80766180a6d")
    assert facts.picture.width == 1280


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (Page(404), "YouTube has no such video."),
        (Page(500), "YouTube cannot be reached."),
        (Page(200, body=b"<html>"), "YouTube cannot be reached."),
        (Page(200, body=b"[" * 100_000), "YouTube cannot be reached."),
        (Page(200, body=b"[]"), "YouTube cannot be reached."),
        (Page(200, body=b"x" * 300_000), "YouTube cannot be reached."),
        (Page(302, {"Location": "https://evil.example/"}), "YouTube cannot be reached."),
        (Page(302, {"Location": "http://www.youtube.com/oembed"}), "YouTube cannot be reached."),
    ],
    ids=["missing", "broken", "html", "deep", "list", "long", "elsewhere", "without tls"],
)
def test_what_is_no_answer_is_told_in_words(sites, page, message):
    sites.pages["www.youtube.com/oembed"] = page
    sites.page("evil.example/", body=b'{"title": "Evil"}')
    with pytest.raises(LookupFailedError) as raised:
        look_up_video("youtube", "abcdefghijk")
    assert str(raised.value) == message
    assert "evil.example" not in {asked.host for asked in sites.asked}


def test_a_platform_that_tells_nothing_is_named(sites):
    with pytest.raises(LookupFailedError, match=r"bilibili does not provide titles\."):
        look_up_video("bilibili", "BV1xx411c7mD")


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/a.jpg",
        "http://169.254.169.254/a.jpg",
        "file:///etc/passwd",
        "https://ytimg.com.evil.example/a.jpg",
        "https://i.ytimg.com/redirected.jpg",
        "https://i.ytimg.com/text.jpg",
        17,
    ],
)
def test_a_picture_from_elsewhere_is_not_fetched(sites, address):
    sites.json("www.youtube.com/oembed", title="T", thumbnail_url=address)
    sites.page("evil.example/a.jpg", body=picture())
    sites.page("ytimg.com.evil.example/a.jpg", body=picture())
    sites.moved("i.ytimg.com/redirected.jpg", "https://evil.example/a.jpg")
    sites.page("i.ytimg.com/text.jpg", body=b"<svg/>")
    facts = look_up_video("youtube", "abcdefghijk")
    assert (facts.title, facts.picture) == ("T", None)
    assert not {asked.host for asked in sites.asked} & {
        "evil.example",
        "ytimg.com.evil.example",
    }


# The form of a video


def test_button_fills_what_is_empty_and_saves_nothing(client, youtube):
    response = look_up(client, video_id=ADDRESS, channel="My own words")
    found = shown(response)
    assert found["platform"] == "youtube"
    assert found["video_id"] == "abcdefghijk"
    assert (found["title"], found["channel"]) == ("A talk about models", "My own words")
    page = response.content.decode()
    assert "Fetched from YouTube: title, thumbnail. Check it, then save." in page
    assert kept_picture_url(found["kept_picture"]) in page
    assert "errornote" not in page
    assert not Video.objects.exists()

    response = send(client, ADD, {**form_data(client, ADD), **found})
    assert response.status_code == 302, errors(response)
    video = Video.objects.get()
    assert (video.title, video.channel) == ("A talk about models", "My own words")
    assert video.thumbnail_width == 1280
    assert video.picture.read_master().width == 1280


def test_a_fetched_picture_comes_back_with_a_form_that_is_refused(client, youtube):
    found = shown(look_up(client, video_id=ADDRESS))
    refused = send(client, ADD, {**form_data(client, ADD), **found, "date": "soon"})
    assert list(errors(refused)) == ["date"]
    again = shown(refused)
    assert again["kept_picture"] == found["kept_picture"]
    response = send(client, ADD, {**form_data(client, ADD), **again, "date": "2025"})
    assert response.status_code == 302, errors(response)
    assert Video.objects.get().thumbnail_width == 1280


@pytest.mark.parametrize("button", ["_save", "_look_up"])
def test_an_upload_comes_back_with_the_form(client, youtube, button):
    upload = SimpleUploadedFile("mine.jpg", picture("darkred"))
    values = {"video_id": ADDRESS, "thumbnail": upload, "date": "soon", button: "1"}
    response = send(client, ADD, form_data(client, ADD), **values)
    again = shown(response)
    assert kept_picture_url(again["kept_picture"]) in response.content.decode()
    assert again["date"] == "soon"
    response = send(client, ADD, {**form_data(client, ADD), **again, "date": "2025"})
    assert response.status_code == 302, errors(response)
    red, _green, blue = Video.objects.get().picture.read_master().image.getpixel((9, 9))
    assert red > blue


@pytest.mark.parametrize("name", ["../../secret", "0" * 20, "x" * 20])
def test_a_picture_that_is_not_there_is_told_beside_the_field(client, name):
    values = {"video_id": ADDRESS, "kept_picture": name}
    response = send(client, ADD, form_data(client, ADD), **values)
    assert errors(response) == {"thumbnail": ["The picture is gone. Fetch or upload it again."]}
    assert not Video.objects.exists()


def test_a_saved_video_keeps_what_it_has_and_is_not_changed(client, youtube):
    video = make_video(title="Mine", channel="")
    url = f"/admin/quotes/video/{video.pk}/change/"
    response = look_up(client, url)
    found = shown(response)
    assert (found["title"], found["channel"]) == ("Mine", "Example Channel")
    video.refresh_from_db()
    assert (video.channel, video.version) == ("", 0)
    response = send(client, url, {**form_data(client, url), **found})
    assert response.status_code == 302, errors(response)
    video.refresh_from_db()
    assert (video.title, video.channel, video.thumbnail_width) == ("Mine", "Example Channel", 1280)


def test_a_colleagues_save_in_between_is_merged_at_the_save(client, youtube):
    video = make_video(title="", channel="Mine")
    url = f"/admin/quotes/video/{video.pk}/change/"
    data = form_data(client, url)
    send(client, url, data, channel="A colleague’s")
    response = send(client, url, data, _look_up="1")
    found = shown(response)
    response = send(client, url, {**data, **found, "began_with": response.context["began_with"]})
    assert response.status_code == 302, errors(response)
    video.refresh_from_db()
    assert (video.title, video.channel) == ("A talk about models", "A colleague’s")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Enter the address of the video first."),
        ({"video_id": "abcdefghijk"}, "Choose a platform, or enter the video’s address."),
        ({"video_id": "https://example.org/"}, "is the address of no video platform known here"),
        ({"video_id": ADDRESS}, "YouTube cannot be reached. Enter title and picture by hand."),
    ],
)
def test_what_cannot_be_fetched_is_told_with_everything_kept(client, sites, values, message):
    sites.page("www.youtube.com/oembed", status=500)
    response = look_up(client, **values, title="Typed", date="soon")
    assert message in response.content.decode()
    assert (shown(response)["title"], shown(response)["date"]) == ("Typed", "soon")


def test_nothing_is_fetched_in_a_transaction(client, youtube, monkeypatch):
    depths = []
    youtube.page(
        "www.youtube.com/oembed",
        answer=lambda asked: depths.append(len(connection.savepoint_ids)) or Page(404),
    )
    outside = len(connection.savepoint_ids)
    look_up(client, video_id=ADDRESS)
    assert depths == [outside]


def test_only_who_may_save_fetches(client, youtube):
    video = make_video()
    client.force_login(make_staff("view_video"))
    url = f"/admin/quotes/video/{video.pk}/change/"
    assert client.post(url, {"_look_up": "1", "video_id": ADDRESS}).status_code in (200, 403)
    assert client.post(ADD, {"_look_up": "1", "video_id": ADDRESS}).status_code == 403
    assert youtube.asked == []


def test_without_the_setting_there_is_no_button_and_no_request(client, youtube, settings):
    assert "Fetch title and picture" in client.get(ADD).content.decode()
    settings.VIDEO_LOOKUP = False
    assert "Fetch title and picture" not in client.get(ADD).content.decode()
    look_up(client, video_id=ADDRESS)
    add_mention(client)
    assert youtube.asked == []
    assert not Video.objects.exclude(title="").exists()


# A mention by the address of its video


def add_mention(client, **values):
    url = "/admin/quotes/mention/add/"
    values = {
        "expert": make_expert().pk,
        "original": "It works.",
        "language": "en",
        "video_address": ADDRESS,
        **values,
    }
    return send(client, url, form_data(client, url), **values)


def messages(client) -> list[str]:
    return [str(message) for message in client.get("/admin/").context["messages"]]


def test_a_mention_by_an_address_adds_the_video_with_title_and_picture(client, youtube):
    assert add_mention(client).status_code == 302
    mention = Mention.objects.get()
    assert (mention.start, mention.video.title) == (754, "A talk about models")
    assert mention.video.channel == "Example Channel"
    assert mention.video.picture.read_master().width == 1280
    assert "Added the video “A talk about models” (Example Channel)." in messages(client)
    versions = Revision.objects.filter(content_type__model="video").order_by("pk")
    assert [version.action for version in versions] == ["added", "changed"]


def test_a_mention_is_saved_though_the_platform_cannot_be_reached(client, sites):
    sites.page("www.youtube.com/oembed", status=503)
    assert add_mention(client).status_code == 302
    mention = Mention.objects.get()
    assert (mention.start, mention.video.title) == (754, "")
    (note,) = [text for text in messages(client) if "cannot be reached" in text]
    assert note == (
        "YouTube cannot be reached. Enter title and picture of "
        f'<a href="/admin/quotes/video/{mention.video.pk}/change/">YouTube abcdefghijk</a> by hand.'
    )


def test_a_video_that_is_deleted_while_it_is_fetched_stays_deleted(client, youtube, monkeypatch):
    def look_up_and_delete(*address):
        facts = look_up_video(*address)
        Mention.objects.all().delete()
        Video.objects.all().delete()
        return facts

    monkeypatch.setattr("quotes.video_admin.look_up_video", look_up_and_delete)
    assert add_mention(client).status_code == 302
    assert not Video.objects.exists()
    assert messages(client)[-1] == (
        "“YouTube abcdefghijk” was deleted while its title and picture were fetched."
    )


def test_a_mention_that_is_refused_or_whose_video_is_there_fetches_nothing(client, youtube):
    assert list(errors(add_mention(client, original=""))) == ["original"]
    assert not Video.objects.exists()
    make_video("abcdefghijk", title="Mine")
    assert add_mention(client).status_code == 302
    assert youtube.asked == []
    assert Mention.objects.get().video.title == "Mine"
