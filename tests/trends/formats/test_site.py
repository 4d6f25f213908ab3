"""The site's description for browsers that offer its search."""

from xml.etree import ElementTree

import pytest

from tests.support.reading import read
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", languages())
def test_browser_may_offer_the_search_as_one_of_its_own(client, language):
    head = read(client, f"/{language}/").find("head")
    [link] = [link for link in head.iter("link") if link.get("rel") == "search"]
    assert link.get("type") == "application/opensearchdescription+xml"
    response = client.get(link.get("href"))
    assert response["Content-Type"] == link.get("type")
    description = ElementTree.fromstring(response.content)
    name = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert description.tag == f"{name}OpenSearchDescription"
    assert description.findtext(f"{name}ShortName") == link.get("title")
    assert description.findtext(f"{name}Language") == language
    template = description.find(f"{name}Url").get("template")
    assert template == f"http://testserver/{language}/search/?q={{searchTerms}}"
    assert client.get(template.replace("{searchTerms}", "trend")).status_code == 200
    assert description.findtext(f"{name}Image") == "http://testserver/static/svg/icon.svg"
    # As OpenSearch 1.1 has it: no more than so many characters, and where it stands itself.
    assert len(description.findtext(f"{name}ShortName")) <= 16
    assert len(description.findtext(f"{name}Description")) <= 1024
    urls = {url.get("rel", "results"): url for url in description.iter(f"{name}Url")}
    assert urls["results"].get("type") == "text/html"
    assert urls["self"].get("template") == f"http://testserver{link.get('href')}"
    assert urls["self"].get("type") == link.get("type")
