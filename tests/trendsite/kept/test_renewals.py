"""Pages that are rendered again before anybody asks, and once for many who ask together."""

from threading import Event, Thread

import pytest
from django.db import connection, transaction

from tests.support.make import make_source, make_trend
from tests.support.readers import Reader
from trends.models import Trend
from trendsite.kept.renewals import Renewals
from trendsite.shared.writes import Action, Origin, Provenance, writing, written

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/en/trends/example-trend/"


@pytest.fixture
def reader() -> Reader:
    return Reader()


def test_what_was_read_last_is_renewed_first(reader):
    make_trend()
    for address in ("/en/", "/ja/", PAGE, "/en/"):
        reader.get(address)
    assert [address.path for address in reader.front.store.recent(2)] == ["/en/", PAGE]


def test_write_renews_the_pages_that_show_it_before_the_next_reader(reader, monkeypatch):
    trend = make_trend()
    make_trend("other")
    for address in (PAGE, "/en/trends/other/", "/robots.txt"):
        reader.get(address)
    reader.rendered()
    renewed = Event()
    renewals = Renewals(reader.front)
    try:
        answered = []

        def answer(address, **options):
            answered.append(ask(address, **options))
            if len(answered) == 3:
                connection.close()
                renewed.set()

        ask = reader.front.answer
        with monkeypatch.context() as patch:
            patch.setattr(reader.front, "answer", answer)
            with writing(Provenance(Origin.ADMIN)) as write:
                Trend.objects.filter(pk=trend.pk).update(title_en="Rewritten")
                write.record(Action.CHANGED, trend)
                assert not renewals._wanted.is_set()  # nothing is true before the commit
            assert renewed.wait(120)
        assert reader.rendered() == [PAGE]
        assert "Rewritten" in reader.get(PAGE).text
        assert reader.rendered() == []
    finally:
        written.disconnect(dispatch_uid=id(renewals))
        reader.front.store.when_changed = None


def test_burst_of_readers_renders_a_page_once(reader):
    make_trend()
    answers = []

    def read() -> None:
        answers.append(reader.front.answer(address))
        connection.close()

    reader.get(PAGE)
    [address] = reader.counts.rendered
    reader.rendered()
    with transaction.atomic():
        Trend.objects.update(title_en="Rewritten")
        make_source("another")
    threads = [Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reader.rendered() == [PAGE]
    assert len(answers) == 6
    assert "Rewritten" in reader.get(PAGE).text
