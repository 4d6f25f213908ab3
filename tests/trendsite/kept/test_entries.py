"""What is kept of an answer."""

import datetime

from django.http import HttpResponse

from trendsite.kept.entries import Validity, keep


def test_what_is_the_same_has_one_etag_in_every_process():
    def digest(policy: str) -> str:
        response = HttpResponse("<p>", headers={"Content-Security-Policy": policy})
        day = datetime.date(2026, 1, 1)
        return keep(response, [], Validity(day, None, {}), datetime.date.max).digest

    assert digest("img-src 'self'; base-uri 'none'") == digest("base-uri 'none'; img-src 'self'")
    assert digest("img-src 'self'; base-uri 'none'") != digest("base-uri 'none'")
