"""What belongs to the site and to no app."""

import re

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views import static
from django.views.decorators.http import require_safe

_STORED = re.compile(r"(?:thumbnails|drawn)/[0-9a-f]{20}(?:-[0-9]+)?\.(?:avif|webp|jpg)")
_YEAR = 365 * 24 * 60 * 60


@require_safe
def media(request: HttpRequest, name: str) -> HttpResponseBase:
    """A stored thumbnail. Its name holds its digest, so it may be kept for ever."""
    if not _STORED.fullmatch(name):
        raise Http404
    response = static.serve(request, name, document_root=settings.MEDIA_ROOT)
    response["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response
