"""The WSGI application, which `trendsite.server` serves."""

import os
import sys
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

from trendsite.connections import only_open_what_is_there

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trendsite.settings")

try:
    only_open_what_is_there(settings.DATABASES["default"])
    django = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"trendsite: {error}")

from django.db import connection

from trends.editing.publishing.schedule import Schedule
from trendsite.health import warn_unless_set_up
from trendsite.kept.change_listener import ChangeListener
from trendsite.kept.commit_watch import CommitWatch
from trendsite.kept.front import Front
from trendsite.kept.page_table import BackgroundPageTable
from trendsite.kept.purges import Purges
from trendsite.kept.renewals import Renewals
from trendsite.kept.replica import Replica
from trendsite.kept.store import Store
from trendsite.request_bodies import with_timed_bodies
from trendsite.request_log import RequestLog

application: WSGIApplication = with_timed_bodies(django)
# Takes the client's address from X-Forwarded-For if a trusted proxy sends it.
application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.TRUSTED_PROXIES)
if not settings.DEBUG:  # with DEBUG each request renders its page, so that edits of templates show
    page_table = BackgroundPageTable()
    listener = ChangeListener() if connection.vendor == "postgresql" else CommitWatch()
    replica = Replica() if "replica" in settings.DATABASES else None
    store = Store(8 * 1024**2, page_table, due_work=Schedule(), listener=listener, replica=replica)
    application = front = Front(application, django, store)
    Renewals(front, page_table, Purges() if settings.PURGE_URL else None)
application = RequestLog(application)
warn_unless_set_up()
