"""What two people save at once and the database refuses, perhaps only at the commit."""

import pytest
from django.contrib.messages import get_messages
from django.db import models

from quotes.models import Expert
from tests.support.connections import refuse_a_commit
from tests.support.editing import ADD_TREND, errors, form_data, make_editor, send
from tests.support.make import make_expert
from trends.models import Trend


@pytest.fixture
def editor(client):
    client.force_login(make_editor())


@pytest.mark.django_db
@pytest.mark.usefixtures("editor")
def test_what_somebody_added_at_the_same_moment_is_told_beside_the_field(client, monkeypatch):
    make_expert("mina-example")
    validate = models.Model.validate_unique
    late = [True]  # the other row is committed after the validation

    def validate_too_early(self, *args, **kwargs):
        if not (late and late.pop()):
            validate(self, *args, **kwargs)

    monkeypatch.setattr(models.Model, "validate_unique", validate_too_early)
    url = "/admin/quotes/expert/add/"
    response = send(client, url, form_data(client, url), name_en="Another", slug="mina-example")
    assert response.status_code == 200
    assert errors(response) == {"slug": ["Expert with this Slug already exists."]}
    assert Expert.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("editor")
def test_a_form_that_the_commit_refuses_is_saved_once_the_other_is_done(client, monkeypatch):
    data = form_data(client, ADD_TREND)
    refused = refuse_a_commit(monkeypatch)
    values = {"slug": "new", "title_en": "New", "status": "emerging", "confidence": "low"}
    response = send(client, ADD_TREND, data, since="2025", **values)
    assert (refused, response.status_code) == ([True], 302)
    assert [trend.title_en for trend in Trend.objects.all()] == ["New"]
    assert len(list(get_messages(response.wsgi_request))) == 1
