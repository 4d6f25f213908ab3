"""Two servers and one PostgreSQL, of the test's own: it is stopped, restarted and copied.

Both may run on any machine. The first one keeps a connection for each thread, the second one a
pool. The tests run where all others run on PostgreSQL, whose tables they copy.
"""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.db import connection
from django.test import Client

from quotes.models import Expert
from tests.support import clusters
from tests.support.editing import form_data, make_editor
from tests.support.make import make_expert
from tests.support.servers import PATIENCE, Server

pytestmark = pytest.mark.skipif(
    connection.vendor != "postgresql" or not clusters.IS_INSTALLED,
    reason="needs the programs of PostgreSQL, and DATABASE_URL to name one",
)

PAGE = "/en/experts/mina-example/"


class Site:
    """An editor, an expert, and the servers that show them."""

    def __init__(self, cluster: clusters.Cluster, folder: Path) -> None:
        self.cluster = cluster
        self._folder = folder
        self.expert = make_expert()
        self._client = Client()
        self._client.force_login(make_editor())
        self._form = f"/admin/quotes/expert/{self.expert.pk}/change/"

    @contextmanager
    def server(self, name: str, **settings: str) -> Iterator[Server]:
        folder = self._folder / name
        folder.mkdir()
        server = Server(folder, PATIENCE, DATABASE_URL=self.cluster.url, **settings)
        server.start()
        try:
            yield server
        finally:
            server.stop()

    def form(self, role: str) -> bytes:
        """Return what a browser sends of the expert's form."""
        data = form_data(self._client, self._form) | {"role_en": role}
        return urlencode({**data, "csrfmiddlewaretoken": "a" * 32}, doseq=True).encode()

    def save(self, server: Server, form: bytes):
        """Return the answer of a server to a form."""
        cookies = f"sessionid={self._client.cookies['sessionid'].value}; csrftoken={'a' * 32}"
        return server.ask("POST", self._form, form, Cookie=cookies)


@contextmanager
def tables_copied_to(cluster: clusters.Cluster) -> Iterator[None]:
    """Copy the database of the tests, and let the block use the copy."""
    tests = connection.get_connection_params()
    source = {name: str(tests[name]) for name in ("host", "port", "user", "dbname")}
    dump = [clusters.PROGRAMS / "pg_dump", psycopg.conninfo.make_conninfo(**source)]
    rows = subprocess.run(dump, stdout=subprocess.PIPE, check=True).stdout
    psql = [clusters.PROGRAMS / "psql", "--quiet", "--set=ON_ERROR_STOP=1", cluster.url]
    subprocess.run(psql, input=rows, stdout=subprocess.DEVNULL, check=True)
    before = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": cluster.port, "NAME": "postgres"}
    connection.settings_dict["USER"] = "postgres"
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict |= before


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("machines")
    with django_db_blocker.unblock(), clusters.cluster() as cluster, tables_copied_to(cluster):
        yield Site(cluster, folder)


@pytest.fixture(scope="module")
def servers(site) -> Iterator[list[Server]]:
    with site.server("first") as first, site.server("second", DATABASE_POOL="2") as second:
        yield [first, second]


def test_edit_through_one_server_is_seen_through_the_other(site, servers):
    first, second = servers
    for editing, reading in ((first, second), (second, first)):
        role = f"Saved at {editing.port}"
        assert role.encode() not in reading.get(PAGE)
        assert site.save(editing, site.form(role)).status == 302
        assert role.encode() in editing.get(PAGE)
        reading.wait_until(lambda: role.encode() in reading.get(PAGE))  # noqa: B023


def test_both_servers_hear_of_what_is_written_past_them(site, servers):
    for server in servers:
        server.get(PAGE)
    Expert.objects.update(role_en="Written by SQL")
    for server in servers:
        server.wait_until(lambda: b"Written by SQL" in server.get(PAGE))  # noqa: B023


class Load:
    """Readers who ask servers again and again, for a page that is kept and for others."""

    def __init__(self, servers: list[Server]) -> None:
        self._over = threading.Event()
        self.kept: list[int] = []
        self.others: dict[Server, list] = {server: [] for server in servers}
        self._threads = [
            threading.Thread(target=ask, args=[server])
            for server in servers
            for ask in (self._ask_for_kept, self._ask_for_others)
        ]

    def _ask_for_kept(self, server: Server) -> None:
        while not self._over.is_set():
            self.kept.append(server.ask("GET", PAGE).status)

    def _ask_for_others(self, server: Server) -> None:
        while not self._over.wait(0.05):
            number = len(self.others[server])
            self.others[server].append(server.ask("GET", f"/ja/search/?q=word{number}"))

    def last(self, server: Server) -> int:
        """Return the status of the last answer that was not kept."""
        answers = self.others[server]
        return answers[-1].status if answers else 0

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def test_postgresql_may_be_restarted_under_load(site, servers):
    form = site.form("Typed while it was gone")
    for server in servers:
        server.get(PAGE)
    with Load(servers) as load:
        for server in servers:
            server.wait_until(lambda: load.last(server) == 200)  # noqa: B023
        connection.close()
        site.cluster.stop("immediate")
        for server in servers:
            server.wait_until(lambda: load.last(server) == 503)  # noqa: B023
            refused = site.save(server, form)
            assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
            assert b"Typed while it was gone" in refused.body
        site.cluster.start()
        for server in servers:
            server.wait_until(lambda: load.last(server) == 200)  # noqa: B023
    assert set(load.kept) == {200}
    for answers in load.others.values():
        assert {answer.status for answer in answers} == {200, 503}
        for answer in answers:
            if answer.status == 503:
                assert answer.headers["Retry-After"] == "5"
                assert b'lang="ja"' in answer.body
    first, second = servers
    assert site.save(first, form).status == 302
    site.expert.refresh_from_db()
    assert site.expert.role_en == "Typed while it was gone"
    second.wait_until(lambda: b"Typed while it was gone" in second.get(PAGE))


# A replica


def rows_read(replica: clusters.Cluster) -> int:
    with psycopg.connect(replica.url) as asking:
        query = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = %s"
        return asking.execute(query, [Expert._meta.db_table]).fetchone()[0]


@contextmanager
def behind(replica: clusters.Cluster) -> Iterator[None]:
    """Let no change arrive at a replica during the block."""
    with psycopg.connect(replica.url, autocommit=True) as asking:
        asking.execute("SELECT pg_wal_replay_pause()")
        yield
        asking.execute("SELECT pg_wal_replay_resume()")


def test_pages_are_read_from_a_replica_and_are_never_behind(site):
    with site.cluster.standby() as replica, site.server("third", REPLICA_URL=replica.url) as third:
        assert b"Mina Example" in third.get(PAGE)
        third.wait_until(lambda: rows_read(replica) > 0)
        with behind(replica):
            Expert.objects.update(role_en="The writer alone has it")
            third.wait_until(lambda: b"The writer alone" in third.get(PAGE))
            assert b"The writer alone" in third.get(PAGE)
        connection.close()
        site.cluster.stop("immediate")
        third.wait_until(lambda: third.ask("GET", "/en/search/?q=mina").status == 200)
        assert b"The writer alone" in third.get(PAGE)
        site.cluster.start()
        replica.stop("immediate")
        third.wait_until(lambda: third.ask("GET", "/en/search/?q=example").status == 200)
        replica.start()
