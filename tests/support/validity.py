"""What programs read, held to the schemas of others: Atom, JSON Feed, site maps, schema.org."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import jsonschema
import rnc2rng
from lxml import etree, html
from pyld import jsonld
from rfc3339_validator import validate_rfc3339
from schema_org import registry

_SCHEMAS = Path(__file__).parent / "schemas"
_ATOM = "{http://www.w3.org/2005/Atom}"
_PLACES_OF_ADDRESSES = {"href", "src", "cite", "action", "poster", "data"}
_LITERALS = {"Text", "URL", "Date", "DateTime", "Number", "Integer", "Boolean", "Language"}


# Atom


@cache
def _atom_schema() -> etree.RelaxNG:
    grammar = rnc2rng.dumps(rnc2rng.load(str(_SCHEMAS / "atom.rnc")))
    # The translator declares the compact form's prefix for no namespace, which XML has not.
    return etree.RelaxNG(etree.fromstring(grammar.replace('xmlns:local=""', "").encode()))


def check_atom(content: bytes, address: str) -> feedparser.FeedParserDict:
    """Fails on an Atom feed that RFC 4287 or the W3C's feed validator would find fault with.

    Returns what a program reads from it.
    """
    feed = etree.fromstring(content)
    schema = _atom_schema()
    assert schema.validate(feed), schema.error_log
    parsed = feedparser.parse(content)
    assert not parsed.bozo, parsed.get("bozo_exception")
    # The rules that the schema leaves to Schematron.
    entries = feed.findall(f"{_ATOM}entry")
    assert feed.find(f"{_ATOM}author") is not None
    for entry in entries:
        _check_links(entry, required={"alternate"})
        [body] = entry.findall(f"{_ATOM}content")
        assert body.get("type") == "html"
        _check_html(body.text)
        published, updated = (entry.findtext(f"{_ATOM}{name}") for name in ("published", "updated"))
        assert published <= updated
    links = _check_links(feed, required={"alternate", "self"})
    assert links["self"] == address
    ids = [part.findtext(f"{_ATOM}id") for part in [feed, *entries]]
    _check_ids(ids)
    for moment in feed.iter(f"{_ATOM}updated", f"{_ATOM}published"):
        assert validate_rfc3339(moment.text), moment.text
    for title in feed.iter(f"{_ATOM}title"):
        assert title.text.strip()
    return parsed


def _check_links(part: etree._Element, *, required: set[str]) -> dict[str, str]:
    links = part.findall(f"{_ATOM}link")
    found = {link.get("rel", "alternate"): link.get("href") for link in links}
    assert len(found) == len(links), "two links with one relation"
    assert required <= set(found)
    for href in found.values():
        _check_absolute(href)
    return found


def _check_ids(ids: list[str]) -> None:
    assert len(set(ids)) == len(ids)
    for id_ in ids:
        # RFC 4151: an authority, a date, and what is its own.
        assert re.fullmatch(r"tag:[a-z0-9.-]+,\d{4}(-\d\d){0,2}:[\w/.~!$&'()*+,;=:@%-]+", id_), id_


def _check_absolute(address: str) -> None:
    parts = urlsplit(address)
    assert parts.scheme in {"http", "https", "mailto"}, address
    assert parts.netloc or parts.scheme == "mailto", address
    assert re.fullmatch("[!-~]+", address), address


def _check_html(content: str) -> None:
    """No script, no style, and no address that hangs on where it is read."""
    for element in html.fragments_fromstring(f"<div>{content}</div>")[0].iter(etree.Element):
        assert element.tag not in {"script", "style", "iframe", "object", "embed", "meta", "base"}
        for name, value in element.attrib.items():
            assert not re.match("on|style$", name), name
            if name in _PLACES_OF_ADDRESSES:
                _check_absolute(value)


# JSON Feed


@cache
def _json_feed_schema() -> jsonschema.Draft202012Validator:
    schema = json.loads((_SCHEMAS / "json-feed.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    assert "date-time" in formats.checkers, "without rfc3339-validator no date is checked"
    return jsonschema.Draft202012Validator(schema, format_checker=formats)


def check_json_feed(content: bytes, address: str) -> None:
    """Fails on what is no JSON Feed 1.1, or not one that stands at its address."""
    feed = json.loads(content)
    _json_feed_schema().validate(feed)
    assert feed["feed_url"] == address
    _check_ids([item["id"] for item in feed["items"]])
    for item in feed["items"]:
        _check_absolute(item["url"])
        _check_html(item["content_html"])
        assert item["date_published"] <= item["date_modified"]


# Citations


def check_csl_json(content: bytes) -> None:
    """Fails on what is no list of items of CSL-JSON."""
    schema = json.loads((_SCHEMAS / "csl-data.json").read_text())
    jsonschema.Draft7Validator(schema).validate(json.loads(content))


# Site maps


@cache
def _xml_schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_SCHEMAS / name))


def check_site_map(content: bytes) -> None:
    """Fails on a file of a map, or an index of such, that the protocol does not allow."""
    assert len(content) <= 50 * 1024 * 1024
    document = etree.fromstring(content)
    is_index = etree.QName(document).localname == "sitemapindex"
    _xml_schema("siteindex.xsd" if is_index else "sitemap-with-alternates.xsd").assertValid(
        document
    )
    addresses = [loc.text for loc in document.iterfind("{*}*/{*}loc")]
    assert len(set(addresses)) == len(addresses) <= 50_000
    hosts = {urlsplit(address)[:2] for address in addresses}
    assert len(hosts) == 1, "a map speaks of the site on which it stands alone"
    for address in addresses:
        _check_absolute(address)


# Structured data


@cache
def _context() -> dict[str, Any]:
    """A context such as schema.org's own, out of its vocabulary.

    A value of what has no other range than addresses is an address.
    """
    terms: dict[str, Any] = {"@vocab": "https://schema.org/"}
    for name, about in registry.PROPERTY_BY_SCHEMA.items():
        if "URL" in about.ranges and "Text" not in about.ranges:
            terms[name] = {"@type": "@id"}
    return {"@context": terms}


def _load(address: str, options: dict[str, Any]) -> dict[str, Any]:
    assert address.rstrip("/") == "https://schema.org", f"another context: {address}"
    return {"contextUrl": None, "documentUrl": address, "document": _context()}


def check_structured_data(data: dict[str, Any]) -> None:
    """Fails on what is not JSON-LD, or says in schema.org's words what these do not mean.

    Each property must be of the type on which it stands, or of one above it, and each value of
    one of the types that the property takes; nothing may be superseded.
    """
    # Against this base an address that is not whole becomes one of no known scheme.
    things = jsonld.expand(data, {"documentLoader": _load, "base": "relative://to/a/page"})
    # Things without any statement are dropped, as are keys that are no terms.
    assert len(things) == len(data["@graph"])
    for thing in things:
        _check_thing(thing)


def _check_thing(thing: dict[str, Any]) -> str:
    """The type of a thing, which and whose properties the vocabulary has."""
    [type_] = (_term(type_) for type_ in thing["@type"])
    assert not registry.CLASS_METADATA[type_].superseded_by, type_
    above = {type_, *registry.ancestry(type_)}
    for name, values in thing.items():
        if name == "@id":
            _check_absolute(values)
        if name.startswith("@"):
            continue
        about = registry.PROPERTY_BY_SCHEMA[_term(name)]
        assert not about.superseded_by, name
        assert above & set(about.domains), f"{type_} has no {about.schema_name}"
        for value in values:
            _check_value(value, about)
    return type_


def _check_value(value: dict[str, Any], about: registry.PropertyMetadata) -> None:
    where = f"{about.schema_name}: {value}"
    ranges = set(about.ranges)
    if "@list" in value:
        raise AssertionError(where)
    if "@type" in value and "@value" not in value:
        type_ = _check_thing(value)
        assert ranges & {type_, *registry.ancestry(type_)}, where
    elif "@id" in value:
        assert "URL" in ranges or not ranges <= _LITERALS, where
        _check_absolute(value["@id"])
    else:
        _check_literal(value["@value"], ranges, where)


def _check_literal(value: Any, ranges: set[str], where: str) -> None:
    if isinstance(value, bool):
        assert "Boolean" in ranges, where
    elif isinstance(value, int):
        assert ranges & {"Integer", "Number"}, where
    elif "Text" not in ranges:
        assert ranges & {"Date", "DateTime"}, where
        date = r"\d{4}(-\d\d(-\d\d)?)?"
        assert re.fullmatch(date, value) or ("DateTime" in ranges and validate_rfc3339(value)), (
            where
        )
    else:
        assert value.strip(), where


def _term(address: str) -> str:
    vocabulary, name = address[: len("https://schema.org/")], address[len("https://schema.org/") :]
    assert vocabulary == "https://schema.org/", address
    return name
