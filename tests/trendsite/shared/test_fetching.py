"""Requests to other sites: to public addresses alone, and bounded."""

import pytest
from django.test import override_settings

from tests.support.other_sites import other_sites
from trendsite.shared.fetch_errors import FetchError, Problem
from trendsite.shared.fetching import Answer, fetch, is_public


@pytest.fixture
def sites(tmp_path):
    with other_sites(tmp_path) as sites:
        yield sites


def problem(address: str, **options) -> Problem:
    with pytest.raises(FetchError) as raised:
        fetch(address, **options)
    return raised.value.problem


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::a00:1"),
        *("64:ff9b:1::1", "2002:7f00:1::1", "fc00::1", "fe80::1", "fe80::1%lo", "fec0::1"),
        *("ff02::1", "2001:db8::1", "2001::1"),
    ],
)
def test_addresses_of_this_machine_and_its_networks_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:4700::1111", "::ffff:93.184.215.14", "64:ff9b::5db8:d70e"]
)
def test_addresses_of_the_internet_are_public(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://[::1]:{port}/"),
        *("http://0x7f000001:{port}/", "http://127.1:{port}/", "http://inside.example:{port}/"),
        *("http://user:word@127.0.0.1:{port}/", "http://169.254.169.254/latest/meta-data"),
    ],
)
def test_nothing_private_is_asked(sites, address):
    sites.page("inside.example/")
    with override_settings(FETCH_LOOPBACK=False):
        assert problem(address.format(port=80)) == Problem.PRIVATE
    assert sites.asked == []


def test_a_redirect_to_a_private_address_is_not_followed(sites):
    sites.moved("open.example/", "http://169.254.169.254/latest/meta-data")
    sites.moved("also.example/", "http://[::ffff:10.0.0.1]/")
    assert problem("http://open.example/") == Problem.PRIVATE
    assert problem("http://also.example/") == Problem.PRIVATE


def test_a_name_that_turns_private_is_asked_no_second_time(sites):
    sites.page("turning.example/")
    sites.addresses["turning.example"] = [["127.0.0.1"], ["10.0.0.1"]]
    address = f"http://turning.example:{sites.port}/"
    assert fetch(address).is_ok  # at the address that was checked: there was no other look
    assert sites.resolved == ["turning.example"]
    assert problem(address) == Problem.PRIVATE


def test_a_host_with_one_private_address_is_refused(sites):
    sites.page("both.example/")
    sites.addresses["both.example"] = [["127.0.0.1", "10.0.0.1"]]
    assert problem(f"http://both.example:{sites.port}/") == Problem.PRIVATE
    assert sites.asked == []


def test_the_next_address_of_a_host_is_asked_where_one_refuses(sites):
    sites.page("two.example/")
    sites.addresses["two.example"] = [["127.0.0.2", "127.0.0.1"], ["127.0.0.2", "127.0.0.3"]]
    address = f"http://two.example:{sites.port}/"
    assert fetch(address).is_ok
    assert problem(address) == Problem.CONNECTION


def test_the_port_of_an_address_is_asked(sites):
    sites.page("open.example/")
    assert fetch(f"http://open.example:{sites.port}/").is_ok
    assert problem("http://open.example:9/") == Problem.CONNECTION
    assert problem("http://open.example:99999/") == Problem.ADDRESS
    assert problem("http://open.example:http/") == Problem.ADDRESS


@pytest.mark.parametrize(
    "address", ["ftp://open.example/", "file:///etc/passwd", "javascript:1", "", "http://", "//a"]
)
def test_other_schemes_are_refused(sites, address):
    assert problem(address) == Problem.ADDRESS
    assert sites.asked == []


@pytest.mark.parametrize("location", ["ftp://open.example/", "file:///etc/passwd", "javascript:1"])
def test_a_redirect_to_another_scheme_is_not_followed(sites, location):
    sites.moved("open.example/", location)
    assert problem("http://open.example/") == Problem.ADDRESS


def test_a_redirect_without_a_scheme_keeps_it(sites):
    sites.moved("open.example/", "//secure.example/")
    sites.page("secure.example/")
    assert fetch("https://open.example/").address == "https://secure.example/"


def test_an_answer_comes_with_its_address_and_where_it_moved(sites):
    sites.moved("old.example/a", "https://new.example/b", status=301)
    sites.moved("new.example/b", "/c", status=302)
    sites.page("new.example/c", body=b"text")
    answer = fetch("http://old.example/a", most_bytes=9, purpose="test")
    assert answer == Answer(200, "https://new.example/c", "https://new.example/b", b"text")
    assert {asked.agent for asked in sites.asked} == {"Trendsite/1.0 test (+http://testserver/)"}


def test_an_address_in_another_script_is_asked_and_a_redirect_in_bytes_followed(sites):
    sites.moved("old.example/", "https://new.example/記事".encode().decode("latin-1"))
    sites.page("new.example/%E8%A8%98%E4%BA%8B")
    assert fetch("http://old.example/").is_ok
    assert fetch("https://new.example/記事").is_ok


def test_a_certificate_of_another_host_is_refused(sites):
    sites.page("else.example/")
    sites.uncertified.add("else.example")
    assert problem("https://else.example/") == Problem.CERTIFICATE


def test_a_name_that_leads_nowhere_and_a_closed_port_are_told_apart(sites):
    assert problem("http://nowhere.example/") == Problem.NAME
    assert problem("http://127.0.0.1:9/") == Problem.CONNECTION


def test_redirects_in_a_circle_end(sites):
    sites.moved("round.example/", "/")
    assert problem("http://round.example/") == Problem.REDIRECTS


def test_no_more_is_read_than_asked_for(sites):
    sites.page("big.example/", body=b"x" * 1000)
    assert fetch("http://big.example/").body == b""
    assert problem("http://big.example/", most_bytes=999) == Problem.SIZE
    assert len(fetch("http://big.example/", most_bytes=1000).body) == 1000


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_server_that_trickles_is_left_when_the_time_is_over(sites, scheme):
    sites.page("slow.example/", trickles=True)
    assert problem(f"{scheme}://slow.example/", most_bytes=9_999_999, seconds=0.4) == (
        Problem.TIMEOUT
    )


@pytest.mark.parametrize(
    "address",
    [
        *(r"https://bad.example\@good.example/", r"https://bad.example\\@www.good.example/"),
        *("https://good.example@bad.example/", "https://bad.example#@good.example/"),
        *("https://bad.example?@good.example/", r"https://bad.example/\@good.example/"),
    ],
)
def test_a_host_is_allowed_that_is_asked(sites, address):
    sites.page("bad.example/")
    sites.moved("good.example/", address)
    assert problem(address, hosts=("good.example",)) == Problem.ADDRESS
    assert problem("https://good.example/", hosts=("good.example",)) == Problem.ADDRESS
    assert {asked.host for asked in sites.asked} == {"good.example"}


def test_of_allowed_hosts_those_below_them_are_asked_by_https_alone(sites):
    sites.page("www.good.example/")
    sites.page("notgood.example/")
    sites.moved("www.good.example/away", "https://notgood.example/")
    hosts = ("good.example",)
    assert problem("https://notgood.example/", hosts=hosts) == Problem.ADDRESS
    assert problem("http://www.good.example/", hosts=hosts) == Problem.ADDRESS
    assert sites.asked == []
    sites.page("i.example/")
    assert fetch("https://i.example/", hosts=("i.example",)).is_ok
    sites.moved("i.example/away", "https://notgood.example/")
    assert problem("https://i.example/away", hosts=("i.example",)) == Problem.ADDRESS
