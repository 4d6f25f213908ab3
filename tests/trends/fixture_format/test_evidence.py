"""The file of the evidence that belongs to no trend: exported, loaded, and guarded as others."""

import io

import pytest
from django.core.management import call_command

from quotes.models import Expert, Mention, Source, Video
from tests.support.editing import form_data, make_editor, send
from tests.support.importing import agree, messages, upload
from tests.support.loading import (
    MINIMAL,
    export_to,
    load,
    load_texts,
    refusal,
    refusal_of,
    write,
)
from tests.support.make import (
    give_picture,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from tests.support.zips import zip_of
from trends.editing.publishing.publication import begin
from trends.fixture_format.loader import Run
from trends.models import Trend, TrendMention
from trendsite.shared.models import Tag
from trendsite.shared.revisions.models import Revision
from trendsite.shared.writes import Origin, Provenance, delete

pytestmark = pytest.mark.django_db

BY_HAND = Provenance(Origin.ADMIN)


@pytest.fixture
def evidence() -> Mention:
    """A trend with a source and a mention, and beside it one of everything; the lone mention."""
    make_trend("shown", mentions=1)
    make_source("uncited", title="Nobody cites it", description_ja="概要")
    give_picture(make_video("lonelonelon"))
    lone = make_mention(
        "Nobody quotes this.",
        source=make_source("of-mention"),
        video=give_picture(make_video("quotedquote")),
        start=70,
        occasion_en="At a talk",
    )
    lone.tags.add(make_tag("product"))
    return lone


def empty() -> None:
    for model in (Trend, Mention, Video, Source, Expert, Tag):
        model._base_manager.all().delete()


def files_in(folder) -> list:
    return sorted(folder.glob("*.yaml"))


def test_an_export_holds_all_evidence_and_fills_an_empty_database(tmp_path, evidence):
    files = export_to(tmp_path / "out")
    text = files["evidence.yaml"].decode()
    for held in ("uncited:", "of-mention:", "Nobody quotes this.", "id: lonelonelon"):
        assert held in text
    assert "Words 0 on shown." not in text
    assert "shown-mention-0" not in text
    assert "youtube-lonelonelon.webp" in files
    assert "youtube-quotedquote.webp" in files

    empty()
    load(*files_in(tmp_path / "out"))
    assert export_to(tmp_path / "again") == files
    mention = Mention.objects.get(original="Nobody quotes this.")
    assert (mention.source.key, mention.video.video_id, mention.start) == (
        "of-mention",
        "quotedquote",
        70,
    )
    assert [tag.slug for tag in mention.tags.all()] == ["product"]
    assert not mention.trends.exists()


def test_what_a_working_version_alone_shows_is_evidence_of_no_trend_yet(tmp_path):
    trend = make_trend()
    mention = make_mention(source=make_source())
    TrendMention.objects.create(trend=begin(trend, None), mention=mention)
    text = export_to(tmp_path)["evidence.yaml"].decode()
    assert "It works, mostly." in text
    assert "report:" in text


def test_where_all_evidence_belongs_to_trends_there_is_no_file_and_an_old_one_is_named(tmp_path):
    make_trend(mentions=1)
    assert "evidence.yaml" not in export_to(tmp_path)
    (tmp_path / "evidence.yaml").write_text("sources: {}\n")
    out = io.StringIO()
    call_command("export_trends", output=tmp_path, stdout=out)
    assert f"{tmp_path / 'evidence.yaml'} belongs to no trend; --prune deletes it." in str(
        out.getvalue()
    )
    call_command("export_trends", output=tmp_path, prune=True, verbosity=0)
    assert not (tmp_path / "evidence.yaml").exists()


def test_loading_it_again_changes_nothing_and_removes_nothing(tmp_path, evidence):
    export_to(tmp_path)
    make_source("later")
    count = Revision.objects.count()
    load(*files_in(tmp_path))
    assert Revision.objects.count() == count
    assert Source.objects.filter(key="later").exists()


def test_a_changed_file_is_a_version_of_each_row_that_it_changes(tmp_path, evidence):
    file = tmp_path / "evidence.yaml"
    export_to(tmp_path)
    file.write_text(file.read_text().replace("At a talk", "At a lecture"))
    load(file)
    evidence.refresh_from_db()
    assert (evidence.occasion_en, evidence.version) == ("At a lecture", 1)
    versions = Revision.objects.of(Mention, [evidence.pk])
    assert [(v.action, v.origin) for v in versions] == [("changed", "file"), ("found", "")]


def test_what_was_changed_on_the_site_is_not_overwritten(tmp_path, evidence, client):
    file = tmp_path / "evidence.yaml"
    export_to(tmp_path)
    client.force_login(make_editor())
    url = f"/admin/quotes/mention/{evidence.pk}/change/"
    send(client, url, form_data(client, url), occasion_en="On the stage")
    message = "\n".join(refusal(file))
    assert "Nobody quotes this." in message
    assert "-occasion: {en: On the stage}" in message
    load(file, overwrite=True)
    evidence.refresh_from_db()
    assert evidence.occasion_en == "At a talk"


def test_its_mistakes_are_told_with_file_and_line(tmp_path):
    text = """
        sources:
          report: {url: "https://example.org/a", titel: x}
        mentions:
          - expert: nobody
            original: Words
            source: rapport
        videos:
          - {platform: youtube, id: short}
    """
    message = "\n".join(refusal_of(tmp_path, text))
    assert "a.yaml:2: sources.report.titel: unknown key; did you mean “title”?" in message
    assert "a.yaml:6: mentions[0].source: unknown source “rapport”" in message
    assert "a.yaml:8: videos[0].id" in message


def test_an_unknown_expert_is_a_mistake(tmp_path):
    message = refusal_of(tmp_path, "mentions: [{expert: mina-exampel, original: Words}]")
    assert "did you mean “mina-example”?" in message[0]


def test_a_source_that_a_trend_describes_differently_is_a_mistake(tmp_path):
    trend = f"{MINIMAL}    shift_sources: [a]\n    sources: {{a: {{url: 'https://a.example/'}}}}\n"
    evidence = "sources: {a: {url: 'https://a.example/', title: Another}}"
    message = refusal(*write(tmp_path, minimal=trend, other=evidence))
    assert "describes this differently" in message[0]


def test_a_load_that_fails_later_leaves_no_evidence(tmp_path, evidence, monkeypatch):
    export_to(tmp_path)
    empty()

    def fail(self, write):
        raise RuntimeError

    monkeypatch.setattr(Run, "write_evidence", fail)
    with pytest.raises(RuntimeError):
        load(*files_in(tmp_path), overwrite=True)
    assert not Expert.objects.exists()
    assert not Mention.objects.exists()


def test_an_import_shows_and_writes_evidence_and_leaves_what_was_changed(
    tmp_path, evidence, client
):
    client.force_login(make_editor())
    export_to(tmp_path)
    source = Source.objects.get(key="uncited")
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    delete([evidence], BY_HAND)
    url = f"/admin/quotes/source/{source.pk}/change/"
    send(client, url, form_data(client, url), title="Somebody does")
    response = upload(client, zip_of(files), "all.zip")
    rows = {row.slug: row for row in response.context["proposal"].rows}
    assert set(rows) == {evidence.key, "uncited"}
    assert rows["uncited"].overwrites is not None
    done = agree(client, response, overwritable=rows["uncited"].token)
    assert messages(done)[0] == "all.zip was imported: 1 row was added or changed."
    source.refresh_from_db()
    assert source.title == "Somebody does"
    assert Mention.objects.filter(original="Nobody quotes this.").exists()


def test_experts_without_mentions_are_in_the_file_of_experts(tmp_path):
    make_expert("silent", name_en="Silent")
    assert b"silent:" in export_to(tmp_path)["experts.yaml"]


def test_an_export_takes_the_same_queries_for_any_evidence(
    tmp_path, evidence, django_assert_max_num_queries
):
    for number in range(5):
        make_mention(f"Words {number}.", source=make_source(f"s-{number}"))
    with django_assert_max_num_queries(60):
        export_to(tmp_path)


def test_a_vocabulary_beside_evidence_is_not_evidence(tmp_path):
    load_texts(tmp_path, a="tags: {cost: {en: cost}}")
    assert Tag.objects.get().slug == "cost"
