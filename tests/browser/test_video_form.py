"""The form of a video: title and picture are fetched by keyboard, and without scripts."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect

from quotes.models import Video
from tests.support.other_sites import other_sites

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def youtube(tmp_path, settings):
    settings.VIDEO_LOOKUP = True
    file = io.BytesIO()
    Image.linear_gradient("L").resize((1280, 720)).save(file, "JPEG")
    with other_sites(tmp_path) as sites:
        sites.json(
            "www.youtube.com/oembed",
            title="A talk",
            author_name="Example Channel",
            thumbnail_url="https://i.ytimg.com/vi/abcdefghijk/hqdefault.jpg",
        )
        sites.page("i.ytimg.com/vi/abcdefghijk/maxresdefault.jpg", body=file.getvalue())
        yield sites


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_title_and_picture_are_fetched_by_keyboard(new_page, log_in, youtube, scripts):
    page = log_in(new_page(java_script_enabled=scripts, viewport={"width": 390, "height": 800}))
    page.goto("/admin/quotes/video/add/")
    page.fill("#id_channel", "My own words")
    page.fill("#id_video_id", "https://youtu.be/abcdefghijk?t=12")
    page.press("#id_video_id", "Tab")
    expect(page.get_by_role("button", name="Fetch title and picture")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".looked-up")).to_have_text(
        "Fetched from YouTube: title, thumbnail. Check it, then save."
    )
    expect(page.locator("#id_title")).to_have_value("A talk")
    expect(page.locator("#id_channel")).to_have_value("My own words")
    expect(page.locator("#id_platform")).to_have_value("youtube")

    page.fill("#id_date", "soon")
    page.press("#id_date", "Enter")
    expect(page.locator(".mistake-list")).to_contain_text("Date")
    picture = page.locator(".current-thumbnail img")
    expect(picture).to_be_visible()
    if scripts:
        page.wait_for_function(
            "() => document.querySelector('.current-thumbnail img').naturalWidth > 0"
        )
    page.fill("#id_date", "2025-06")
    page.press("#id_date", "Enter")
    expect(page.locator(".messagelist .success")).to_be_visible()
    video = Video.objects.get()
    assert (video.title, video.channel, str(video.date)) == ("A talk", "My own words", "2025-06")
    assert video.thumbnail_width == 1280
