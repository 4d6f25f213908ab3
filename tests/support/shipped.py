"""The pages of the shipped site, one of each kind, and every trend."""

import yaml
from django.conf import settings

from trendsite.shared.translated import languages

# Every scalar as text, as the site itself reads them.
FILES = {
    path.name: yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    for path in sorted((settings.BASE_DIR / "fixtures").glob("*.yaml"))
}
TRENDS = sorted(str(content["trend"]) for content in FILES.values() if "trend" in content)
KINDS = {
    "index": "",
    "a-z": "a-z/",
    "trend": "trends/application-over-training/",
    "tag": "tags/strategy/",
    "expert": "experts/sam-altman/",
    "audience": "audiences/enterprises/",
    "source": "sources/dora-2025-trust/",
    "video": "videos/youtube/2P27Ef-LLuQ/",
    "forecasts": "forecasts/",
    "changes": "changes/",
    "experts": "experts/",
    "tags": "tags/",
    "audiences": "audiences/",
    "search": "search/?q=AI",
    "missing": "nothing/",
}
# The same pages as asked for something: other parts of their templates.
ASKED = {
    "index on a timeline": "?view=time",
    "index filtered": "?status=emerging&status=growing&tag=strategy&sort=title",
    "index filtered to nothing": "?status=declining",
    "index asked for what is not": "?status=wrong&year=x",
    "forecasts of an outcome": "forecasts/?outcome=missed",
    "digest": "changes/?from=2026-11&to=2026-11-20",
    "digest of a trend": "changes/?trend=application-over-training&from=2025",
    "digest of wrong dates": "changes/?from=2026-13",
    "search without words": "search/",
    "search that finds nothing": "search/?q=commodti",
    "search narrowed": "search/?q=AI&status=emerging&expert=sam-altman",
}
ONE_OF_EACH = [f"/{language}/{rest}" for language in languages() for rest in KINDS.values()]
EACH_ASKED = [f"/{language}/{rest}" for language in languages() for rest in ASKED.values()]
ALL_TRENDS = [f"/{language}/trends/{slug}/" for language in languages() for slug in TRENDS]
ALL = sorted({*ONE_OF_EACH, *ALL_TRENDS})
