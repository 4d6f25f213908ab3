"""The WSGI application: `granian --interface wsgi trendsite.wsgi:application`."""

import os
import sys
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from granian.utils.proxies import wrap_wsgi_with_proxy_headers

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trendsite.settings")

try:
    application: WSGIApplication = get_wsgi_application()
except ImproperlyConfigured as error:
    sys.exit(f"trendsite: {error}")

from trendsite.request_bodies import with_timed_bodies

application = with_timed_bodies(application)
# The address of a client, where a trusted proxy names it in X-Forwarded-For.
application = wrap_wsgi_with_proxy_headers(application, trusted_hosts=settings.TRUSTED_PROXIES)
