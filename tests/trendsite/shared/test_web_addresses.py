"""Addresses of other sites: which are allowed, and which lead to one page."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from trendsite.shared.web_addresses import WebAddressField, archived_page, comparable


def is_allowed(address: str) -> bool:
    try:
        WebAddressField().run_validators(address)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org",
        "HTTPS://EXAMPLE.ORG/Report",
        "https://my_site.example.com/a",
        "https://_dmarc.example.com/",
        "https://例え.テスト/記事?番号=1#節",
        "https://xn--r8jz45g.xn--zckzah/",
        "https://straße.example.de/",
        "https://🍕.ws/",
        "http://192.0.2.1:8080/",
        "https://[2001:db8::1]/a",
        "https://name:word@example.org/",
    ],
)
def test_address_that_browsers_open_is_allowed(address):
    assert is_allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "example.org",
        "ftp://example.org/",
        "javascript:alert(1)",
        "https://exa mple.org/",
        "https://example/",
        "https://-example.org/",
        "https://example..org/",
        "https://example.org/a\nb",
        r"https://other.example\@example.org/",
        r"https://other.example:\@example.org/",
    ],
)
def test_what_is_no_address_is_refused(address):
    assert address == "" or not is_allowed(address)


@pytest.mark.parametrize("character", ["\u00ad", "\u200b", "\u2060", "\ufeff", "\u200e", "\u2028"])
@pytest.mark.parametrize("address", ["https://ex{}ample.org/", "https://example.org/a{}b?c=d"])
def test_invisible_character_in_an_address_is_named(address, character):
    with pytest.raises(ValidationError, match=rf"U\+{ord(character):04X}"):
        WebAddressField().run_validators(address.format(character))


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/report/",
        "http://example.org/report",
        "https://www.example.org/report",
        "HTTPS://EXAMPLE.ORG/report",
        "https://example.org./report",
        "https://example.org:443/report",
        "http://example.org:80/report?",
        "https://example.org/a/../report",
        "https://example.org/%72eport",
        "https://example.org/report#summary",
        "https://example.org/report#:~:text=a%20b",
        "https://example.org/report?utm_source=newsletter&utm_medium=email",
        "https://example.org/report/?fbclid=abc&gclid=def#x",
        "https://web.archive.org/web/20240102030405/https://example.org/report",
        "https://web.archive.org/web/20240102030405if_/http://www.example.org:80/report",
        "http://web.archive.org/web/2024*/example.org/report/",
        "https://web.archive.org/web/https:/example.org/report",
    ],
)
def test_other_forms_of_an_address_are_the_same_page(address):
    assert comparable(address) == comparable("https://example.org/report")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/?b=1&a=2", "https://example.org?a=2&b=1"),
        ("https://example.org/r%C3%A9sum%C3%A9", "https://example.org/résumé"),
        ("https://example.org/re%CC%81", "https://example.org/r%c3%a9"),
        ("https://例え.jp/", "https://xn--r8jz45g.jp"),
    ],
)
def test_encodings_of_an_address_are_the_same_page(one, other):
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/Report",
        "https://example.org/report/2",
        "https://example.org/report?page=2",
        "https://example.org/report?id=",
        "https://example.org:8080/report",
        "https://docs.example.org/report",
        "https://example.org/report#!/chapter",
        "https://example.org/report#/chapter",
        "https://example.org/report%2F2",
        "https://web.archive.org/about",
    ],
)
def test_other_pages_stay_others(address):
    assert comparable(address) != comparable("https://example.org/report")


@pytest.mark.parametrize("place", ["", "wiki?page="])
def test_pages_named_in_other_encodings_than_utf_8_stay_others(place):
    page = f"https://example.jp/{place}"
    assert comparable(f"{page}%A5%C6%A5%B9") != comparable(f"{page}%A5%C6%A5%C8")  # EUC-JP
    assert comparable(f"{page}%83e%83X") != comparable(f"{page}%83e%83g")  # Shift_JIS
    assert comparable(f"{page}%a5%c6") == comparable(f"{page}%A5%C6")
    assert comparable(f"{page}%E8%A8%93") == comparable(f"{page}訓")


def test_a_copy_in_the_internet_archive_names_its_original_and_its_day():
    assert archived_page("https://web.archive.org/web/20240102030405/http://example.org/a?b=c") == (
        "http://example.org/a?b=c",
        datetime.date(2024, 1, 2),
    )
    assert archived_page("https://web.archive.org/web/2024/example.org/a") == (
        "http://example.org/a",
        None,
    )
    assert archived_page("https://example.org/web/2024/example.org") is None


@given(st.text() | st.builds("https://{}".format, st.text()))
def test_the_compared_form_is_found_for_any_text(text):
    assert comparable(text) == comparable(text.strip())


@given(
    st.from_regex(
        r"https?://(www\.)?[a-z]{1,9}\.org(/[a-z%~é]{0,9}){0,3}(\?[a-z=&]{0,9})?", fullmatch=True
    )
)
def test_comparing_again_changes_nothing(address):
    once = comparable(address)
    assert comparable(f"https://{once}") == once
