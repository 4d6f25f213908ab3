"""Names of modules and classes, imports and asserts of tests, and lines of templates.

`lint-imports`, in `make lint`, checks that imports of the product go down only.
"""

import ast
import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

from django.conf import settings

APPS = ["quotes", "trends", "trendsite"]

# Django finds these by name in each app, or each app has its own by Django's convention.
CONVENTIONAL_MODULES = {
    "__init__",
    "admin",
    "apps",
    "forms",
    "models",
    "translation",
    "urls",
    "views",
}
CONVENTIONAL_CLASSES = {"Command", "Media", "Meta", "Migration"}

# One page each, and the questions or the index behind that page.
PAGES_AND_THEIR_SOURCE = {
    "changes": {"trends/pages/changes.py", "trends/queries/changes.py"},
    "forecasts": {"trends/pages/forecasts.py", "trends/queries/forecasts.py"},
    # `pages.index` is the index page, `search.index` the search index: both are the field's words.
    "index": {"trends/pages/index.py", "trends/search/index.py"},
}


def test_no_two_modules_have_one_name():
    places = defaultdict(set)
    for path in python_files():
        places[path.stem].add(str(path.relative_to(settings.BASE_DIR)))
    doubles = {name: found for name, found in places.items() if len(found) > 1}
    for name in CONVENTIONAL_MODULES:
        doubles.pop(name, None)
    assert doubles == PAGES_AND_THEIR_SOURCE


def test_no_two_classes_have_one_name():
    places = defaultdict(list)
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}")
    doubles = {
        name: found
        for name, found in places.items()
        if len(found) > 1 and name not in CONVENTIONAL_CLASSES
    }
    assert doubles == {}


def test_tests_share_helpers_by_the_support_package_alone():
    found = []
    for path in sorted((settings.BASE_DIR / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [f"{node.module}.{alias.name}" for alias in node.names]
            found += [
                f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}: {name}"
                for name in names
                if name.startswith("tests.") and not name.startswith("tests.support.")
            ]
    assert found == []


def test_no_line_of_a_template_is_longer_than_120_characters():
    found = [
        f"{path.relative_to(settings.BASE_DIR)}:{number}: {len(line)}"
        for path in sorted((settings.BASE_DIR / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 120
    ]
    assert found == []


def python_files() -> list[Path]:
    """Return the modules of the apps, without their migrations."""
    return [
        path
        for app in APPS
        for path in sorted((settings.BASE_DIR / app).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def test_no_test_asserts_what_a_browser_may_not_have_done_yet():
    state = r"assert .*\.(url\b|(is_visible|input_value|inner_text|all_inner_texts|count)\(\))"
    found = [
        f"{path.name}: {line.strip()}"
        for path in sorted((settings.BASE_DIR / "tests" / "browser").glob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(state, line)
    ]
    assert found == [], "Wait for it with expect()."


def test_no_test_leaves_a_page_before_the_answer_to_its_form():
    sends = r"(get_by_role\('button'|input\[name=_|type=submit).*\.click\(\)"
    leaves = r".*(get_by_role\('link'.*\.click\(\)|\.(goto|go_back|reload)\(.*)"
    found = []
    for path in sorted((settings.BASE_DIR / "tests" / "browser").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                steps = [ast.unparse(step) for step in node.body]
                found += [
                    f"{path.name}: {step}"
                    for step, following in pairwise(steps)
                    if re.search(sends, step) and re.fullmatch(leaves, following)
                ]
    assert found == [], "Wait for the answer with expect()."
