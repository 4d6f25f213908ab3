"""What `manage.py set_up` does again at the next start, and what it does not."""

import pytest

from trendsite.management.commands import set_up


@pytest.fixture
def source(settings, tmp_path):
    """A style sheet, the only static file."""
    source = tmp_path / "source" / "site.css"
    source.parent.mkdir()
    source.write_text("p { color: red }")
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_DIRS = [source.parent]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "trendsite.static_files.CollectedFilesStorage"},
    }
    return source


@pytest.fixture
def collected(monkeypatch) -> list[str]:
    found: list[str] = []
    call = set_up.call_command
    monkeypatch.setattr(
        set_up, "call_command", lambda name, **options: found.append(name) or call(name, **options)
    )
    return found


def test_static_files_are_collected_once(source, collected):
    for _ in range(3):
        set_up.Command()._collect_static()
    assert collected == ["collectstatic"]


@pytest.mark.parametrize("change", ["edit", "new", "lost", "hashed copy lost"])
def test_static_files_are_collected_again_when_they_or_their_copies_change(
    source, collected, settings, change
):
    set_up.Command()._collect_static()
    copy = settings.STATIC_ROOT / "site.css"
    assert copy.read_text() == "p { color: red }"
    match change:
        case "edit":  # as long as before
            source.write_text("p { color: tan }")
        case "new":
            source.with_name("more.css").write_text("")
        case "lost":
            copy.unlink()
        case "hashed copy lost":
            [hashed] = settings.STATIC_ROOT.glob("site.*.css")
            hashed.unlink()
    set_up.Command()._collect_static()
    assert collected == ["collectstatic"] * 2
