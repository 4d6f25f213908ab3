"""What is kept of lists: true after each write, noticed where it is not, found by indexes."""

import datetime
import random
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import Q, Sum
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from quotes.models import Mention, Source, TaggedMention, Video
from tests.support.clock import set_day
from tests.support.days import days_from_now, today, tomorrow
from tests.support.make import (
    date,
    make_audience,
    make_expert,
    make_mention,
    make_source,
    make_tag,
    make_trend,
    make_video,
)
from tests.support.plans import plan_of
from tests.support.reading import read, words
from trends.editing.desk import review_is_due, unreviewed
from trends.editing.publishing.publication import begin, discard
from trends.levels import OUTCOMES, Confidence, EntryKind, ForecastState, Status
from trends.models import (
    Assessment,
    Audience,
    Implication,
    ListCount,
    ListedChange,
    ListedForecast,
    ListedMention,
    ListedTrend,
    TimelineEntry,
    Trend,
    TrendMention,
    UnlistedChange,
)
from trends.pages.a_z import gather_a_z
from trends.queries.changes import (
    Changes,
    FeedTrends,
    Span,
    changes_of,
    latest_changes,
    latest_forecasts,
    latest_moves,
)
from trends.queries.facets import count_facets
from trends.queries.filters import ListFilters, Sort, filtered
from trends.queries.forecasts import ForecastSelection
from trends.queries.kept_lists import renewal
from trends.queries.kept_lists.counts import counts_by_value
from trends.queries.kept_lists.kept_forecasts import KeptForecasts
from trends.queries.kept_lists.kept_trends import (
    LinkedOrder,
    kept_a_to_z,
    kept_trends,
    trends_linked_to,
)
from trends.queries.kept_lists.renewal import renew_lists
from trends.queries.kept_lists.unlisting import install_triggers, remove_triggers
from trends.queries.letters import letter_of
from trends.queries.mentions import LatestMentions, mentions_for_readers
from trends.queries.ordering import title_key
from trends.queries.related import related_tags
from trends.queries.vocabularies import AUDIENCES, EXPERTS, TAGS
from trendsite.shared.merged_rows import merge_rows
from trendsite.shared.models import Tag
from trendsite.shared.writes import Action, Origin, Provenance, writing

FILTERS = [
    "",
    "status=growing",
    "status=growing&status=declining",
    "status=growing&status=declining&confidence=low",
    "status=growing&status=declining&tag=y",
    "status=growing&confidence=low&confidence=high&tag=y&year=2024",
    "status=growing&confidence=low&audience=developers&expert=ada",
    "tag=y",
    "tag=y&tag=x",
    "tag=unknown",
    "audience=developers&status=emerging",
    "expert=ada",
    "year=2024&year=2025",
]
SPANS = [
    Span(),
    Span(since=date("2024-02"), until=date("2025-Q2")),
    Span(until=date("2025-03-15")),
    Span(since=date("2030")),
]


@pytest.fixture(scope="class")
def many(rows_of_class):
    """Trends of every kind: drafts, retired ones, assessed and not."""
    chance = random.Random(1)
    audiences = [make_audience(slug) for slug in ("developers", "researchers")]
    mentions = [
        make_mention(f"{name} {n}", expert=make_expert(name, name_en=name.title()))
        for name in ("ada", "ben")
        for n in range(2)
    ]
    source = make_source("dated", date=date("2024-06"))
    for number, dated in enumerate([None, "2024-Q2", "2024-05-01", "2024-Q2"]):
        mentions[number].tags.add(make_tag("y"), make_tag(["x", "z"][number % 2]))
        mentions[number].video = make_video(f"video-{number:05}", date=dated and date(dated))
        mentions[number].source = source
        mentions[number].save()
    for number in range(24):
        trend = make_trend(
            f"t-{number:02}",
            title_en=f"{chance.choice('ÄbZ9')} {number}",
            title_ja=f"{chance.choice('あカ漢A')}{number}",
            status=chance.choice(Status.values),
            confidence=chance.choice(Confidence.values),
            since=date(chance.choice(["2023", "2024-Q2", "2024-05-01", "2025-12"])),
            tags=chance.sample(["x", "y", "z"], k=2),
            published=chance.choice([None, *[datetime.date(2025, n, 1) for n in range(1, 9)]]),
        )
        if trend.published and number % 7 == 0:
            Trend.objects.filter(pk=trend.pk).update(retired=datetime.date(2026, 1, 1))
        Implication.objects.create(trend=trend, audience=chance.choice(audiences), lead_en="So")
        for mention in chance.sample(mentions, k=2):
            TrendMention.objects.create(trend=trend, mention=mention)
        for year in chance.sample(range(2020, 2026), k=chance.randint(0, 2)):
            Assessment.objects.create(
                trend=trend,
                date=date(str(year)),
                status=trend.status,
                confidence=trend.confidence,
                reconstructed=year == 2020,
            )
        for outcome in chance.choices(OUTCOMES[EntryKind.FORECAST], k=3):
            TimelineEntry.objects.create(
                trend=trend,
                kind="forecast",
                text_en="It will be so.",
                note_en="As it was.",
                date=date(chance.choice(["2024", "2025-06", "2025-09-30", "2026-Q1", "2027/2028"])),
                made=chance.choice([None, date("2024-05"), date("2025-07-31"), date("2026-02")]),
                outcome=outcome,
                settled=None
                if outcome == "pending"
                else chance.choice([None, date("2025-07"), date("2026-02-01")]),
                probability=chance.choice([None, 20, 70]),
            )


def are_kept(day) -> bool:
    """Return whether nothing is noted, and no day before or after has other lists."""
    other_days = ListedTrend.objects.filter(Q(until__lte=day) | Q(valid_from__gt=day))
    return not (UnlistedChange.objects.exists() or other_days.exists())


def shown(day):
    return Trend.everything.for_list(day)


def trends_of(row) -> list[Trend]:
    """Return the published trends of an expert, a tag or an audience."""
    match row:
        case Tag():
            of_row = Trend.objects.filter(tagged__tag=row)
        case Audience():
            of_row = Trend.objects.filter(implications__audience=row)
        case _:
            of_row = Trend.objects.filter(mentions__expert=row)
    return list(of_row.published(today()).distinct())


def kept_rows() -> dict[str, list[str]]:
    """Return all that is kept, but for the keys of the rows."""
    rows = {
        model.__name__: sorted(
            str([value for name, value in row.items() if name != "id"])
            for row in model._default_manager.order_by().values()
        )
        for model in (ListedTrend, ListedChange, ListedForecast, ListedMention)
    }
    counts = ListCount.objects.order_by().values_list("of", "facet", "value")
    rows["ListCount"] = sorted(map(str, counts.annotate(sum=Sum("number")).exclude(sum=0)))
    return rows


def assert_kept_as_made_anew() -> None:
    """Compare what is kept after some rows were listed anew with a list of all."""
    renew_lists()
    assert are_kept(timezone.localdate())
    kept = kept_rows()
    remove_triggers(connection)
    install_triggers()
    assert kept == kept_rows()


def listed_mentions():
    rows = ListedMention.objects.values_list("mention", "tag", "dated")
    assert len(set(rows)) == len(rows)
    return set(rows)


def dated_of(mention):
    dates = [row.date.to_column() for row in (mention.video, mention.source) if row and row.date]
    return dates[0] if dates else ""


def cards(page):
    section = page.find(".//section[@aria-labelledby='mentions-heading']")
    return list(section.iter("blockquote"))


def assert_forecasts_as_computed(day) -> None:
    """Compare all forecasts as they are kept with the same as those of an expert are found."""
    kept, computed = KeptForecasts(day), ForecastSelection(day)
    counts = computed.counts()
    assert kept.counts() == counts
    settled = computed.settled()
    assert {facet: kept.settled()[facet] for facet in settled} == settled
    for state in ("", *ForecastState):
        expected = list(computed.listed(state))
        assert len(expected) == (counts[state] if state else sum(counts.values()))
        assert list(kept.listed(state)) == expected
        assert list(kept.listed(state)[-3:]) == expected[-3:]


@pytest.mark.django_db
@pytest.mark.usefixtures("many")
class TestManyTrends:
    @pytest.mark.parametrize("language", ["en", "ja"])
    @pytest.mark.parametrize("retired", ["", "include", "only"])
    def test_lists_are_filtered_and_ordered(self, language, retired):
        renew_lists()
        among = {"": Trend.objects.in_force, "only": Trend.objects.retired}

        def changed(row):
            return str(row.reviewed or ""), row.published

        # Slugs come last and ascend, also where what is before them descends.
        in_order = {
            "changed": changed,
            "since": lambda row: row.since,
            "confidence": lambda row: (Confidence.values.index(row.confidence), *changed(row)),
            "title": lambda row: title_key(getattr(row, f"title_{language}")),
        }
        for query in FILTERS:
            form = ListFilters(QueryDict(query))
            rows = among.get(retired, Trend.objects.published)(today())
            rows = filtered(rows, form.frozen)
            for sort, key in in_order.items():
                by_slug = rows.for_list(today()).order_by("slug")
                expected = sorted(by_slug, key=key, reverse=sort != "title")
                found = kept_trends(shown, today(), form.frozen, sort, language, retired)
                assert list(found) == expected, (query, sort)
                assert list(found[-3:]) == expected[-3:]  # from the end

    def test_facets_are_counted(self):
        renew_lists()
        in_force = set(Trend.objects.in_force(today()).values_list("pk", flat=True))
        for query in FILTERS:
            chosen = ListFilters(QueryDict(query)).chosen
            assert count_facets(chosen) == count_facets(chosen, in_force), query

    @pytest.mark.parametrize("span", [*SPANS, "t-03"])
    def test_changes_are_counted_and_ordered(self, span):
        renew_lists()
        pks = Trend.objects.published(today()).values_list("pk", flat=True)
        if span == "t-03":
            span = Span(Trend.objects.get(slug=span), since=date("2024"))
            pks = [span.trend.pk]
        among = [
            (table, pk, dated, what)
            for _trend, table, pk, dated, what in changes_of(list(pks), today())
            if (not span.since or dated.first_day >= span.since.first_day)
            and (not span.until or dated.first_day <= span.until.last_day)
        ]
        found = Changes(span, today())
        assert +Counter(found.counts()) == Counter(what for *_row, what in among)
        expected = sorted(among, key=lambda row: (row[0], -row[1]))
        expected.sort(key=lambda row: row[2], reverse=True)
        assert list(found.keys()) == [row[:3] for row in expected]
        assert list(found.keys()[-3:]) == [row[:3] for row in expected[-3:]]

    def test_forecasts_are_counted_and_ordered(self):
        renew_lists()
        assert_forecasts_as_computed(today())

    @pytest.mark.parametrize("most", [3, 12, 100])
    def test_the_latest_changes_of_forecasts_are_found(self, most):
        renew_lists()
        pks = Trend.objects.published(today()).values_list("pk", flat=True)
        dates = defaultdict(dict)
        for _trend, table, pk, dated, what in changes_of(list(pks), today()):
            if table in ("made", "settled"):
                dates[pk][table] = (dated, what)

        def latest(pk):
            return dates[pk].get("settled", dates[pk].get("made"))[0], pk

        expected = [
            (pk, what, day)
            for pk in sorted(dates, key=latest, reverse=True)[:most]
            for day, what in (dates[pk][of] for of in ("made", "settled") if of in dates[pk])
        ]
        found = latest_forecasts(today(), FeedTrends(), "", most)
        assert [(change.row.pk, change.what, change.date) for change in found] == expected
        shown = [change for change in latest_changes(today(), most) if change.said]
        assert {change.date for change in shown} <= {day for _pk, _what, day in expected}

    @pytest.mark.parametrize("language", ["en", "ja"])
    def test_a_to_z_has_all_by_letter(self, client, language):
        renew_lists()
        rows = [
            (letter_of(title, language), title_key(title), trend.slug)
            for trend in Trend.objects.published(today())
            for title in [getattr(trend, f"title_{language}")]
        ]
        found = gather_a_z(today(), language, "1")
        assert [trend.slug for trend in found.trends] == [slug for *_key, slug in sorted(rows)]
        assert [group.letter for group in found.groups] == sorted({row[0] for row in rows})

    @pytest.mark.parametrize("directory", [EXPERTS, TAGS, AUDIENCES])
    def test_directories_count_the_trends_of_each_row(self, directory):
        renew_lists()
        path = f"{directory.vocabulary.trends}__in"
        published = list(Trend.objects.published(today()))
        rows = directory.vocabulary.model._default_manager.filter(**{path: published})
        counts = Counter(row.slug for row in rows.distinct() for _trend in trends_of(row))
        assert {row.slug: row.on_trends for row in directory.rows("en")} == counts

    def test_trends_of_a_tag_and_an_audience_are_ordered(self):
        renew_lists()
        for row, name, key in [
            (Tag.objects.get(slug="y"), LinkedOrder.IN_FORCE_FIRST, lambda _trend: 0),
            (
                Audience.objects.get(slug="developers"),
                LinkedOrder.BY_STATUS,
                lambda trend: Status.values.index(trend.status),
            ),
        ]:
            expected = sorted(trends_of(row), key=lambda trend: trend.slug)
            expected.sort(key=lambda trend: trend.published, reverse=True)
            expected.sort(key=lambda row: (bool(row.retired), not row.retired and key(row)))
            kind = "tag" if isinstance(row, Tag) else "audience"
            found = trends_linked_to(
                kind, row.pk, name, lambda pks: Trend.objects.filter(pk__in=pks)
            )
            assert list(found) == expected
            assert list(found[-3:]) == expected[-3:]

    def test_tags_of_the_same_trends_are_counted(self):
        renew_lists()
        tag = Tag.objects.get(slug="y")
        others = Counter(
            other.slug for trend in trends_of(tag) for other in trend.tags.all() if other != tag
        )
        found = related_tags(tag)
        assert {near.row.slug: near.in_common for near in found} == others
        assert [near.in_common for near in found] == sorted(others.values(), reverse=True)

    def test_lists_follow_whatever_is_written(self):
        renew_lists()
        trend = Trend.objects.published().in_force().order_by("slug")[0]
        changes = [
            lambda: Trend.objects.filter(pk=trend.pk).update(status="declining", title_en="Aa"),
            lambda: trend.tagged.all().delete(),
            lambda: trend.assessments.create(
                date=date("2025-12"), status="growing", confidence="low"
            ),
            lambda: TrendMention.objects.filter(trend=trend).delete(),
            lambda: Trend.objects.filter(pk=trend.pk).update(published=None),
            lambda: Trend.objects.filter(slug="t-03").delete(),
        ]
        for change in changes:
            change()
            assert not are_kept(today())
            assert_kept_as_made_anew()

    def test_mentions_of_a_tag_follow_whatever_is_written(self):
        renew_lists()
        first, second, third, fourth = Mention.objects.order_by("pk")
        changes = [
            lambda: Video.objects.filter(mentions=second).update(date=date("2021")),
            lambda: Source.objects.filter(mentions=first).update(date=date("2020")),
            lambda: Mention.objects.filter(pk=third.pk).update(video=fourth.video),
            lambda: TaggedMention.objects.filter(content_object=second, tag__slug="y").delete(),
            lambda: TaggedMention.objects.filter(tag__slug="z").update(tag=make_tag("new")),
            lambda: first.tags.add(make_tag("new")),
            lambda: merge_rows(Tag, make_tag("x").pk, make_tag("new").pk, Provenance(Origin.ADMIN)),
            lambda: TrendMention.objects.filter(mention=first).delete(),
            lambda: TrendMention.objects.filter(mention=fourth).update(mention=first),
            third.trend_mentions.all().delete,
            lambda: Mention.objects.filter(pk=third.pk).delete(),
            lambda: Trend.objects.update(published=None, retired=None),
        ]
        for change in changes:
            change()
            renew_lists()
            assert are_kept(today())
            for tag in Tag.objects.all():
                shown = mentions_for_readers().filter(tagged__tag=tag)
                assert list(LatestMentions(tag, today())) == list(shown)
            assert listed_mentions() == {
                (tagged.content_object_id, tagged.tag_id, str(dated_of(tagged.content_object)))
                for tagged in TaggedMention.objects.all()
            }

    def test_trends_to_assess_again_are_those_that_were_assessed_longest_ago(self, settings):
        renew_lists()
        numbers = set()
        for settings.REVIEW_DAYS in (30, 365, 500, 730, 1500):
            due = Trend.objects.in_force(today()).filter(review_is_due(today()))
            rows = sorted(
                due.with_movement(today()).order_by("-slug"),
                key=lambda row: (str(row.reviewed or ""), row.published),
            )
            assert list(unreviewed(today())) == [row.pk for row in rows]
            numbers.add(len(rows))
        assert len(numbers) > 1

    def test_lists_are_complete_after_triggers_are_installed(self):
        renew_lists()
        kept = kept_rows()
        assert all(kept.values())
        remove_triggers(connection)
        Mention.objects.order_by("pk")[0].tags.add(make_tag("unnoticed"))
        TaggedMention.objects.filter(tag__slug="unnoticed").delete()
        install_triggers()
        assert are_kept(today())
        assert kept_rows() == kept

    def test_a_tag_lists_its_latest_mentions_and_says_so(self, client, monkeypatch):
        assert "The latest" not in client.get("/en/tags/y/").content.decode()
        expected = [words(card) for card in cards(read(client, "/en/tags/y/"))]
        monkeypatch.setattr("trends.pages.tag.MOST_MENTIONS", 3)
        monkeypatch.setattr("trends.queries.mentions.MOST_MENTIONS", 3)
        page = read(client, "/en/tags/y/")
        assert [words(card) for card in cards(page)] == expected[:3]
        assert "The latest 3 with this tag." in words(page)
        assert "新しい順に3件まで掲載しています。" in words(read(client, "/ja/tags/y/"))

    @pytest.mark.parametrize("of", ["tags/y", "audiences/developers"])
    def test_a_feed_is_the_same_of_many_trends_and_of_few(self, client, monkeypatch, of):
        few = client.get(f"/en/{of}/feed.json").content
        monkeypatch.setattr("trends.queries.changes._FEW", 0)
        assert client.get(f"/en/{of}/feed.json").content == few

    def test_forecasts_follow_whatever_is_written(self):
        renew_lists()
        trend, other = Trend.objects.published().order_by("slug")[:2]
        entries = TimelineEntry.objects.filter(trend=trend)
        first, second, third = entries.order_by("pk")
        changes = [
            lambda: entries.update(outcome="missed", settled=None, date=date("2025")),
            lambda: TimelineEntry.objects.filter(pk=first.pk).update(trend=other, key="moved"),
            lambda: TimelineEntry.objects.filter(pk=second.pk).update(outcome="", kind="event"),
            third.delete,
        ]
        for change in changes:
            change()
            assert not are_kept(today())
            assert_kept_as_made_anew()

    @pytest.mark.parametrize(
        "day",
        [
            "2025-04-30",  # forecasts are open that will be settled, or shown
            "2025-07-31",  # a forecast is made
            "2025-09-29",
            "2025-09-30",  # one is over
            "2025-10-01",  # it is due
            "2026-01-31",
            "2026-02-01",  # outcomes are known
            "2028-12-31",
            "2029-01-01",
        ],
    )
    def test_lists_follow_the_calendar(self, monkeypatch, day):
        renew_lists()
        before = kept_rows()
        set_day(monkeypatch, datetime.date.fromisoformat(day))
        assert_kept_as_made_anew()
        assert kept_rows() != before
        assert_forecasts_as_computed(datetime.date.fromisoformat(day))

    def test_who_is_quoted_counts_after_a_mention_is_given_to_another(self):
        renew_lists()
        mention = TrendMention.objects.exclude(mention__expert__slug="ben")[0].mention
        mention.expert = make_expert("cid", name_en="Cid")
        mention.save()
        assert not are_kept(today())
        assert_kept_as_made_anew()

    def test_a_write_through_the_door_leaves_lists_kept(self, client):
        renew_lists()
        trend = Trend.objects.published().in_force().order_by("slug")[0]
        with writing(Provenance(Origin.ADMIN)) as write:
            write.announce([trend])
            trend.title_en = "Zebra"
            trend.save()
            write.record(Action.CHANGED, trend)
        assert are_kept(today())
        last = client.get("/en/?sort=title&page=9").content.decode()
        assert "Zebra" in last

    def test_counts_without_trends_are_gone(self):
        renew_lists()
        Trend.objects.all().delete()
        renew_lists()
        for listed in (ListedTrend, ListedChange, ListedForecast):
            assert not listed.objects.exists()
        counts = ListCount.objects.order_by().values("of", "facet", "value")
        assert not counts.annotate(sum=Sum("number")).exclude(sum=0).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "days"),
    [
        ({"date": "2031"}, ["2032-01-01"]),
        ({"date": "2031", "made": "2030-05"}, ["2030-05-01", "2032-01-01"]),
        # It would be due if the outcome was not known by then.
        (
            {"date": "2031", "outcome": "missed", "settled": "2032-02"},
            ["2031-12-31", "2032-01-01", "2032-02-01"],
        ),
        ({"date": "2031", "outcome": "missed", "settled": "2030-02"}, ["2030-02-01", "2031-12-31"]),
        ({"date": "2031", "outcome": "missed"}, ["2031-12-31"]),
        ({"date": "9999"}, []),
    ],
)
def test_each_day_on_which_a_forecast_becomes_another_is_noticed(monkeypatch, values, days):
    values = {name: value if name == "outcome" else date(value) for name, value in values.items()}
    kind = {"kind": "forecast", "outcome": "pending", "text_en": "So.", "note_en": "Yes."}
    TimelineEntry.objects.create(trend=make_trend(), **kind | values)
    renew_lists()
    noticed = []
    while until := ListedTrend.objects.filter(language="en").get().until:
        noticed.append(str(until))
        assert are_kept(until - datetime.timedelta(days=1))
        assert not are_kept(until)
        set_day(monkeypatch, until)
        renew_lists()
        assert not are_kept(until - datetime.timedelta(days=1))
    assert noticed == days


@pytest.mark.django_db
def test_a_write_leaves_the_rows_of_changes_and_forecasts_that_stay_the_same():
    trend = make_trend("one", assessments=2)
    kind = {"kind": "forecast", "outcome": "pending", "text_en": "So."}
    TimelineEntry.objects.create(trend=trend, date=date("2031"), **kind)
    renew_lists()
    with CaptureQueriesContext(connection) as queries, writing(Provenance(Origin.ADMIN)):
        Trend.objects.filter(pk=trend.pk).update(title_en="Other")
    written = [query["sql"] for query in queries if not query["sql"].startswith("SELECT")]
    assert any("trends_listedtrend" in sql for sql in written)
    assert not [sql for sql in written if "trends_listedc" in sql or "trends_listedf" in sql]


@pytest.mark.django_db
def test_forecasts_of_drafts_and_working_versions_are_not_listed():
    trend = make_trend("one", published=None, assessments=1)
    kind = {"kind": "forecast", "outcome": "pending", "text_en": "So.", "made": date("2025")}
    TimelineEntry.objects.create(trend=trend, date=date("2031"), **kind)
    other = make_trend("other", assessments=1)
    TimelineEntry.objects.create(trend=other, date=date("2031"), **kind)
    begin(other, None)
    renew_lists()
    assert set(ListedForecast.objects.values_list("trend", flat=True)) == {other.pk}
    assert set(ListedChange.objects.values_list("trend", flat=True)) == {other.pk}
    assert counts_by_value("forecasts", "state") == {"pending": 1}


@pytest.mark.django_db
def test_a_day_on_which_a_trend_appears_or_retires_is_noticed(client, monkeypatch):
    appears = make_trend("appears", published=tomorrow())
    retires = make_trend("retires")
    Trend.objects.filter(pk=retires.pk).update(retired=days_from_now(2))
    renew_lists()
    assert are_kept(today())
    assert not are_kept(tomorrow())
    for days, slugs in ((1, {"appears", "retires"}), (2, {"appears"})):
        day = days_from_now(days)
        set_day(monkeypatch, day)
        renew_lists()
        assert are_kept(day)
        listed = ListedTrend.objects.filter(in_force=1, language="en")
        assert set(listed.values_list("slug", flat=True)) == slugs
    assert appears.pk


@pytest.fixture
def another():
    """A thread with a connection of its own, which takes what it is to do."""
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(connections.close_all).result(timeout=120)


def wait_until_another_waits() -> None:
    """Return when another transaction waits for this one; on SQLite it waits before it begins."""
    if connection.vendor == "sqlite":
        return
    end = time.monotonic() + 120
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    pytest.fail("No transaction waits.")


def listed_and_counted() -> tuple[list[str], int]:
    """Return which trends lists in English have, and how many are counted."""
    listed = ListedTrend.objects.filter(language="en").order_by("slug")
    count = ListCount.objects.filter(of="in_force", facet="").aggregate(number=Sum("number"))
    return list(listed.values_list("slug", flat=True)), count["number"] or 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_deleted", [False, True])
def test_a_trend_that_two_processes_list_anew_is_listed_and_counted_once(another, is_deleted):
    trend = make_trend("one")
    renew_lists()
    if is_deleted:
        trend.delete()
    ListedTrend.objects.update(until=today())
    with transaction.atomic():
        renew_lists()
        other = another.submit(renew_lists)
        wait_until_another_waits()
    other.result(timeout=120)
    assert listed_and_counted() == (([], 0) if is_deleted else (["one"], 1))


# Written without `writing()`, in a table of its own: nobody locks the trend itself.
def assess(trend: Trend) -> None:
    trend.assessments.create(date=date("2025-12"), status="growing", confidence="low")


@pytest.mark.django_db(transaction=True)
def test_what_is_written_while_another_process_lists_anew_is_noted_still(another):
    trend = make_trend("one")
    assert not are_kept(today())
    with transaction.atomic():
        assess(trend)
        other = another.submit(renew_lists)
        if connection.vendor == "postgresql":  # on SQLite it waits
            other.result(timeout=120)
    other.result(timeout=120)
    renew_lists()
    assert set(ListedTrend.objects.values_list("reviewed", flat=True)) == {
        date("2025-12").to_column()
    }


@pytest.mark.django_db(transaction=True)
def test_who_writes_a_trend_that_is_being_listed_anew_waits_and_notes_it_again(another):
    trend = make_trend("one")
    with transaction.atomic():
        renew_lists()
        other = another.submit(assess, trend)
        wait_until_another_waits()
    other.result(timeout=120)
    assert not are_kept(today())


@pytest.mark.django_db
@pytest.mark.parametrize("before", [slice(1), slice(1, None)])
def test_a_further_language_has_lists_after_migrate(settings, before):
    make_trend("one")
    everything = settings.LANGUAGES
    settings.LANGUAGES = everything[before]
    renew_lists()
    settings.LANGUAGES = everything
    install_triggers()
    assert set(ListedTrend.objects.values_list("language", flat=True)) == {"en", "ja"}
    assert listed_and_counted() == (["one"], 1)
    assert are_kept(today())


@pytest.mark.django_db
@pytest.mark.parametrize("published", [None, date("2024")])
def test_a_migration_makes_no_trigger_anew_that_is_there(published):
    make_trend("one", published=published and published.first_day)
    renew_lists()
    with CaptureQueriesContext(connection) as queries:
        install_triggers()
    assert queries
    assert not [query["sql"] for query in queries if "CREATE" in query["sql"]]


@pytest.mark.django_db
def test_a_working_version_leaves_lists_kept():
    trend = make_trend("one")
    renew_lists()
    working = begin(trend, None)
    assert are_kept(today())
    discard(working)
    assert are_kept(today())


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_a_write_waits_for_no_trend_of_another_and_leaves_it_to_be_listed(another):
    one, two = make_trend("one"), make_trend("two")

    def save_two() -> None:
        with writing(Provenance(Origin.ADMIN)):
            Trend.objects.filter(pk=two.pk).update(slug="second")

    with transaction.atomic():
        Trend.locked(one.pk)
        another.submit(save_two).result(timeout=120)
        assert listed_and_counted() == (["second"], 1)
        notes = UnlistedChange.objects.filter(kind="trend")
        assert list(notes.values_list("row_id", flat=True)) == [one.pk]
    with writing(Provenance(Origin.ADMIN)):
        pass
    assert listed_and_counted() == (["one", "second"], 2)
    assert not UnlistedChange.objects.exists()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite joins no counts")
@pytest.mark.django_db(transaction=True)
def test_a_write_is_done_where_its_counts_cannot_be_joined_yet(monkeypatch):
    def fail() -> None:
        raise DatabaseError("deadlock detected")

    monkeypatch.setattr(renewal, "_join", fail)
    with writing(Provenance(Origin.ADMIN)):
        make_trend("one")
    monkeypatch.undo()
    assert ListCount.objects.filter(is_pending=True).exists()
    with writing(Provenance(Origin.ADMIN)):
        make_trend("other")
    assert not ListCount.objects.filter(is_pending=True).exists()
    assert listed_and_counted() == (["one", "other"], 2)


@pytest.mark.django_db
def test_a_write_lists_nothing_anew_that_only_a_new_day_changed():
    make_trend("one")
    renew_lists()
    ListedTrend.objects.update(until=today())
    with writing(Provenance(Origin.ADMIN)):
        make_trend("other")
    assert set(ListedTrend.objects.filter(until=today()).values_list("slug", flat=True)) == {"one"}
    assert ListedTrend.objects.filter(slug="other").exists()


@pytest.fixture(scope="class")
def thousands(rows_of_class):
    """So many rows of what is kept that an index is worth its while, and the databases know it."""
    rows = [
        ListedTrend(
            trend_id=number,
            language=language,
            is_public=1,
            in_force=1,
            slug=f"t-{number}",
            published=datetime.date(2025, 1, 1),
            status=Status.values[number % 4],
            confidence=Confidence.values[number % 3],
            rank=number % 3,
            stage=number % 4,
            since=date(str(2000 + number % 20)),
            reviewed=date(str(2000 + number % 17)).to_column(),
            letter=100 + number % 26,
            title_key=f"{number % 97}",
            counted={},
        )
        for number in range(2000)
        for language in ("en", "ja")
    ]
    ListedTrend.objects.bulk_create(rows)
    ListedChange.objects.bulk_create(
        ListedChange(
            trend_id=number // 2,
            table=["assessment", "made"][number % 2],
            row_id=number,
            dated=date(str(2000 + number % 20)),
            is_a_day=0,
            what=["moved", "made"][number % 2],
        )
        for number in range(4000)
    )
    ListedForecast.objects.bulk_create(
        ListedForecast(
            entry_id=number,
            trend_id=number,
            place=number % 6,
            soonest=date(str(2000 + number % 17)) if number % 6 < 2 else None,
            date=date(str(2000 + number % 17)),
            counted=[],
        )
        for number in range(4000)
    )
    days = [f"{year}-01-01" for year in range(2000, 2020)]
    ListedMention.objects.bulk_create(
        ListedMention(mention_id=number, tag_id=number % 3, dated=str(2000 + number % 17))
        for number in range(4000)
    )
    counts = [("in_force", "expert", str(number), 1) for number in range(2000)]
    counts += [("published", "tag", "1", 2000)]
    counts += [("in_force", "", "", 2000), ("in_force", "status", "growing", 500)]
    counts += [("status:growing", "confidence", "high", 500)]
    counts += [("changes", "what", what, 2000) for what in ("moved", "made")]
    counts += [("changes", what, day, 100) for what in ("moved", "made") for day in days]
    counts += [("forecasts", "state", state.value, 4000 // 6) for state in ForecastState]
    ListCount.objects.bulk_create(
        ListCount(of=of, facet=facet, value=value, number=number)
        for of, facet, value, number in counts
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        # As after a write of all these.
        cursor.execute("DELETE FROM trends_unlistedchange")


@pytest.mark.django_db
@pytest.mark.usefixtures("thousands")
class TestThousands:
    @pytest.mark.parametrize(
        "query",
        [
            "page=2",
            "page=90",
            "page=99",
            "sort=since&page=2",
            "sort=confidence&page=99",
            "sort=title&page=2",
            "status=growing&page=2",
        ],
    )
    def test_lists_are_read_by_an_index_and_never_sorted(self, client, query):
        assert are_kept(today())
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/en/?{query}").status_code == 200
        assert_by_index(captured)

    @pytest.mark.parametrize("sort", Sort)
    @pytest.mark.parametrize("part", [slice(0, 20), slice(480, 500)])
    def test_a_list_of_two_filters_is_read_by_an_index_and_never_sorted(self, sort, part):
        chosen = (("status", ("growing",)), ("confidence", ("high",)))
        trends = kept_trends(lambda _day: Trend.everything.all(), today(), chosen, sort, "en")
        with CaptureQueriesContext(connection) as captured:
            assert not list(trends[part])  # none of these exists
        assert_by_index(captured)

    @pytest.mark.parametrize("part", [slice(0, 200), slice(1800, 2000)])
    def test_a_to_z_is_read_by_an_index_and_never_sorted(self, part):
        with CaptureQueriesContext(connection) as captured:
            assert len(list(kept_a_to_z("en", 2000)[part])) == 200
        assert_by_index(captured)

    @pytest.mark.parametrize(
        ("span", "part"),
        [
            (Span(), slice(60, 90)),
            (Span(), slice(3970, 4000)),
            (Span(since=date("2004"), until=date("2010")), slice(0, 30)),
            (Span(since=date("2004"), until=date("2010")), slice(1370, 1400)),
            (Span(trend=Trend(pk=7)), slice(0, 30)),
        ],
    )
    def test_changes_are_read_by_an_index_and_never_sorted(self, span, part):
        changes = Changes(span, today())
        with CaptureQueriesContext(connection) as captured:
            assert len(list(changes.keys()[part])) == (2 if span.trend else 30)
        assert_by_index(captured)

    @pytest.mark.parametrize("state", ["", "due", "confirmed"])
    @pytest.mark.parametrize("part", [slice(0, 30), slice(600, 630)])
    def test_forecasts_are_read_by_an_index_and_never_sorted(self, state, part):
        with CaptureQueriesContext(connection) as captured:
            assert not list(
                KeptForecasts(today()).listed(state)[part]
            )  # none of these has an entry
        assert_by_index(captured)

    def test_trends_to_assess_again_are_read_by_an_index_and_never_sorted(self):
        with CaptureQueriesContext(connection) as captured:
            assert len(unreviewed(today())[:501]) == 501
        assert_by_index(captured)

    @pytest.mark.parametrize("order", LinkedOrder)
    @pytest.mark.parametrize("part", [slice(0, 20), slice(1980, 2000)])
    def test_trends_of_a_row_are_read_by_an_index_and_never_sorted(self, order, part, monkeypatch):
        monkeypatch.setattr("trends.queries.kept_lists.kept_trends._FEW", 0)
        trends = trends_linked_to("tag", 1, order, lambda pks: [])
        with CaptureQueriesContext(connection) as captured:
            assert list(trends[part]) == []
        assert_by_index(captured)

    def test_mentions_of_a_tag_are_read_by_an_index_and_never_sorted(self):
        with CaptureQueriesContext(connection) as captured:
            assert len(LatestMentions(Tag(pk=1), today())) == 0
        assert_by_index(captured)

    @pytest.mark.parametrize("trends", [FeedTrends(), FeedTrends("tag")])
    def test_a_feed_finds_the_latest_by_an_index(self, trends):
        with CaptureQueriesContext(connection) as captured:
            latest_moves(today(), trends, "y", 40)
            latest_forecasts(today(), trends, "y", 40)
        steps = " ".join(step for query in captured for step in plan_of(query["sql"]))
        for index in ("listed_changes_of_kind", "forecast_made"):
            assert f"trends_{index}" in steps

    def test_the_latest_changes_read_no_forecast_that_waits_for_its_outcome(self):
        with CaptureQueriesContext(connection) as captured:
            latest_changes(today(), 5)
        [sql] = [query["sql"] for query in captured if "trends_listedchange" in query["sql"]]
        assert "trends_listed_changes_of_kind" in " ".join(plan_of(sql))

    def test_counts_beside_several_filters_are_read_from_an_index(self, client):
        with CaptureQueriesContext(connection) as captured:
            client.get("/en/?status=growing&confidence=high&year=2004&tag=x")
        asked = [query["sql"] for query in captured if '"since__year"' in query["sql"]]
        assert len(asked) == 1
        assert "trends_trend" not in asked[0]
        for step in plan_of(asked[0]):
            assert not step.startswith("Seq Scan"), step
            if step.startswith(("SCAN trends_listed", "SEARCH trends_listed")):
                assert "USING COVERING INDEX" in step, step


def assert_by_index(captured: CaptureQueriesContext) -> None:
    """Fail if a query of what is kept reads a whole table, or sorts to find a page."""
    asked = [query["sql"] for query in captured if "trends_list" in query["sql"]]
    assert any("ORDER BY" in sql for sql in asked)
    for sql in asked:
        for step in plan_of(sql):
            is_index_read = "USING COVERING INDEX" in step and "LIMIT" in sql
            assert is_index_read or not step.startswith(("SCAN trends_list", "Seq Scan")), (
                f"{step}: {sql}"
            )
            if "GROUP BY" not in sql:
                assert not step.startswith(("USE TEMP B-TREE", "Sort")), f"{step}: {sql}"
