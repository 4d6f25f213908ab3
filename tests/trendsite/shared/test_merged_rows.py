"""Two tags, experts, audiences or sources that are the same: merged, and the way back."""

import re
from itertools import groupby

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from quotes.models import Expert, Mention, Source
from tests.support.cases import cases
from tests.support.connections import at_once
from tests.support.editing import make_editor, make_staff
from tests.support.loading import export, export_to, load, snapshot
from tests.support.make import (
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
)
from trends.editing.actions import retag
from trends.editing.publishing.publication import begin, publish
from trends.models import Audience, Reading, TaggedTrend, TimelineEntry, Trend, TrendMention
from trendsite.shared.former_slugs import present_slug
from trendsite.shared.merged_rows import merge_rows
from trendsite.shared.models import Tag
from trendsite.shared.revisions.kinds import kind_of
from trendsite.shared.revisions.models import Revision
from trendsite.shared.writes import Origin, Provenance

BY_HAND = Provenance(Origin.ADMIN)

pytestmark = pytest.mark.django_db


def merge(kept, gone):
    return merge_rows(type(kept), kept.pk, gone.pk, BY_HAND)


def page_of(kept, gone, model="trendsite/tag") -> str:
    return f"/admin/{model}/{kept.pk}/merge/{gone.pk}/"


def tags_of(trend) -> list[str]:
    return [tagged.tag.slug for tagged in trend.tagged.select_related("tag")]


def restore(row_or_model, pk, place=0) -> None:
    """Restore a version of a row, counted from the latest."""
    kind = kind_of(row_or_model)
    revision = Revision.objects.of(row_or_model, [pk])[place]
    kind.restore(pk, kind.read(revision.text), revision.extra, BY_HAND)


def test_tags_are_merged_and_old_addresses_lead_to_the_one_that_stays(client):
    both = make_trend("both", tags=["cost", "costs", "policy"])
    one = make_trend("one", tags=["policy", "costs"])
    mention = make_mention()
    mention.tags.add(make_tag("costs"))
    kept, gone = make_tag("cost"), make_tag("costs")
    gone.slug = "prices"
    gone.save()
    merge(kept, gone)
    assert tags_of(both) == ["cost", "policy"]
    assert tags_of(one) == ["policy", "cost"]
    assert [tag.slug for tag in mention.tags.all()] == ["cost"]
    assert not Tag.objects.filter(pk=gone.pk).exists()
    assert kept.former_names() == ["costs", "prices"]
    for former in ("costs", "prices"):
        response = client.get(f"/en/tags/{former}/")
        assert (response.status_code, response["Location"]) == (301, "/en/tags/cost/")
    for row in (both, one, kept, mention):
        row.refresh_from_db()
        assert row.version == 1
        actions = [r.action for r in Revision.objects.of(type(row), [row.pk])]
        assert actions == ["changed", "found"]
    assert Revision.objects.in_bin(Tag).get().object_id == gone.pk


def test_experts_are_merged_with_what_both_are_said_to_have_said():
    kept = make_expert("ana", name_en="Ana")
    gone = make_expert("anna", name_en="Anna")
    trend, other = make_trend("one"), make_trend("two")
    own = make_mention("The same words.", expert=kept)
    twin = make_mention("The same  words.", expert=gone)
    alone = make_mention("Other words.", expert=gone)
    twin.tags.add(make_tag("cost"))
    for mention, shown_on in ((own, trend), (twin, trend), (twin, other), (alone, other)):
        order = TrendMention.objects.count()
        TrendMention.objects.create(trend=shown_on, mention=mention, order=order)
    entry = TimelineEntry.objects.create(
        trend=other,
        date="2030",
        text_en="It grows.",
        kind="forecast",
        outcome="pending",
        made_by="expert",
        expert=gone,
        quotation=twin,
    )
    merge(kept, gone)
    assert set(Mention.objects.values_list("pk", "expert")) == {
        (own.pk, kept.pk),
        (alone.pk, kept.pk),
    }
    assert [tag.slug for tag in own.tags.all()] == ["cost"]
    own.refresh_from_db()
    assert own.version == 1
    versions = Revision.objects.of(Mention, [own.pk])
    assert [revision.action for revision in versions] == ["changed", "found"]
    assert ["cost" in revision.text for revision in versions] == [True, False]
    assert list(trend.mentions.all()) == [own]
    assert set(other.mentions.all()) == {own, alone}
    entry.refresh_from_db()
    assert (entry.expert, entry.quotation) == (kept, own)
    assert Revision.objects.in_bin(Mention).get().object_id == twin.pk
    assert "expert: ana\n" in export("two")


def test_audiences_are_merged():
    trend = make_trend(implications=2)
    kept, gone = make_audience("enterprises"), make_audience("researchers")
    merge(kept, gone)
    assert {point.audience for point in trend.implications.all()} == {kept}
    assert not Audience.objects.filter(pk=gone.pk).exists()


def test_a_working_version_has_the_merged_tag_and_no_collision():
    trend = make_trend(tags=["cost", "policy"])
    working = begin(trend, None)
    merge(make_tag("price"), make_tag("cost"))
    assert tags_of(working) == tags_of(trend) == ["price", "policy"]
    Trend.everything.filter(pk=working.pk).update(subtitle_en="Better")
    publish(Trend.everything.get(pk=working.pk), BY_HAND)
    assert tags_of(trend) == ["price", "policy"]


def test_what_is_exported_after_a_merge_is_loaded_with_the_old_names(tmp_path):
    make_trend("one", tags=["costs"])
    merge(make_tag("cost"), make_tag("costs"))
    merge(make_expert("ana", name_en="Ana"), make_expert("anna", name_en="Anna"))

    files = export_to(tmp_path / "out")
    before = {**files}
    Trend.objects.all().delete()
    Tag.objects.all().delete()
    Expert.objects.all().delete()
    load(*sorted((tmp_path / "out").glob("*.yaml")), overwrite=True)
    assert export_to(tmp_path / "again") == before
    assert present_slug(Tag.objects.all(), "costs") == "cost"
    assert present_slug(Expert.objects.all(), "anna") == "ana"


def test_a_merge_is_undone_from_the_bin_and_the_versions_of_before():
    trend = make_trend(tags=["cost", "costs"])
    before = export(trend.slug)
    kept, gone = make_tag("cost"), make_tag("costs")
    merge(kept, gone)
    restore(Tag, gone.pk)
    restore(Trend, trend.pk, 1)
    assert export(trend.slug) == before
    assert kept.former_names() == []


def cite(trend, *sources) -> None:
    trend.shift_sources.set(sources)
    for text in ("shift_en", "shift_ja"):
        marks = "".join(f"[^{source.key}]" for source in sources)
        setattr(trend, text, f"{getattr(trend, text)}{marks} And more[^{sources[-1].key}].")
    trend.save()


def test_sources_are_merged_and_marks_name_the_one_that_stays(client):
    kept, gone = make_source("report"), make_source("report-pdf")
    both, one = make_trend("both", drivers=1), make_trend("one", mentions=1, timeline=1)
    cite(both, kept, gone)
    cite(one, gone)
    driver = both.drivers.get()
    driver.sources.set([gone])
    driver.body_en = "In code `[^report-pdf]`, and here[^report-pdf]."
    driver.save()
    mention, entry = one.mentions.get(), one.timeline.get()
    for row in (mention, entry):
        row.source = gone
        row.save()
    Reading.objects.create(trend=one, source=gone)
    files = {trend.slug: export(trend.slug) for trend in (both, one)}

    merge(kept, gone)

    both.refresh_from_db()
    one.refresh_from_db()
    assert both.shift_en == "What shifts in both.[^report] And more[^report]."
    assert both.shift_ja == "bothの変化。[^report] And more[^report]."
    assert one.shift_en == "What shifts in one.[^report] And more[^report]."
    driver.refresh_from_db()
    assert driver.body_en == "In code `[^report-pdf]`, and here[^report]."
    for row in (both.shift_sources, one.shift_sources, driver.sources):
        assert row.get() == kept
    for row in (mention, entry):
        row.refresh_from_db()
        assert row.source == kept
    assert one.reading.get() == kept
    assert not Source.objects.filter(pk=gone.pk).exists()
    response = client.get("/en/sources/report-pdf/")
    assert (response.status_code, response["Location"]) == (301, "/en/sources/report/")
    for trend in (both, one):
        last, before = Revision.objects.of(Trend, [trend.pk])
        assert before.text == files[trend.slug]
        assert last.text == export(trend.slug)
        assert (last.action, before.action) == ("changed", "found")
        assert client.get(f"/en/trends/{trend.slug}/").status_code == 200


def test_a_merge_of_sources_is_undone_from_the_bin_and_the_versions_of_before():
    kept, gone = make_source("report"), make_source("report-pdf")
    trend = make_trend(drivers=1)
    cite(trend, kept, gone)
    before = export(trend.slug)
    merge(kept, gone)
    assert export(trend.slug) != before
    restore(Source, gone.pk)
    restore(Trend, trend.pk, 1)
    assert export(trend.slug) == before
    assert kept.former_names() == []


def test_what_was_written_in_a_working_version_does_not_collide_with_a_merge():
    kept, gone = make_source("report"), make_source("report-pdf")
    trend = make_trend(tags=["costs"])
    cite(trend, gone)
    working = begin(trend, None)
    Trend.everything.filter(pk=working.pk).update(
        shift_en=working.shift_en.replace("And more", "And better")
    )
    TaggedTrend.objects.create(content_object=working, tag=make_tag("policy"), order=1)
    merge(kept, gone)
    merge(make_tag("cost"), make_tag("costs"))
    publish(Trend.everything.get(pk=working.pk), BY_HAND)
    trend.refresh_from_db()
    assert trend.shift_en == "What shifts in example-trend.[^report] And better[^report]."
    assert trend.shift_sources.get() == kept
    assert tags_of(trend) == ["cost", "policy"]


def test_the_page_of_two_sources_says_that_marks_are_rewritten(
    client, django_assert_max_num_queries
):
    client.force_login(make_editor())
    kept, gone = make_source("report"), make_source("report-pdf")
    page = page_of(kept, gone, "quotes/source")
    assert "Marks in texts" not in client.get(page).content.decode()
    for n in range(5):
        cite(make_trend(f"trend-{n}"), gone)
    before = snapshot()
    with django_assert_max_num_queries(40):
        response = client.get(page)
    assert snapshot() == before
    notice = "Marks in texts are rewritten: [^report-pdf] becomes [^report]."
    assert notice in response.content.decode()
    done = client.post(page, follow=True)
    assert [str(message) for message in done.context["messages"]] == [
        "“Title of report-pdf” (report-pdf) is merged into “Title of report”. "
        "Its addresses lead there now."
    ]
    data = {"action": "merge_selected", "_selected_action": [kept.pk, make_source("other").pk]}
    response = client.post("/admin/quotes/source/", data)
    assert response.status_code == 302


def test_two_who_merge_in_opposite_directions_lose_nothing():
    one, two = make_tag("one"), make_tag("two")
    merge(one, two)
    before = snapshot()
    with pytest.raises(ValidationError, match="no longer here"):
        merge(two, one)
    with pytest.raises(ValidationError, match="no longer here"):
        merge(one, one)
    assert snapshot() == before


def test_the_page_says_what_will_happen_and_writes_nothing(client, django_assert_max_num_queries):
    client.force_login(make_editor())
    trends = [make_trend(f"trend-{n}", tags=["costs"]) for n in range(5)]
    kept, gone = make_tag("cost"), make_tag("costs", label_en="Costs", label_ja="費用")
    before = snapshot()
    with django_assert_max_num_queries(40):
        response = client.get(page_of(kept, gone))
    assert snapshot() == before
    page = response.content.decode()
    for trend in trends:
        assert f'/admin/trends/trend/{trend.pk}/change/">Title of {trend.slug}</a>' in page
    assert "<h3>5 trends</h3>" in page
    assert "<code>costs</code>" in page
    assert "<del>Costs</del>" in page or "<del>costs</del>" in page
    done = client.post(page_of(kept, gone), follow=True)
    assert [str(message) for message in done.context["messages"]] == [
        "“costs” (costs) is merged into “cost”. Its addresses lead there now."
    ]
    revision = Revision.objects.of(Tag, [kept.pk]).first()
    assert (revision.username, revision.note) == ("editor", "Merged with “costs” (costs)")
    for answer in (client.get, client.post):
        done = answer(page_of(kept, gone), follow=True)
        assert [str(message) for message in done.context["messages"]] == [
            "One of them is no longer here: somebody merged or deleted it."
        ]


def test_the_page_leaves_out_what_does_not_change(client):
    client.force_login(make_editor())
    kept, gone = make_expert("ana", name_en="Ana"), make_expert("anna", name_en="Anna")
    nothing = "<p>Nothing refers to it.</p>"
    page = client.get(page_of(kept, gone, "quotes/expert")).content.decode()
    assert page.count(nothing) == 1
    for expert in (kept, gone):
        make_mention("The same words.", expert=expert)
    page = client.get(page_of(kept, gone, "quotes/expert")).content.decode()
    assert "On both; the one of" in page
    assert "0 mentions" not in page
    assert nothing not in page


def test_two_are_chosen_in_the_list(client):
    client.force_login(make_editor())
    rows = [make_expert(slug, name_en=slug) for slug in ("ana", "anna", "ken")]
    data = {"action": "merge_selected", "_selected_action": [row.pk for row in rows]}
    response = client.post("/admin/quotes/expert/", data, follow=True)
    assert [str(m) for m in response.context["messages"]] == ["Select the two to merge."]
    data["_selected_action"] = [rows[0].pk, rows[1].pk]
    response = client.post("/admin/quotes/expert/", data)
    assert response["Location"] == page_of(rows[0], rows[1], "quotes/expert")
    assert "The other way round" in client.get(response["Location"]).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_number_that_no_row_can_have_is_a_page_that_is_not_there(client, method):
    client.force_login(make_editor())
    page = f"/admin/trendsite/tag/{make_tag('cost').pk}/merge/{10**20}/"
    assert getattr(client, method)(page).status_code == 404


def test_who_may_not_delete_may_not_merge(client):
    client.force_login(make_staff("view_tag", "change_tag"))
    kept, gone = make_tag("cost"), make_tag("costs")
    for answer in (client.get(page_of(kept, gone)), client.post(page_of(kept, gone))):
        assert answer.status_code == 403
    assert Tag.objects.count() == 2


def answer_of(act):
    """Return what tries an act, and returns why it is refused where it is."""

    def tried():
        try:
            return act()
        except ValidationError as error:
            return error.messages[0]

    return tried


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_at_the_same_moment_one_is_told():
    one, two = make_tag("one"), make_tag("two")
    trend = make_trend(tags=["one", "two"])
    answers = at_once(
        answer_of(lambda: merge(one, two).slug), answer_of(lambda: merge(two, one).slug)
    )
    refusal = "One of them is no longer here: somebody merged or deleted it."
    (stayed,) = Tag.objects.all()
    assert sorted(answers) == sorted([stayed.slug, refusal])
    assert tags_of(trend) == [stayed.slug]
    assert stayed.former_names() == [{"one": "two", "two": "one"}[stayed.slug]]


@pytest.mark.django_db(transaction=True)
def test_no_tag_of_a_trend_is_lost_that_is_added_while_it_is_merged():
    kept, gone = make_tag("cost"), make_tag("costs")
    trends = [make_trend("one", tags=["costs"]), make_trend("two")]
    answers = at_once(
        answer_of(lambda: merge(kept, gone).slug),
        answer_of(lambda: retag(trends[1], [gone], [], BY_HAND)[0][0].slug),
    )
    assert answers[0] in ("cost", "Somebody changed something meanwhile. Please try again.")
    stayed = "cost" if answers[0] == "cost" else "costs"
    assert tags_of(trends[0]) == [stayed]
    # The second of the two is refused, or what was added has moved.
    assert tags_of(trends[1]) == ([stayed] if answers[1] == "costs" else [])


@pytest.mark.django_db(transaction=True)
def test_no_mark_is_lost_that_is_written_while_its_source_is_merged():
    kept, gone = make_source("report"), make_source("report-pdf")
    trends = [make_trend("one"), make_trend("two")]
    cite(trends[0], gone)

    def write():
        with transaction.atomic():
            trend = Trend.locked(trends[1].pk)
            cite(trend, Source.objects.get(key="report-pdf"))
        return "written"

    def unless_late(act):
        def tried():
            try:
                return act()
            except (OperationalError, Source.DoesNotExist):
                # PostgreSQL ends one of two that wait for each other, or the merge came first.
                return "refused"

        return tried

    answers = at_once(unless_late(answer_of(lambda: merge(kept, gone).key)), unless_late(write))
    for trend in trends:
        trend.refresh_from_db()
        keys = {source.key for source in trend.shift_sources.all()}
        assert set(re.findall(r"\[\^([^]]+)\]", trend.shift_en)) == keys
    assert answers.count("refused") < 2


SLUGS = ["a", "b", "c", "d"]


class HistoryOfMerges(TestCase):
    """Any sequence of merges keeps each link, each address and each version."""

    @settings(max_examples=cases(3), suppress_health_check=list(HealthCheck))
    @given(
        tagged=st.lists(
            st.lists(st.sampled_from(SLUGS), unique=True, max_size=4), min_size=2, max_size=3
        ),
        pairs=st.lists(st.tuples(st.sampled_from(SLUGS), st.sampled_from(SLUGS)), max_size=3),
    )
    def test_history_is_complete(self, tagged, pairs):
        tags = {slug: make_tag(slug) for slug in SLUGS}
        trends = [make_trend(f"trend-{n}", tags=slugs) for n, slugs in enumerate(tagged)]
        texts = {trend.pk: [export(trend.slug)] for trend in trends}
        leads_to = {slug: slug for slug in SLUGS}
        gone = []
        for kept, other in pairs:
            if kept == other or kept in gone or other in gone:
                continue
            merge(tags[kept], tags[other])
            gone.append(other)
            leads_to = {slug: kept if now == other else now for slug, now in leads_to.items()}
            for trend in trends:
                texts[trend.pk].append(export(trend.slug))
        for trend, slugs in zip(trends, tagged, strict=True):
            # Nothing is lost, nothing is twice, and the order stays.
            assert set(tags_of(trend)) == {leads_to[slug] for slug in slugs}
            assert len(tags_of(trend)) == len(set(tags_of(trend)))
            # Each state that there was is a version, in their order, and there is no other.
            stored = [r.text for r in Revision.objects.of(Trend, [trend.pk]).order_by("pk")]
            states = [text for text, _same in groupby(texts[trend.pk])]
            assert stored == (states if len(states) > 1 else stored)
            assert len(states) > 1 or not stored
        for slug, now in leads_to.items():
            assert present_slug(Tag.objects.all(), slug) == (None if slug == now else now)
        # Backwards, all is as it was.
        for slug in reversed(gone):
            restore(Tag, tags[slug].pk)
        for trend in trends:
            if len(set(texts[trend.pk])) > 1:
                restore(Trend, trend.pk, Revision.objects.of(Trend, [trend.pk]).count() - 1)
            assert export(trend.slug) == texts[trend.pk][0]
        assert TaggedTrend.objects.count() == sum(map(len, tagged))
