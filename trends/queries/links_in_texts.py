"""Links to other sites in the Markdown of trends and drivers, for the check of links."""

from collections.abc import Collection, Iterator
from urllib.parse import unquote

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from trends.models import Driver, Trend
from trendsite.shared.text.markdown import links_in_markdown
from trendsite.shared.translated import columns
from trendsite.shared.web_addresses import ADDRESS_LENGTH

_SHIFTS, _BODIES = columns("shift"), columns("body")


def links_elsewhere(text: str) -> list[str]:
    """Return the addresses of other sites to which a text links and that can be checked."""
    return [
        link
        for link in links_in_markdown(text)
        if not link.startswith(settings.SITE_URL) and len(link) <= ADDRESS_LENGTH
    ]


def addresses_in_texts() -> Iterator[str]:
    """Yield the addresses to which the texts of trends link. Two queries."""
    shifts = Trend.objects.values_list(*_SHIFTS)
    bodies = Driver.objects.filter(trend__working_of=None).values_list(*_BODIES)
    for rows in (shifts, bodies):
        for texts in rows.iterator():
            for text in texts:
                yield from links_elsewhere(text or "")


def trends_linking_to(addresses: Collection[str]) -> dict[str, Trend]:
    """Return a trend that links to each of these addresses, if any does. Two queries."""
    written = {address: _written(address) for address in addresses}
    forms = {form for all_forms in written.values() for form in all_forms}
    if not forms:
        return {}
    shifts = Trend.objects.filter(_have(_SHIFTS, forms)).order_by("pk")
    drivers = Driver.objects.filter(_have(_BODIES, forms), trend__working_of=None)
    rows: list[tuple[Trend, list[str]]] = [
        *((trend, _texts(trend, _SHIFTS)) for trend in shifts),
        *((d.trend, _texts(d, _BODIES)) for d in drivers.select_related("trend").order_by("pk")),
    ]
    found: dict[str, Trend] = {}
    for trend, texts in rows:
        for address, all_forms in written.items():
            if any(form in text for form in all_forms for text in texts):
                found.setdefault(address, trend)
    return {address: found[address] for address in addresses if address in found}


def has_links_to(addresses: Collection[str]) -> Q:
    """Return a condition for the trends whose texts have any of these addresses."""
    forms = {form for address in addresses for form in _written(address)}
    if not forms:
        return Q(pk=None)
    drivers = Driver.objects.filter(_have(_BODIES, forms), trend=OuterRef("pk"))
    return _have(_SHIFTS, forms) | Q(Exists(drivers))


def _written(address: str) -> set[str]:
    """Return an address as it is asked for, and with letters in place of their codes."""
    return {address, unquote(address)}


def _texts(row: Trend | Driver, names: Collection[str]) -> list[str]:
    return [getattr(row, name) or "" for name in names]


def _have(names: Collection[str], forms: Collection[str]) -> Q:
    condition = Q()
    for name in names:
        for form in forms:
            condition |= Q(**{f"{name}__contains": form})
    return condition
