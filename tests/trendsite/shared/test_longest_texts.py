"""Every text has a maximum: in forms, in files, in the preview, and in the database."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.migrations.state import ProjectState

from tests.support.editing import errors, filled, make_editor, send, trend_url
from tests.support.loading import MINIMAL, VOCABULARY, changed, load_texts, refusal_of
from tests.support.make import make_trend
from trendsite.shared.text_limits import AddLimit, longest_texts
from trendsite.shared.text_models import LONGEST_TEXT, TextModel

pytestmark = pytest.mark.django_db

LONG = "a " * (LONGEST_TEXT // 2) + "b"


def test_text_that_is_too_long_is_refused_beside_its_field(client):
    client.force_login(make_editor())
    trend = make_trend(drivers=1)
    data = filled(client.get(trend_url(trend)))
    changes = {"shift_en": LONG, "drivers-0-body_en": LONG, "key_points_en": LONG}
    found = errors(send(client, trend_url(trend), data, **changes))
    assert set(changes) <= set(found)
    assert found["shift_en"] == ["Write at most 20,000 characters; there are 20,001."]
    changes = {name: LONG[:-1].strip() for name in ("shift_en", "drivers-0-body_en")}
    assert send(client, trend_url(trend), data, **changes).status_code == 302


def test_text_of_a_file_that_is_too_long_is_refused(tmp_path):
    load_texts(tmp_path, vocabulary=VOCABULARY)
    title = "title: {en: Minimal}"
    [line] = refusal_of(tmp_path, changed(MINIMAL, (title, f"{title}\n    shift: {{en: {LONG}}}")))
    assert line.endswith("Write at most 20,000 characters; there are 20,001.")


def test_preview_of_a_text_that_is_too_long_is_refused(client):
    client.force_login(make_editor())
    for text, status in [(LONG, 400), (LONG[:-1], 200)]:
        response = client.post("/admin/markdown/", {"text": text, "language": "en"})
        assert response.status_code == status


MODELS = [model for model in apps.get_models() if issubclass(model, TextModel)]


def test_each_model_that_editors_write_has_a_limit_in_the_database():
    assert {model.__name__ for model in MODELS} == {
        *("Trend", "Driver", "TimelineEntry", "Assessment", "Falsifier", "Audience"),
        *("Implication", "Preparation", "Source", "Expert", "Video", "Mention", "Tag"),
    }
    for model in MODELS:
        name = f"{model._meta.app_label}_{model._meta.model_name}_lengths"
        [limit] = [one for one in model._meta.constraints if one.name == name]
        longest = longest_texts(model)
        for column, most in longest.items():
            texts = dict.fromkeys(longest, "")
            assert limit.condition.check({**texts, column: "あ" * most}), (model, column)
            assert not limit.condition.check({**texts, column: "あ" * (most + 1)}), (model, column)


@pytest.mark.parametrize(
    "change", [{"title_en": "x" * 201}, {"title_ja": "あ" * 201}, {"shift_en": LONG}]
)
def test_text_that_no_form_saw_is_refused(change):
    trend = make_trend()
    with pytest.raises(DatabaseError), transaction.atomic():
        type(trend).objects.filter(pk=trend.pk).update(**change)
    fitting = {name: text[:-1] for name, text in change.items()}
    assert type(trend).objects.filter(pk=trend.pk).update(**fitting) == 1


def test_migration_that_fails_leaves_the_limits_in_force(monkeypatch, capsys):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL adds a limit without looking at the rows")
    trend, other = make_trend("long"), make_trend("other")
    [limit] = [one for one in type(trend)._meta.constraints if one.name == "trends_trend_lengths"]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        type(trend).objects.filter(pk=trend.pk).update(shift_en=LONG)
        cursor.execute("PRAGMA ignore_check_constraints = OFF")

    def fail(*args):
        raise DatabaseError("disk full")

    editor = connection.schema_editor()
    monkeypatch.setattr(editor, "add_constraint", fail)
    state = ProjectState.from_apps(apps)
    with pytest.raises(DatabaseError, match="disk full"):
        AddLimit("trend", limit).database_forwards("trends", editor, state, state)
    assert "shift_en has 20,001 characters" in capsys.readouterr().err
    with pytest.raises(DatabaseError), transaction.atomic():
        type(trend).objects.filter(pk=other.pk).update(title_en="x" * 201)
