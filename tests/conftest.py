"""What all tests share."""

import gc
import os
from collections.abc import Iterator
from contextlib import nullcontext
from threading import Thread

import hypothesis
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.template import Context, RequestContext, Template
from django.test import Client, TransactionTestCase, override_settings
from django.test.signals import template_rendered
from django.utils import translation
from whitenoise.middleware import WhiteNoiseMiddleware

from tests.support.cases import cases
from tests.support.databases import Databases, kept_file
from trends.queries.kept_lists.renewal import renew_lists

# A busy machine is no failure, and each run tries what the one before tried.
hypothesis.settings.register_profile(
    "trendsite",
    deadline=None,
    derandomize=True,
    max_examples=cases(25),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("trendsite")


# The files that take longest, and those that wait for processes. They begin first, so that all
# workers end at about the same time; pytest-django would run the most of them last.
_BEGIN_FIRST = [
    "browser/test_editor.py",
    "browser/test_each_page.py",
    "browser/test_reader.py",
    "browser/",
    "trendsite/test_outages.py",
    "trendsite/test_many_machines.py",
    "trendsite/test_server.py",
    "bench/",
    "trends/test_upgrade.py",
    "test_shipped_site.py",
    "test_fuzz.py",
    "trends/editing/",
    "trends/fixture_format/",
]


def pytest_configure(config) -> None:
    """Make the migrated database, if there is none, while the workers read the tests."""
    if config.option.numprocesses and not hasattr(config, "workerinput"):
        Thread(target=kept_file).start()


def pytest_collection_modifyitems(config, items) -> None:
    """Sort files, whose tests stay together; `--dist loadfile` hands them out in this order."""

    def place(item: pytest.Item) -> tuple[int, str]:
        path = item.path.relative_to(config.rootpath / "tests").as_posix()
        places = (n for n, start in enumerate(_BEGIN_FIRST) if path.startswith(start))
        return next(places, len(_BEGIN_FIRST)), path

    items.sort(key=place)


def pytest_collection_finish() -> None:
    """Do not look for garbage among modules and tests, which stay: it took a sixth of the time."""
    gc.freeze()


@pytest.fixture(scope="session")
def databases(django_test_environment, tmp_path_factory, worker_id) -> Databases:
    if connection.vendor == "sqlite":
        options = connection.settings_dict["OPTIONS"]
        # A busy machine is no failure: let a writer wait longer for another.
        options["timeout"] = 120
        # Tests ask many queries that others have asked before, too many for the usual 128.
        options["cached_statements"] = 1000
        # What a power cut leaves of them is nobody's loss.
        options["init_command"] += "PRAGMA synchronous=OFF;"
    folder = tmp_path_factory.getbasetemp()
    return Databases(folder if worker_id == "master" else folder.parent, worker_id)


@pytest.fixture(scope="session")
def django_db_setup(databases, django_db_blocker) -> Iterator[None]:
    """Connect all tests to a copy of the migrated database."""
    blocker = django_db_blocker
    with blocker.unblock(), databases.in_use(), databases.migrated(), blocker.block():
        yield


@pytest.fixture(scope="module")
def shipped(databases, django_db_setup, django_db_blocker) -> Iterator[None]:
    """Let the module's tests read the shipped site.

    They are marked with `django_db`, and without `transaction=True`, after which the database
    would be empty for those that follow.
    """
    blocker = django_db_blocker
    with blocker.unblock(), databases.shipped(), blocker.block():
        yield


@pytest.fixture(scope="class")
def rows_of_class(request, django_db_setup, django_db_blocker) -> Iterator[None]:
    """Keep the rows that fixtures of a class store until its last test; what tests store goes.

    For rows that many tests read: each would take as long to make them as to test. The tests are
    marked with `django_db`, and without `transaction=True`. Rows are indexed if they are marked
    with `searched`.
    """
    from trends.formats.card_files import without_cards
    from trends.search.index import without_indexing

    wanted = request.node.get_closest_marker("searched")
    indexing = nullcontext() if wanted else without_indexing()
    with django_db_blocker.unblock(), translation.override("en"), transaction.atomic():
        with without_cards(), indexing:
            yield
        transaction.set_rollback(True)


@pytest.fixture
def client() -> Client:
    """Return a client whose `force_login` takes a tenth of the time of a login."""
    from tests.support.editing import EditorsClient

    return EditorsClient()


@pytest.fixture
def django_assert_num_queries(django_assert_num_queries):
    """Count queries while lists are up to date, as they are after each write of an editor."""

    def count(*args, **kwargs):
        renew_lists()
        return django_assert_num_queries(*args, **kwargs)

    return count


@pytest.fixture
def editor(client):
    """Return an editor, as whom the test's client is logged in."""
    from tests.support.editing import make_editor

    user = make_editor()
    client.force_login(user)
    return user


@pytest.fixture(autouse=True, scope="session")
def _rows_of_the_migrations_come_back(databases) -> None:
    """Let a test of several transactions leave the database as it found it."""
    TransactionTestCase._fixture_teardown = lambda case: databases.clear()


@pytest.fixture(autouse=True, scope="session")
def _no_context_but_of_pages(django_test_environment) -> None:
    """Let responses keep the contexts of pages, and not of the hundreds of templates within.

    To copy those of an editor's form, which has a template for each widget, takes a fifth of the
    time of its page.
    """

    def render(template: Template, context: Context) -> str:
        if isinstance(context, RequestContext) and context.template is template:
            template_rendered.send(template, template=template, context=context)
        return template.nodelist.render(context)

    Template._render = render


@pytest.fixture(autouse=True)
def _language_of_the_test():
    """Each test starts in the default language, whatever the one before left behind."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _no_index_where_nothing_is_searched(request) -> Iterator[None]:
    """To index what each test saves took half of the time of all tests.

    It is done in those that are marked as `searched`, and for a browser.
    """
    from trends.search.index import without_indexing

    wanted = request.node.get_closest_marker("searched") or "browser" in request.node.path.parts
    with nullcontext() if wanted else without_indexing():
        yield


@pytest.fixture(autouse=True)
def _no_cards_where_none_is_looked_at(request) -> Iterator[None]:
    """Draw share cards in those tests alone that are marked with `cards`: each takes 50 ms."""
    from trends.formats.card_files import without_cards

    with nullcontext() if request.node.get_closest_marker("cards") else without_cards():
        yield


@pytest.fixture(autouse=True, scope="session")
def _one_file_of_a_site_map() -> Iterator[None]:
    """A file is a range of primary keys, and PostgreSQL goes on counting from test to test."""
    from trends.formats import sitemaps

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sitemaps, "ADDRESSES_A_FILE", 10**9)
        yield


@pytest.fixture(autouse=True, scope="session")
def _passwords_hashed_at_once() -> Iterator[None]:
    """A good hash takes half a second, and each editor of a test has a password."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def _static_files_from_where_they_are(tmp_path_factory) -> Iterator[None]:
    """No test needs collectstatic to have run."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        STORAGES={**settings.STORAGES, "staticfiles": plain},
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_found_once() -> Iterator[None]:
    """Each client has middleware of its own, which would look for all static files: 6 ms."""
    find = WhiteNoiseMiddleware.add_files_from_finders
    folders = settings.STATICFILES_DIRS
    found = {}

    def add(middleware: WhiteNoiseMiddleware) -> None:
        if settings.STATICFILES_DIRS is not folders:
            find(middleware)
            return
        if not found:
            collected, middleware.files = middleware.files, {}
            find(middleware)
            found.update(middleware.files)
            middleware.files = collected
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add)
        yield


@pytest.fixture(autouse=True, scope="session")
def _files_may_be_lost_in_a_power_cut() -> Iterator[None]:
    """To wait for the disk takes 7 ms a file, on a busy machine; processes of tests do wait."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda descriptor: None)
        yield
