"""The HTML of every kind of page, judged by the Nu validator."""

import json
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from tests.support.shipped import ALL, EACH_ASKED
from trendsite.shared.translated import languages

pytestmark = pytest.mark.django_db

# In so short a run the better compiler and the concurrent collector cost more than they save.
JAVA = ["-Xss2m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
VALIDATOR = settings.BASE_DIR / ".venv" / "vnu.jar"


@pytest.fixture(scope="module")
def complaints(shipped, django_db_blocker, tmp_path_factory) -> dict[str, list[str]]:
    """What the validator finds wrong, by address: one Java for all, since it starts slowly."""
    folder = tmp_path_factory.mktemp("html")
    files: dict[str, Path] = {}

    def write(address: str, html: str) -> None:
        files[address] = folder / f"{len(files)}.html"
        files[address].write_text(html, encoding="utf-8")

    reader = Client()
    with django_db_blocker.unblock():
        for address in [*ALL, *EACH_ASKED, "/admin/login/"]:
            write(address, reader.get(address).content.decode())
    for language in languages():
        with translation.override(language):
            write(f"/{language}/500", render_to_string("500.html"))
    judged = subprocess.run(
        ["java", *JAVA, "-jar", VALIDATOR, "--errors-only", "--format", "json", *files.values()],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    messages = json.loads(judged.stderr)["messages"]
    return {
        address: [
            f"{message.get('lastLine')}: {message['message']}"
            for message in messages
            if message.get("url", "").endswith(f"/{path.name}")
        ]
        for address, path in files.items()
    }


@pytest.mark.parametrize(
    "address",
    [*ALL, *EACH_ASKED, *(f"/{language}/500" for language in languages()), "/admin/login/"],
)
def test_page_is_valid_html(complaints, address):
    assert complaints[address] == []
