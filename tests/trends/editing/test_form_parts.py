"""The contents of a form, and the list of its mistakes."""

import pytest

from tests.support.editing import ADD_TREND, add_row, form_data, make_editor, send, trend_url
from tests.support.make import make_tag, make_trend
from tests.support.reading import parse

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _editor(client):
    client.force_login(make_editor())


def marked(response) -> list[str]:
    return [part.label for part in response.context["form_parts"] if part.has_errors]


def test_contents_name_all_parts_with_the_rare_ones_last(client):
    response = client.get(ADD_TREND)
    labels = [part.label for part in response.context["form_parts"]]
    assert labels[:3] == ["Title and key points", "Current assessment", "The shift"]
    assert labels[-2:] == ["Other trends", "Retirement"]
    html = response.content.decode()
    places = [html.index(f'id="{part.anchor}"') for part in response.context["form_parts"]]
    assert places == sorted(places)


def test_contents_mark_the_parts_of_the_trend_itself(client):
    data = form_data(client, ADD_TREND) | {"retired": "soon", "since": "2024"}
    response = send(client, ADD_TREND, data)
    assert marked(response) == ["Title and key points", "Current assessment", "Retirement"]


def test_each_mistake_leads_to_its_field(client):
    trend = make_trend(drivers=2)
    url = trend_url(trend)
    data = form_data(client, url)
    data |= {"since": "soon", "retired": "never", "drivers-1-order": "0"}
    add_row(data, "timeline", date="2024-13", kind="event", text_en="An event")
    response = send(client, url, data)
    found = [(mistake.label, mistake.anchor) for mistake in response.context["mistakes"]]
    assert found == [
        ("Since", "id_since"),
        ("Key driver “Driver 1”: Place", "id_drivers-1-order"),
        ("Timeline entry, new, no. 1: Date", "id_timeline-0-date"),
        ("Retired", "id_retired"),
    ]
    page = parse(response.content.decode())
    for _label, anchor in found:
        assert page.find(f'.//*[@id="{anchor}"]') is not None


def test_mistake_of_all_rows_leads_to_their_heading(client):
    trend = make_trend(tags=["one"])
    data = form_data(client, trend_url(trend))
    add_row(data, "tagged", tag=make_tag("one").pk)
    response = send(client, trend_url(trend), data)
    found = [mistake.anchor for mistake in response.context["mistakes"]]
    assert found == ["tagged-heading", "tagged-1"]
    assert marked(response) == ["Tags"]
