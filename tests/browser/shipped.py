"""The pages of the shipped site, one of each kind, and every trend."""

from django.conf import settings

from trendsite.translated import languages

TRENDS = sorted(
    path.stem
    for path in (settings.BASE_DIR / "fixtures").glob("*.yaml")
    if path.read_text(encoding="utf-8").startswith("trend:")
)
KINDS = {
    "index": "",
    "trend": "trends/application-over-training/",
    "tag": "tags/strategy/",
    "expert": "experts/sam-altman/",
    "audience": "audiences/enterprises/",
    "source": "sources/dora-2025-trust/",
    "video": "videos/youtube/2P27Ef-LLuQ/",
    "forecasts": "forecasts/",
    "changes": "changes/",
    "search": "search/?q=AI",
    "missing": "nothing/",
}
ONE_OF_EACH = [f"/{language}/{rest}" for language in languages() for rest in KINDS.values()]
ALL_TRENDS = [f"/{language}/trends/{slug}/" for language in languages() for slug in TRENDS]
ALL = sorted({*ONE_OF_EACH, *ALL_TRENDS})
