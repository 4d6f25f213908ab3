"""Editors who save at the same moment."""

from functools import partial

import pytest
from django.test import Client

from tests.support.connections import at_once
from tests.support.editing import form_data, make_editor, send, trend_url
from tests.support.make import make_expert, make_trend
from trends.models import Trend

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def save_at_once():
    """Saves forms at the same moment, each by an editor of its own. Returns the answers."""
    clients = [Client(), Client()]
    for number, client in enumerate(clients):
        client.force_login(make_editor(f"editor-{number}"))

    def save(*forms):
        opened = [
            partial(send, client, url, form_data(client, url), **changes)
            for client, (url, changes) in zip(clients, forms, strict=True)
        ]
        return at_once(*opened)

    return save


def test_two_editors_may_relate_their_trends_to_each_other(save_at_once):
    for n in range(2):
        one, two = make_trend(f"one-{n}"), make_trend(f"two-{n}")
        answers = save_at_once(
            (trend_url(one), {"related": [two.pk], "slug": f"first-{n}"}),
            (trend_url(two), {"related": [one.pk], "slug": f"second-{n}"}),
        )
        assert [answer.status_code for answer in answers] == [302, 302]
        assert [trend.pk for trend in one.related.all()] == [two.pk]
        assert [trend.pk for trend in two.related.all()] == [one.pk]


def test_two_editors_close_no_circle_of_successors(save_at_once):
    for n in range(4):
        a, b, c, d = (make_trend(f"{letter}-{n}") for letter in "abcd")
        b.successors.add(c)
        d.successors.add(a)
        day = str(a.published)
        answers = save_at_once(
            (trend_url(a), {"successors": [b.pk], "retired": day}),
            (trend_url(c), {"successors": [d.pk], "retired": day}),
        )
        assert sorted(answer.status_code for answer in answers) == [200, 302]
        links = Trend.successors.through.objects.filter(from_trend__in=[a, b, c, d])
        assert links.count() == 3


def test_of_two_editors_of_one_row_the_later_one_is_told(save_at_once):
    for n in range(2):
        expert = make_expert(f"expert-{n}", name_en="Mina")
        url = f"/admin/quotes/expert/{expert.pk}/change/"
        answers = save_at_once((url, {"role_en": "First"}), (url, {"role_en": "Second"}))
        assert sorted(answer.status_code for answer in answers) == [200, 302]
        expert.refresh_from_db()
        assert expert.version == 1
