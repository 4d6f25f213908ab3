"""A selection of the list as a zip, and the way back."""

import io
import zipfile

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from quotes.models import Mention
from tests.support.editing import make_editor, make_staff
from tests.support.loading import export_to
from tests.support.make import give_picture, make_mention, make_source, make_trend, make_video
from trends.editing.actions import retire
from trends.models import Trend
from trendsite.shared.revisions.models import Revision
from trendsite.shared.writes import Action, Origin, Provenance, writing

LIST = "/admin/trends/trend/"
EVIDENCE = f"{LIST}evidence/"

pytestmark = pytest.mark.django_db


def exported(client, *trends):
    data = {"action": "export_files", "_selected_action": [trend.pk for trend in trends]}
    return client.post(LIST, data, follow=True)


def read(response) -> bytes:
    assert response["Content-Disposition"] == 'attachment; filename="trends.zip"'
    return b"".join(response.streaming_content)


def files_in(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_zip_has_what_export_trends_writes_of_the_selection(client, editor, tmp_path):
    one, two = make_trend("one", mentions=1), make_trend("two", mentions=1, published=None)
    make_trend("three")
    give_picture(one.mentions.get().video)
    mention = two.mentions.get()
    mention.video = one.mentions.get().video  # which two trends show
    mention.save()
    found = files_in(read(exported(client, one, two)))
    assert found == export_to(tmp_path, "one", "two")
    assert [name for name in found if name.endswith(".webp")]


def test_what_was_exported_is_imported_again_without_a_question(client, editor):
    trend = make_trend("one", drivers=1)
    retire(trend, Provenance(Origin.ADMIN, editor))
    assert Revision.objects.of(Trend, [trend.pk]).first().exported_at is None
    content = read(exported(client, trend))
    assert Revision.objects.of(Trend, [trend.pk]).first().exported_at is not None
    upload = SimpleUploadedFile("trends.zip", content)
    response = client.post(f"{LIST}import/", {"file": upload}, follow=True)
    assert response.context["proposal"].rows == []


def test_nothing_is_exported_without_a_picture_that_is_there(client, editor):
    trend = make_trend("one", mentions=1)
    video = give_picture(trend.mentions.get().video)
    default_storage.delete(video.thumbnail.name)
    response = exported(client, trend)
    (message,) = map(str, response.context["messages"])
    assert video.thumbnail.name in message


def test_a_selection_that_is_gone_is_told_and_gives_no_empty_zip(client, editor):
    trend = make_trend("one")
    Trend.objects.filter(pk=trend.pk).delete()
    assert [str(message) for message in exported(client, trend).context["messages"]] == [
        "1 selected trend is not in this list any more: somebody changed or deleted it."
    ]


def test_evidence_of_no_trend_is_exported_as_the_command_does(client, editor, tmp_path):
    make_trend("one", mentions=1)
    make_source("uncited")
    lone = make_mention("Nobody quotes this.", video=give_picture(make_video("lonelonelon")))
    with writing(Provenance(Origin.ADMIN, editor)) as write:
        write.record(Action.CHANGED, lone)
    content = client.post(EVIDENCE).getvalue()
    files = files_in(content)
    written = export_to(tmp_path)
    assert set(files) == {name for name in written if name in files}
    assert "evidence.yaml" in files
    assert all(written[name] == files[name] for name in files)
    assert Revision.objects.of(Mention, [lone.pk]).first().exported_at is not None
    upload = SimpleUploadedFile("evidence.zip", content)
    response = client.post(f"{LIST}import/", {"file": upload}, follow=True)
    assert response.context["proposal"].rows == []


def test_that_there_is_no_such_evidence_is_said(client, editor):
    make_trend("one", mentions=1)
    page = client.post(EVIDENCE, follow=True).content.decode()
    assert "All evidence belongs to trends." in page
    assert "Export the evidence of no trend as a zip" in page


def test_no_evidence_without_its_picture(client, editor):
    video = give_picture(make_video("lonelonelon"))
    default_storage.delete(video.thumbnail.name)
    page = client.post(EVIDENCE, follow=True)
    (message,) = map(str, page.context["messages"])
    assert video.thumbnail.name in message


def test_evidence_is_exported_by_those_alone_who_may_import(client):
    assert client.get(EVIDENCE).status_code == 302
    client.force_login(make_staff("view_mention", "view_trend"))
    assert client.post(EVIDENCE).status_code == 403
    client.force_login(make_editor("other"))
    assert client.get(EVIDENCE).status_code == 405
