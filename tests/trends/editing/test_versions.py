"""The versions of a trend in the admin: the list, the comparison, restoring, the bin."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quotes.models import Expert, Mention, Source
from tests.support.editing import (
    add_row,
    errors,
    form_data,
    make_editor,
    make_staff,
    send,
    trend_url,
)
from tests.support.loading import export, export_to, load
from tests.support.make import make_audience, make_expert, make_tag, make_trend, make_video
from tests.support.reading import by_class, by_role, links, main, read, words
from trends.models import Trend
from trendsite.shared.revisions.models import Revision

pytestmark = pytest.mark.django_db

BIN = "/admin/trends/trend/bin/"


@pytest.fixture
def trend(editor) -> Trend:
    return make_trend(drivers=4, implications=2, mentions=2, timeline=2, assessments=1)


def save(client, row, **changes) -> None:
    url = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"
    response = send(client, url, form_data(client, url), **changes)
    assert response.status_code == 302, errors(response)


def versions(row) -> list[Revision]:
    return list(Revision.objects.of(type(row), [row.pk]).order_by("pk"))


def pages(row) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/history/"


def compared(client, row, before: Revision, after: Revision | None = None):
    """What the comparison of two versions shows: (label, taken out, put in) of each value."""
    query = f"?from={before.pk}" + (f"&to={after.pk}" if after else "")
    page = read(client, pages(row) + "compare/" + query)
    return [
        (
            " ".join(words(label) for label in by_class(value, "version-label")),
            [words(piece) for piece in value.iter("del")],
            [words(piece) for piece in value.iter("ins")],
        )
        for value in by_class(page, "version-value")
    ]


def rows_compared(client, row, before: Revision) -> list[str]:
    page = read(client, pages(row) + f"compare/?from={before.pk}")
    return [words(article.find("h3")) for article in by_class(page, "version-row")]


def restore(client, revision: Revision, path: str = "", follow: bool = True):
    opts = revision.content_type.model_class()._meta
    url = f"/admin/{opts.app_label}/{opts.model_name}/{revision.object_id}/history/restore/"
    return client.post(url, {"version": revision.pk, "path": path}, follow=follow)


def count_queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def messages(response) -> list[str]:
    """What a page says of a restoring, not of the changes before it."""
    texts = [str(message) for message in response.context["messages"]]
    earlier = ("successfully", "The checklist has")
    return [text for text in texts if not any(words in text for words in earlier)]


# What is stored


def test_first_change_stores_what_was_there_and_what_is_there_now(client, trend, editor):
    before = export(trend.slug)
    save(client, trend, subtitle_en="Another", version_note="As the author asked.")
    was, is_now = versions(trend)
    assert (was.text, was.action, was.username, was.user) == (before, "found", "", None)
    assert is_now.text == export(trend.slug) != before
    assert (is_now.action, is_now.origin, is_now.user) == ("changed", "admin", editor)
    assert is_now.note == "As the author asked."
    assert is_now.names == {"en": "Title of example-trend", "ja": "example-trendの題"}


def test_saving_without_a_change_stores_nothing(client, trend):
    save(client, trend, subtitle_en="Another")
    save(client, trend, version_note="Only a note")
    assert len(versions(trend)) == 2


def test_a_version_outlives_the_account_of_who_wrote_it(client, trend, editor):
    save(client, trend, subtitle_en="Another")
    client.force_login(make_editor("second"))
    editor.delete()
    assert versions(trend)[-1].username == "editor"
    assert "editor (admin)" in words(main(read(client, pages(trend))))


def test_publishing_and_retiring_are_versions(client, editor):
    trend = make_trend(published=None)
    for action in ("publish_selected", "retire_selected"):
        data = {"action": action, "_selected_action": [trend.pk], "_do": "on", "reason": "So be it"}
        client.post("/admin/trends/trend/", data)
    assert [version.action for version in versions(trend)] == ["found", "published", "retired"]


def test_a_load_is_a_version_of_each_trend_that_it_changes(tmp_path, trend):
    same = make_trend("same")
    files = export_to(tmp_path)
    path = tmp_path / "example-trend.yaml"
    path.write_bytes(files[path.name].replace(b"Subtitle of example-trend", b"Another"))
    load(tmp_path / "example-trend.yaml", tmp_path / "same.yaml")
    assert [(version.action, version.origin) for version in versions(trend)] == [
        ("found", ""),
        ("changed", "file"),
    ]
    assert "example-trend.yaml" in versions(trend)[-1].note
    assert versions(same) == [] or [version.action for version in versions(same)] == ["found"]


def test_what_changes_with_a_quotation_is_a_version_of_the_trends_that_show_it(client, trend):
    mention = trend.mentions.first()
    save(client, mention, occasion_en="At a conference")
    assert [version.action for version in versions(trend)] == ["found", "changed"]
    assert versions(trend)[-1].text == export(trend.slug)
    assert compared(client, trend, versions(trend)[0]) == [
        ("Occasion English", [], ["At a conference"])
    ]


def test_versions_are_small(client, trend):
    save(client, trend, subtitle_en="Another")
    last = versions(trend)[-1]
    assert len(last.content) < len(last.text.encode()) / 2


# What is shown


def test_list_says_when_who_what_and_why(client, trend):
    save(client, trend, subtitle_en="Another", **{"drivers-0-body_ja": "別の理由。"})
    save(client, trend, title_en="Renamed", version_note="Clearer")
    rows = by_role(read(client, pages(trend)), "table")[0].findall(".//tr")[1:]
    third, second, first = (words(row) for row in rows)
    assert third.endswith("changed: Title Clearer")
    assert second.endswith("editor (admin) changed: Subtitle, Key drivers")
    assert first.startswith("1 ")
    assert first.endswith(" as it was before")


def test_list_without_versions_says_so_and_shows_what_was_noted_before(client, trend, editor):
    LogEntry.objects.create(
        user=editor,
        content_type=ContentType.objects.get_for_model(Trend),
        object_id=str(trend.pk),
        action_flag=CHANGE,
        change_message="Long ago",
    )
    text = words(main(read(client, pages(trend))))
    assert "No version has been stored yet." in text
    assert "Long ago" in text


def test_long_list_has_pages(client, trend, monkeypatch):
    monkeypatch.setattr("trendsite.shared.revisions.version_pages._VERSIONS_A_PAGE", 2)
    for number in range(2):
        save(client, trend, subtitle_en=f"Subtitle {number}")
    first, second = read(client, pages(trend)), read(client, pages(trend) + "?p=2")
    numbers = [
        [words(cell) for cell in page.iter("th") if cell.get("scope") == "row"]
        for page in (first, second)
    ]
    assert numbers == [["3", "2"], ["1"]]


def test_comparison_marks_words_in_english_and_phrases_in_japanese(client, trend):
    save(
        client,
        trend,
        shift_en="What moves in example-trend.",
        shift_ja="example-trendの大きな変化。",
    )
    assert compared(client, trend, *versions(trend)) == [
        ("English", ["shifts"], ["moves"]),
        ("Japanese", [], ["大きな"]),
    ]


def test_comparison_names_choices_dates_tags_and_sources_as_editors_know_them(client, trend):
    data = form_data(client, trend_url(trend))
    add_row(data, "tagged", tag=make_tag("strategy").pk)
    source = Source.objects.get(key="example-trend-driver-0")
    data |= {"since": "2025-07", "shift_sources": [source.pk]}
    assert send(client, trend_url(trend), data).status_code == 302
    assert compared(client, trend, *versions(trend)) == [
        ("", [], ["strategy"]),
        ("", ["June 2025"], ["July 2025"]),
        ("", [], ["Title of example-trend-driver-0"]),
    ]


def test_comparison_tells_rows_that_were_added_removed_moved_and_changed(client, trend):
    data = form_data(client, trend_url(trend))
    add_row(data, "drivers", heading_en="Fourth", order="7")
    data |= {"drivers-1-DELETE": "on", "drivers-0-order": "5", "drivers-0-body_en": "New."}
    assert send(client, trend_url(trend), data).status_code == 302
    first = versions(trend)[0]
    assert rows_compared(client, trend, first)[:3] == [
        "changed and moved Driver 0",
        "added Fourth",
        "removed Driver 1",
    ]


def test_pages_are_in_the_language_of_the_editor(client, trend):
    save(client, trend, subtitle_en="Another", **{"drivers-0-DELETE": "on"})
    client.cookies["django_language"] = "ja"
    listed = words(main(read(client, pages(trend))))
    assert "editor（編集画面） 変更：副題、背景にある要因、出典" in listed
    text = words(main(read(client, pages(trend) + f"compare/?from={versions(trend)[0].pk}")))
    assert "削除 要因0" in text
    assert "これを復元" in text


def test_a_version_shows_all_that_it_holds(client, trend):
    save(client, trend, subtitle_en="Another")
    first = versions(trend)[0]
    text = words(main(read(client, pages(trend) + f"{first.pk}/")))
    assert "Subtitle of example-trend" in text
    assert "Driver 2" in text


@pytest.mark.parametrize("rows", [1, 4])
def test_pages_take_the_same_queries_whatever_hangs_on_the_trend(client, editor, rows):
    kinds = ["drivers", "implications", "timeline", "mentions", "assessments", "reading"]
    trend = make_trend(f"trend-{rows}", tags=["one"], **dict.fromkeys(kinds, rows))
    for number in range(rows):
        save(client, trend, subtitle_en=f"Subtitle {number}", **{"drivers-0-sources": []})
    first = versions(trend)[0]
    read(client, pages(trend))  # which fills Django's cache of content types
    assert count_queries(client, pages(trend)) == 7
    assert count_queries(client, f"{pages(trend)}compare/?from={first.pk}") <= 24
    assert count_queries(client, f"{pages(trend)}{first.pk}/") <= 11


# Restoring


def test_a_whole_version_is_restored_with_its_rows(client, trend):
    before = export(trend.slug)
    save(client, trend, subtitle_en="Another", **{"drivers-1-DELETE": "on"})
    response = restore(client, versions(trend)[0])
    assert messages(response)[0].startswith("Restored from version 1 of ")
    assert export(trend.slug) == before
    last = versions(trend)[-1]
    assert (last.action, last.text, last.username) == ("restored", before, "editor")


@pytest.mark.parametrize("path", ["", "subtitle:en"])
def test_what_is_so_already_is_not_restored_again(client, trend, path):
    save(client, trend, subtitle_en="Another")
    first = versions(trend)[0]
    restore(client, first, path)
    count, entries = len(versions(trend)), LogEntry.objects.count()
    assert messages(restore(client, first, path)) == [
        "It is already like this: there is nothing to restore."
    ]
    assert (len(versions(trend)), LogEntry.objects.count()) == (count, entries)


def test_restoring_counts_as_a_change_that_others_notice(client, trend):
    save(client, trend, subtitle_en="Another")
    form = form_data(client, trend_url(trend))
    restore(client, versions(trend)[0])
    response = send(client, trend_url(trend), form, subtitle_en="A third")
    assert "editor saved this trend while you were editing it" in errors(response)[""][0]


def test_one_text_is_restored_and_the_rest_stays(client, trend):
    save(client, trend, subtitle_en="Another", subtitle_ja="別", title_en="Renamed")
    restore(client, versions(trend)[0], "subtitle:en")
    trend.refresh_from_db()
    assert (trend.subtitle_en, trend.subtitle_ja, trend.title_en) == (
        "Subtitle of example-trend",
        "別",
        "Renamed",
    )


def test_one_row_is_restored_at_its_place_with_what_it_cites(client, trend):
    save(client, trend, subtitle_en="Another", **{"drivers-1-DELETE": "on"})
    restore(client, versions(trend)[0], "drivers=driver-1")
    drivers = list(trend.drivers.all())
    assert [driver.heading_en for driver in drivers] == [f"Driver {n}" for n in range(4)]
    assert [source.key for source in drivers[1].sources.all()] == ["example-trend-driver-1"]
    trend.refresh_from_db()
    assert trend.subtitle_en == "Another"


def test_one_text_of_a_row_is_restored_though_its_key_follows_from_another(client, trend):
    save(client, trend, **{"drivers-0-heading_en": "Other", "drivers-0-body_en": "Else."})
    restore(client, versions(trend)[0], "drivers=driver-0:body:en")
    driver = trend.drivers.first()
    assert (driver.heading_en, driver.body_en, driver.key) == ("Other", "Why 0.", "driver-0")


def test_the_order_of_rows_is_restored(client, trend):
    save(client, trend, **{"drivers-0-order": "9"})
    restore(client, versions(trend)[0], "drivers")
    assert [row.heading_en for row in trend.drivers.all()] == [f"Driver {n}" for n in range(4)]


@pytest.mark.parametrize("path", ["nothing", "drivers=none", "title:fr:x", "drivers=x:body"])
def test_a_part_that_is_not_there_is_not_found(client, trend, path):
    save(client, trend, subtitle_en="Another")
    assert restore(client, versions(trend)[0], path).status_code == 404


def test_what_was_renamed_since_keeps_its_new_name(client, trend):
    make_tag("strategy")
    save(client, trend, subtitle_en="Another")
    expert = trend.mentions.first().expert
    save(client, expert, slug="new-name")
    restore(client, versions(trend)[0])
    assert trend.mentions.first().expert == expert
    assert "expert: new-name" in export(trend.slug)


def test_what_was_deleted_since_is_restored_too(client, editor):
    trend = make_trend(tags=["gone"], subtitle_en="Before")
    tag = trend.tagged.get().tag
    save(client, trend, **{"tagged-0-DELETE": "on"})
    client.post(f"/admin/trendsite/tag/{tag.pk}/delete/", {"post": "yes"})
    response = restore(client, versions(trend)[0])
    assert messages(response)[1:] == ["Restored with it: tag “gone”."]
    assert trend.tagged.get().tag.pk == tag.pk


def test_a_link_to_a_deleted_trend_is_left_out(client, trend):
    other = make_trend("other")
    trend.related.add(other)
    save(client, trend, subtitle_en="Another", related=[])
    client.post(f"/admin/trends/trend/{other.pk}/delete/", {"post": "yes"})
    response = restore(client, versions(trend)[0])
    assert messages(response)[1:] == ["The link to “other” was left out: the trend was deleted."]
    assert not trend.related.exists()


def test_an_address_that_another_trend_has_now_is_refused(client, trend):
    save(client, trend, slug="renamed")
    make_trend("example-trend")
    before = export()
    response = restore(client, versions(trend)[0])
    assert messages(response) == [
        "Nothing was restored. Its address “example-trend” belongs to another trend now: "
        "“Title of example-trend”."
    ]
    assert export() == before


# The bin


def test_a_deleted_trend_comes_back_with_all_its_rows(client, trend):
    trend.related.add(make_trend("other"))
    before = export(trend.slug)
    client.post(f"/admin/trends/trend/{trend.pk}/delete/", {"post": "yes"})
    listed = read(client, BIN)
    assert "Title of example-trend" in words(main(listed))
    response = restore(client, versions(trend)[-1])
    assert response.redirect_chain[-1][0] == trend_url(trend)
    assert export(trend.slug) == before
    assert "The bin is empty." in words(main(read(client, BIN)))
    assert [version.action for version in versions(trend)] == ["found", "deleted", "restored"]


def test_the_version_of_a_deleted_trend_can_be_read(client, trend):
    client.post(f"/admin/trends/trend/{trend.pk}/delete/", {"post": "yes"})
    text = words(main(read(client, pages(trend) + f"{versions(trend)[-1].pk}/")))
    assert "Driver 2" in text
    assert "Restore this version" in text


def test_the_bin_forgets_after_ninety_days(client, trend):
    client.post(f"/admin/trends/trend/{trend.pk}/delete/", {"post": "yes"})
    Revision.objects.update(stored_at=timezone.now() - timedelta(days=89))
    assert "Title of example-trend" in words(main(read(client, BIN)))
    Revision.objects.update(stored_at=timezone.now() - timedelta(days=91))
    assert "The bin is empty." in words(main(read(client, BIN)))
    other = make_trend("other")
    client.post(f"/admin/trends/trend/{other.pk}/delete/", {"post": "yes"})
    assert versions(trend) == []
    assert len(versions(other)) == 2


def test_the_bin_is_linked_from_the_list(client, trend):
    assert links(read(client, "/admin/trends/trend/"))[BIN] == "Bin"


# Rows of other kinds

KINDS = {
    "audience": (make_audience, "label_en", "label:en"),
    "tag": (make_tag, "label_en", "label:en"),
    "expert": (make_expert, "role_ja", "role:ja"),
    "video": (make_video, "channel", "channel"),
}


@pytest.mark.parametrize("name", KINDS)
def test_rows_of_every_kind_have_versions_and_a_bin(client, editor, name):
    make, column, path = KINDS[name]
    row = make()
    before = getattr(row, column)
    save(client, row, **{column: "Another"})
    first, second = versions(row)
    assert [pieces[1:] for pieces in compared(client, row, first, second)] != []
    restore(client, first, path)
    row.refresh_from_db()
    assert getattr(row, column) == before
    assert versions(row)[-1].text == first.text
    url = f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/delete/"
    client.post(url, {"post": "yes"})
    restore(client, versions(row)[-1])
    assert versions(row)[-1].text == first.text
    assert getattr(type(row).objects.get(pk=row.pk), column) == before


def test_a_quotation_comes_back_with_its_tags_and_with_its_speaker(client, editor):
    trend = make_trend(mentions=1)
    mention = trend.mentions.get()
    expert = mention.expert
    client.post(f"/admin/trends/trend/{trend.pk}/delete/", {"post": "yes"})
    client.post(f"/admin/quotes/mention/{mention.pk}/delete/", {"post": "yes"})
    client.post(f"/admin/quotes/expert/{expert.pk}/delete/", {"post": "yes"})
    assert not Expert.objects.exists()
    response = restore(client, versions(mention)[-1])
    assert messages(response)[1:] == [f"Restored with it: expert “{expert}”."]
    saved = Mention.objects.get(pk=mention.pk)
    assert (saved.expert_id, saved.key, saved.original) == (
        expert.pk,
        mention.key,
        mention.original,
    )
    assert [tag.slug for tag in saved.tag_rows] == ["product"]


# Permissions


@pytest.mark.parametrize(
    ("permissions", "seen", "restored"),
    [
        ([], 403, 403),
        (["view_expert", "change_expert"], 403, 403),
        (["view_trend"], 200, 403),
        (["change_trend"], 200, 403),  # readers see it
        (["change_trend", "publish_trend"], 200, 302),
    ],
    ids=["none", "others", "view", "change", "publish"],
)
def test_who_may_not_see_or_change_a_trend_may_not_its_versions(
    client, trend, permissions, seen, restored
):
    save(client, trend, subtitle_en="Another")
    first = versions(trend)[0]
    client.force_login(make_staff(*permissions))
    for page in ("", f"{first.pk}/", f"compare/?from={first.pk}"):
        assert client.get(pages(trend) + page).status_code == seen
    assert client.get(BIN).status_code == seen
    assert restore(client, first, follow=False).status_code == restored
    if seen == 200 and restored == 403:
        text = words(main(read(client, pages(trend) + f"compare/?from={first.pk}")))
        assert "Restore" not in text


def test_restoring_does_not_change_what_the_editor_may_not(client, trend):
    mention = trend.mentions.first()
    save(client, mention, occasion_en="At a conference")
    client.force_login(make_staff("change_trend", "publish_trend", "view_mention"))
    response = restore(client, versions(trend)[0])
    assert messages(response) == [
        "Nothing was restored. It would also change what you may not change: mentions."
    ]
    assert Mention.objects.get(pk=mention.pk).occasion_en == "At a conference"


def test_restoring_a_deleted_trend_needs_the_right_to_add_one(client, trend):
    client.post(f"/admin/trends/trend/{trend.pk}/delete/", {"post": "yes"})
    client.force_login(make_staff("change_trend", "view_trend"))
    assert restore(client, versions(trend)[-1], follow=False).status_code == 403
    assert "Restore" not in words(main(read(client, BIN)))[len("Deleted") :].replace("restored", "")


@pytest.mark.parametrize(
    "address",
    [
        "history/compare/",
        "history/compare/?from=x",
        "history/compare/?from=99999999999999999999",
        "history/77777/",
    ],
)
def test_versions_that_are_not_there_are_not_found(client, trend, address):
    assert client.get(f"/admin/trends/trend/{trend.pk}/{address}").status_code == 404


def test_versions_of_another_trend_are_not_found(client, trend):
    other = make_trend("other")
    save(client, other, subtitle_en="Another")
    version = versions(other)[0]
    assert client.get(pages(trend) + f"{version.pk}/").status_code == 404
    response = client.post(pages(trend) + "restore/", {"version": version.pk})
    assert response.status_code == 404
