"""Inlines with many rows, which a form has folded: they are fetched, and left alone in a save."""

import cProfile
import errno
import re
from collections.abc import Callable
from unittest.mock import Mock

import pytest

from tests.support.editing import (
    ADD_TREND,
    add_row,
    errors,
    form_data,
    make_editor,
    make_staff,
    send,
    trend_url,
)
from tests.support.make import make_trend
from tests.support.reading import parse
from trends.models import Trend
from trendsite.shared.folded_rows import MOST_ROWS
from trendsite.shared.merging.held_requests import prepare
from trendsite.shared.revisions.models import Revision

pytestmark = pytest.mark.django_db

MANY = MOST_ROWS + 2


@pytest.fixture
def trend() -> Trend:
    return make_trend(drivers=MANY, implications=2, timeline=MANY, mentions=1, assessments=1)


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


def folded_data(client, url: str, *prefixes: str) -> dict[str, str]:
    """Return what a browser sends of a form, of which these inlines were not unfolded."""
    data = {
        name: value
        for name, value in form_data(client, url).items()
        if name.split("-")[0] not in prefixes
    }
    return data | {f"{prefix}-FOLDED": "1" for prefix in prefixes}


def rows_of(trend: Trend) -> list[tuple]:
    parts = (trend.drivers, trend.implications, trend.timeline, trend.assessments)
    return [tuple(row.items()) for part in parts for row in part.order_by("pk").values()]


def test_form_has_no_fields_of_folded_rows_but_their_labels_and_what_they_lack(client, trend):
    trend.drivers.filter(order=3).update(body_ja=None)
    page = client.get(trend_url(trend)).content.decode()
    assert 'name="implications-0-text_en"' in page
    assert not re.search(r'name="(drivers|timeline)-\d', page)
    assert "drivers-TOTAL_FORMS" not in page
    form = parse(page)
    row = form.find('.//li[@id="drivers-3"]')
    assert " ".join("".join(row.itertext()).split()) == "Driver 3 ja: 1 text missing"
    folded = form.find('.//*[@id="drivers-group"]/details')
    assert f"{MANY} rows" in "".join(folded.find("summary").itertext())
    assert folded.get("data-unfinished") is not None
    assert form.find('.//*[@id="timeline-group"]/details').get("data-unfinished") is None


def test_fetched_rows_are_those_of_the_whole_form(client, trend):
    rows = client.get(f"{trend_url(trend)}?rows=drivers").content.decode()
    whole = client.get(f"{trend_url(trend)}?rows=all").content.decode()
    assert "FOLDED" not in whole
    assert f'name="drivers-{MANY - 1}-heading_en"' in rows
    assert "timeline" not in rows
    start = whole.index('id="drivers-group"')
    assert rows[rows.index('id="drivers-group"') :].strip() in whole[start:]


def test_rows_that_are_no_part_of_the_form_are_not_found(client, trend):
    assert client.get(f"{trend_url(trend)}?rows=nothing").status_code == 404
    assert client.get(f"{ADD_TREND}?rows=nothing").status_code == 404


def test_rows_are_fetched_by_those_alone_who_may_see_them(client, trend):
    client.force_login(make_staff("view_trend", "view_driver"))
    assert client.get(f"{trend_url(trend)}?rows=drivers").status_code == 200
    assert client.get(f"{trend_url(trend)}?rows=timeline").status_code == 404
    client.force_login(make_staff("view_tag", username="other"))
    assert client.get(f"{trend_url(trend)}?rows=drivers").status_code == 403


def test_a_save_leaves_folded_rows_as_they_are(client, trend):
    trend.drivers.filter(order=5).update(order=50)  # places with a gap
    before = rows_of(trend)
    versions = Revision.objects.count()
    data = folded_data(client, trend_url(trend), "drivers", "timeline")
    assert send(client, trend_url(trend), data).status_code == 302
    assert Revision.objects.count() == versions
    data = folded_data(client, trend_url(trend), "drivers", "timeline")
    assert send(client, trend_url(trend), data, title_en="Another").status_code == 302
    trend.refresh_from_db()
    assert trend.title_en == "Another"
    assert rows_of(trend) == before


def test_rows_beside_folded_ones_are_saved(client, trend):
    data = folded_data(client, trend_url(trend), "timeline")
    data |= {"drivers-3-heading_en": "Changed", "drivers-4-DELETE": "on"}
    add_row(data, "drivers", heading_en="New", body_en="New")
    assert send(client, trend_url(trend), data).status_code == 302
    headings = [driver.heading_en for driver in trend.drivers.order_by("order")]
    expected = [f"Driver {n}" for n in range(MANY) if n != 4]
    expected[3] = "Changed"
    assert headings == [*expected, "New"]
    assert trend.timeline.count() == MANY


def test_rows_that_are_both_sent_and_called_folded_are_those_that_are_sent(client, trend):
    data = form_data(client, trend_url(trend)) | {"drivers-FOLDED": "1"}
    assert send(client, trend_url(trend), data, **{"drivers-0-body_en": "New"}).status_code == 302
    assert trend.drivers.get(order=0).body_en == "New"


def test_a_colleagues_change_to_folded_rows_stays(client, trend):
    mine = folded_data(client, trend_url(trend), "drivers", "timeline")
    theirs = form_data(client, trend_url(trend))
    theirs |= {"drivers-2-body_en": "Theirs", "timeline-0-DELETE": "on"}
    add_row(theirs, "drivers", heading_en="Added", body_en="Added")
    assert send(client, trend_url(trend), theirs).status_code == 302
    before = rows_of(trend)
    assert send(client, trend_url(trend), mine, subtitle_en="Mine").status_code == 302
    trend.refresh_from_db()
    assert trend.subtitle_en == "Mine"
    assert rows_of(trend) == before


def test_refused_form_keeps_folded_what_has_no_error(client, trend):
    data = folded_data(client, trend_url(trend), "drivers", "timeline")
    response = send(client, trend_url(trend), data, since="soon")
    assert list(errors(response)) == ["since"]
    page = response.content.decode()
    assert 'name="drivers-FOLDED"' in page
    assert not re.search(r'name="drivers-\d', page)
    again = data | {"since": "2024"}
    assert send(client, trend_url(trend), again).status_code == 302


def test_folded_rows_with_an_error_are_shown_with_it(client, trend):
    mention = trend.mentions.get()
    trend.timeline.filter(text_en="Event 1").update(
        kind="forecast",
        outcome="pending",
        made_by="expert",
        expert=mention.expert,
        quotation=mention,
    )
    data = folded_data(client, trend_url(trend), "drivers", "timeline")
    response = send(client, trend_url(trend), data, **{"trend_mentions-0-DELETE": "on"})
    assert [name for name in errors(response) if name.endswith("-quotation")]
    page = response.content.decode()
    assert 'name="timeline-1-quotation"' in page
    assert 'name="timeline-FOLDED"' not in page
    assert 'name="drivers-FOLDED"' in page


def test_status_is_compared_with_folded_assessments(client):
    trend = make_trend(assessments=MANY)
    newest = trend.assessments.order_by("-date").first()
    other = "established" if newest.status != "established" else "emerging"
    data = folded_data(client, trend_url(trend), "assessments")
    response = send(client, trend_url(trend), data, status=other)
    assert "status" in errors(response)


def test_translator_saves_beside_folded_rows(client, trend):
    client.force_login(make_staff("translate_ja"))
    data = folded_data(client, trend_url(trend), "drivers", "timeline")
    before = rows_of(trend)
    response = send(client, trend_url(trend), data, subtitle_ja="新しい副題")
    assert response.status_code == 302, errors(response)
    assert rows_of(trend) == before


def test_preview_shows_folded_rows(client, trend):
    data = folded_data(client, trend_url(trend), "drivers", "timeline")
    page = send(client, trend_url(trend), data, _preview="1").content.decode()
    assert f"Driver {MANY - 1}" in page


def test_what_was_typed_is_restored_beside_folded_rows(client, trend):
    data = folded_data(client, trend_url(trend), "drivers", "timeline")
    response = send(client, trend_url(trend), data, subtitle_en="Typed", _restored="1")
    page = response.content.decode()
    assert 'value="Typed"' in page
    assert 'name="drivers-FOLDED"' in page


@pytest.mark.parametrize("late", [False, True], ids=["in the save", "before the rows are read"])
def test_form_with_folded_rows_comes_back_after_an_outage(client, trend, monkeypatch, late):
    data = folded_data(client, trend_url(trend), "drivers", "timeline")
    before = rows_of(trend)
    fail = Mock(side_effect=[OSError(errno.ENOSPC, "No space left on device"), None])
    if late:
        monkeypatch.setattr("trendsite.shared.admin.editors.prepare", failing_once(prepare, fail))
    else:
        monkeypatch.setattr("trendsite.shared.admin.editors.save_form", fail)
    response = send(client, trend_url(trend), data, subtitle_en="Typed")
    assert response.status_code == 503
    page = response.content.decode()
    assert 'name="drivers-FOLDED"' in page
    assert 'value="Typed"' in page
    monkeypatch.undo()
    assert send(client, trend_url(trend), data, subtitle_en="Typed").status_code == 302
    assert rows_of(trend) == before


def failing_once(function: Callable, fail: Mock) -> Callable:
    def failing(*args):
        fail()
        return function(*args)

    return failing


def calls_of(function: Callable, *args) -> int:
    """Return how many functions a call runs: its cost, the same on every machine."""
    profile = cProfile.Profile()
    profile.runcall(function, *args)
    return sum(entry.callcount for entry in profile.getstats())


def test_form_of_185_rows_does_at_most_a_third_of_the_work_of_the_whole_form(client):
    kinds = {"drivers": 30, "mentions": 40, "implications": 45, "timeline": 60, "assessments": 10}
    url = trend_url(make_trend(**kinds))
    page = len(client.get(url).content)  # loads templates as well
    assert page < len(client.get(f"{url}?rows=all").content) / 5
    assert calls_of(client.get, url) < 0.3 * calls_of(client.get, f"{url}?rows=all")
