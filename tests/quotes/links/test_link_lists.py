"""What the check of links found, where editors see it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quotes.links.link_queries import dead_links
from quotes.links.models import CheckedLink
from quotes.models import Video
from quotes.platforms import Platform
from tests.support.editing import make_editor, make_staff
from tests.support.make import make_expert, make_source, make_video
from tests.support.plans import plan_of
from tests.support.reading import by_class, read, words

pytestmark = pytest.mark.django_db

CHECKED = timezone.make_aware(timezone.datetime(2026, 5, 2, 12))
SINCE = timezone.make_aware(timezone.datetime(2026, 4, 1, 12))


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


def checked(address: str, state: str, **values) -> CheckedLink:
    return CheckedLink.objects.create(
        address=address, state=state, **{"checked_at": CHECKED, **values}
    )


def form(client, row, language: str = "en") -> str:
    url = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
    return client.get(url, headers={"Accept-Language": language}).content.decode()


SENTENCES = {
    "alive": ({"status": 200}, "Alive on 2 May 2026."),
    "moved": (
        {"status": 200, "moved_to": "https://new.example/"},
        'Moved for good, on 2 May 2026: <a href="https://new.example/" rel="noreferrer">'
        "https://new.example/</a>. Check the page, then enter its new address.",
    ),
    "refused": (
        {"status": 403},
        "Refuses programs on 2 May 2026 (HTTP 403). Open it yourself to see whether it is there.",
    ),
    "unreachable": (
        {"problem": "timeout", "failing_since": SINCE, "failures": 2},
        "Unreachable since 1 April 2026 (no answer in time), last tried on 2 May 2026. "
        "It is tried again.",
    ),
    "gone": (
        {"status": 404, "failing_since": SINCE},
        "Gone since 1 April 2026 (HTTP 404), last tried on 2 May 2026. "
        "No copy in the Internet Archive is known.",
    ),
}


@pytest.mark.parametrize("state", SENTENCES)
def test_the_form_of_a_source_says_what_was_found(client, state):
    source = make_source()
    assert "This address has not been checked yet." in form(client, source)
    values, sentence = SENTENCES[state]
    checked(source.url, state, **values)
    assert sentence in form(client, source)


def test_a_copy_of_what_is_gone_is_linked(client):
    source = make_source()
    copy = "https://web.archive.org/web/20240501120000/https://example.org/report"
    checked(source.url, "gone", status=404, archived_copy=copy)
    assert (
        f'The Internet Archive has a copy of 1 May 2024: <a href="{copy}" rel="noreferrer">'
        in form(client, source)
    )


def test_form_says_it_in_japanese_too(client):
    source = make_source()
    checked(source.url, "gone", status=404)
    client.cookies["django_language"] = "ja"
    page = client.get(f"/admin/quotes/source/{source.pk}/change/").content.decode()
    assert "2026年5月2日から見つかりません（HTTP 404）。" in page


def test_what_a_hostile_address_holds_is_text(client):
    source = make_source()
    checked(source.url, "moved", moved_to='https://a.example/"><script>')
    assert "<script>" not in form(client, source).partition("link_check")[2].partition("div")[0]
    assert "https://a.example/&quot;&gt;&lt;script&gt;" in form(client, source)


def test_forms_of_videos_and_experts_say_it_and_those_without_a_link_nothing(client):
    video, expert = make_video(), make_expert("a", name_en="A", url="https://a.example/")
    checked("https://www.youtube.com/watch?v=abcdefghijk", "gone", status=404)
    checked("https://a.example/", "alive", status=200)
    assert "Gone since 2 May 2026 (HTTP 404)" in form(client, video)
    assert "Alive on 2 May 2026." in form(client, expert)
    assert "checked yet" not in form(client, make_expert("b", name_en="B"))
    assert "checked yet" not in client.get("/admin/quotes/source/add/").content.decode()


def listed(client, name: str, state: str) -> list[str]:
    page = client.get(f"/admin/quotes/{name}/?link={state}")
    return sorted(str(row) for row in page.context["cl"].result_list)


def test_lists_show_states_and_filter_by_them(client):
    for state in SENTENCES:
        checked(make_source(state, title=state).url, state)
    make_source("new", title="new")
    for state in SENTENCES:
        assert listed(client, "source", state) == [state]
    assert listed(client, "source", "unchecked") == ["new"]
    assert len(listed(client, "source", "nonsense")) == 0
    page = read(client, "/admin/quotes/source/?link=gone")
    assert [words(cell) for cell in by_class(page, "field-link_state")] == ["gone"]

    Video.objects.create(platform="vimeo", video_id="123456789", title="Vimeo")
    make_video(title="YouTube")
    checked("https://vimeo.com/123456789", "gone")
    assert listed(client, "video", "gone") == ["Vimeo"]
    assert listed(client, "video", "unchecked") == ["YouTube"]

    make_expert("b", name_en="No link")
    make_expert("a", name_en="Linked", url="https://a.example/")
    assert listed(client, "expert", "unchecked") == ["Linked"]


def test_start_page_counts_what_died_and_leads_to_it(client):
    def waiting():
        found = client.get("/admin/").context["desk"].waiting
        (died,) = (waiting for waiting in found if waiting.title == "Links that died")
        return died

    assert waiting().count == 0
    for name in ("one", "two"):
        checked(make_source(name).url, "gone")
    make_video()
    checked("https://www.youtube.com/watch?v=abcdefghijk", "gone")
    checked("https://nobody.example/", "gone")
    assert waiting().count == 3
    lines = {item.text: (item.note, item.url) for item in waiting().items}
    assert lines == {
        "Sources": ("2", "/admin/quotes/source/?link=gone"),
        "Videos": ("1", "/admin/quotes/video/?link=gone"),
    }
    client.force_login(make_staff("view_video"))
    assert waiting().count == 1


def test_videos_are_found_by_their_links_on_each_platform_and_by_an_index():
    ids = {
        "youtube": "abcdefghijk",
        "vimeo": "123",
        "niconico": "sm9",
        "ted": "a_talk",
        "bilibili": "BV1xx411c7mD",
        "peertube": "tube.example/w/abc",
    }
    assert set(ids) == set(Platform)
    dead = {Video.objects.create(platform=platform, video_id=pk) for platform, pk in ids.items()}
    Video.objects.create(platform="vimeo", video_id="1234")
    for video in dead:
        checked(video.url_at(), "gone")
    assert set(dead_links(Video)) == dead
    with CaptureQueriesContext(connection) as captured:
        dead_links(Video).count()
    [sql] = [query["sql"] for query in captured]
    assert not [step for step in plan_of(sql) if step.startswith(("SCAN quotes_video", "Seq Scan"))]
