"""Requirements: said once by hand, pinned with hashes, and under licences that bind nobody."""

import re
from importlib.metadata import metadata
from pathlib import Path

import pytest
from django.conf import settings
from packaging.requirements import Requirement

FILES = ["requirements", "requirements-dev", "requirements-audit"]
PERMISSIVE = re.compile(
    r"MIT(-CMU|-0)?|BSD(-[23]-Clause)?|Apache(-2\.0)?|Apache Software|ISC|PSF-2\.0|Zlib|Unlicense"
    r"|0BSD|CC0-1\.0"
)
# Not permissive, and used all the same.
EXCEPTIONS = {
    "manimgx-fonts": "OFL, fonts that are not changed",
    "psycopg": "LGPL, as a library that is not changed; the only maintained driver of PostgreSQL",
    "psycopg-binary": "the same",
    "psycopg-pool": "the same",
    "certifi": "MPL, a list of certificates that is not changed; urllib3 checks servers against it",
}


def written(name: str) -> dict[str, str]:
    """Return package and version of each line that was written by hand."""
    found = {}
    for line in (settings.BASE_DIR / f"{name}.in").read_text().splitlines():
        if not line.startswith(("#", "-r")):
            match = re.fullmatch(r"([\w-]+)(?:\[[\w,]+\])?==(\S+)(?: +#.*)?", line)
            package, version = match.groups()
            found[package.lower()] = version
    return found


def pinned(name: str) -> dict[str, str]:
    """Return package and version of each line with hashes that is for this platform."""
    text = (settings.BASE_DIR / f"{name}.txt").read_text()
    lines = re.findall(r"^(\w[^\n]*?) *\\\n +--hash=sha256:", text, re.M)
    assert len(lines) == len(re.findall(r"^\w", text, re.M)), "a line without a hash"
    found = [Requirement(line) for line in lines]
    return {
        line.name: str(line.specifier).removeprefix("==")
        for line in found
        if line.marker is None or line.marker.evaluate()
    }


@pytest.mark.parametrize("name", FILES)
def test_what_is_written_is_what_is_pinned(name):
    assert written(name).items() <= pinned(name).items(), "make lock"


@pytest.mark.parametrize("package", sorted(pinned("requirements")))
def test_licence_is_permissive(package):
    about = metadata(package)
    classifiers = [
        line.rpartition(" :: ")[2].removesuffix(" License")
        for line in about.get_all("Classifier", [])
        if line.startswith("License :: OSI")
    ]
    expression = about["License-Expression"] or (not classifiers and about["License"])
    licences = [expression] if expression else classifiers
    parts = [part for licence in licences for part in re.split(r" (?:OR|AND) ", licence)]
    is_permissive = bool(parts) and all(PERMISSIVE.fullmatch(part) for part in parts)
    assert is_permissive is (package not in EXCEPTIONS), parts


def test_make_installs_nothing_without_its_hash():
    makefile = Path(settings.BASE_DIR / "Makefile").read_text()
    installs = re.findall(r"pip install .*", makefile)
    assert len(installs) == 3
    assert all("--require-hashes" in line for line in installs)
