"""What editors upload: zips that are read, and those that are refused."""

import io
import stat
import zipfile

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tests.support.zips import zip_of
from trends.transfer import archives
from trends.transfer.archives import in_folder, read_upload


def refused(content: bytes, name: str = "a.zip") -> list[str]:
    with pytest.raises(ValidationError) as caught:
        read_upload(name, content)
    return list(caught.value.messages)


def test_one_file_is_read_by_its_own_name():
    assert read_upload("C:\\work\\a.yaml", b"trend: a") == {"a.yaml": b"trend: a"}


def test_a_zip_is_read_with_its_folders_and_without_what_systems_add():
    content = zip_of(
        {
            "trends/a.yaml": "trend: a",
            "trends/b.webp": b"picture",
            "__MACOSX/trends/._a.yaml": b"\0",
            "trends/.DS_Store": b"\0",
        }
    )
    assert read_upload("a.zip", content) == {
        "trends/a.yaml": b"trend: a",
        "trends/b.webp": b"picture",
    }


@pytest.mark.parametrize(
    "name",
    [
        "../a.yaml",
        "/etc/a.yaml",
        "a/../../b.yaml",
        "a\\..\\b.yaml",
        "c:a.yaml",
        "a//b.yaml",
        "./a.yaml",
    ],
)
def test_names_that_lead_elsewhere_are_refused(name):
    (message,) = refused(zip_of({name: "trend: a"}))
    assert message.endswith(": has a name that is no plain path")


def test_links_and_special_files_are_refused():
    entry = zipfile.ZipInfo("a.yaml")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert refused(zip_of({entry: "/etc/passwd"})) == ["a.yaml: is a link or a special file"]
    entry = zipfile.ZipInfo("b.yaml")
    entry.external_attr = (stat.S_IFIFO | 0o777) << 16
    assert refused(zip_of({entry: ""})) == ["b.yaml: is a link or a special file"]


def test_every_file_that_is_refused_is_named():
    found = refused(zip_of({"a.exe": b"MZ", "inner.zip": zip_of({"a.yaml": "x"}), "a.yaml": "x"}))
    assert found == [
        "a.exe: is neither YAML nor a picture",
        "inner.zip: is neither YAML nor a picture",
    ]


def test_a_file_may_not_be_a_folder_too_nor_be_there_twice():
    assert refused(zip_of({"a.yaml": "x", "a.yaml/b.yaml": "x"})) == [
        "a.yaml: is a file and a folder"
    ]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.yaml", "one")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.yaml", "two")
    assert refused(out.getvalue()) == ["a.yaml: is in the zip twice"]


def test_deep_folders_and_long_names_are_refused():
    message = "is nested too deeply, or has too long a name"
    assert refused(zip_of({"a/b/c/d/e.yaml": "x"})) == [f"a/b/c/d/e.yaml: {message}"]
    assert refused(zip_of({"a" * 250 + ".yaml": "x"}))[0].endswith(message)


def test_a_bomb_is_not_unpacked(monkeypatch):
    assert refused(zip_of({"a.yaml": bytes(12 * 1024**2)})) == ["a.yaml: is too large"]
    monkeypatch.setattr(archives, "MOST_BYTES", 3 * 1024**2)
    many = {f"{n}.yaml": bytes(1024**2) for n in range(4)}
    assert refused(zip_of(many)) == [
        "Unpacked, the zip has more than 3 MB. Import fewer files at once."
    ]


def test_a_bomb_that_tells_a_small_size_is_not_unpacked():
    content = bytearray(zip_of({"a.yaml": bytes(12 * 1024**2)}))
    for signature, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = content.index(signature) + at
        content[place : place + 4] = (100).to_bytes(4, "little")
    (message,) = refused(bytes(content))
    assert message in ("a.yaml: is too large", "The zip is damaged, or packed in an unusual way.")


def test_yaml_of_very_many_values_is_not_read(monkeypatch):
    monkeypatch.setattr(archives, "MOST_VALUES", 30)
    message = "There are more than 30 values in the YAML. Import fewer trends at once."
    assert refused(b"- a\n" * 30, "a.yaml") == [message]
    assert refused(zip_of({"a.yaml": "- a\n" * 14, "b.yaml": "{a: [b]}\n---\n" * 4})) == [message]
    for fits in (b"- a\n" * 29, b"[" * 100_000, b"- a\n" * 29 + b"[", b"\xff" * 99):
        assert read_upload("a.yaml", fits) == {"a.yaml": fits}


def test_a_name_that_no_disk_takes_is_refused():
    message = "Give the file a shorter name."
    assert refused(b"trend: a", "あ" * 70 + ".yaml") == [message]
    name = "あ" * 60 + ".yaml"
    with in_folder(read_upload(name, b"trend: a")) as folder:
        assert (folder / name).read_bytes() == b"trend: a"


def test_a_zip_of_very_many_files_is_not_opened(monkeypatch):
    content = zip_of({f"{n}.yaml": "x" for n in range(archives.MOST_FILES + 1)})
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert refused(content) == [
        "The zip has more than 200 files and folders. Import fewer at once."
    ]


def test_other_files_and_empty_zips_are_refused():
    assert refused(b"%PDF", "a.pdf") == ["Choose a YAML file (.yaml) or a zip of them."]
    assert refused(zip_of({})) == ["The zip has no YAML file."]
    assert refused(zip_of({"a.png": b"x"})) == ["The zip has no YAML file."]


def test_a_zip_with_a_password_is_refused():
    content = bytearray(zip_of({"a.yaml": "trend: a"}))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + at] |= 1
    assert refused(bytes(content)) == ["a.yaml: has a password"]


@given(st.data())
def test_a_damaged_zip_is_read_or_refused_and_nothing_else(data):
    content = bytearray(zip_of({"a.yaml": "trend: a\n" * 40, "b.webp": b"picture"}))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        files = read_upload("a.zip", bytes(content))
    except ValidationError:
        return
    with in_folder(files) as folder:
        found = [path for path in folder.rglob("*") if path.is_file()]
    assert len(found) == len(files)


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_names_in_japanese_are_read_whatever_the_tool_wrote(encoding):
    raw = "図.webp".encode(encoding)
    out = bytearray(zip_of({"a.yaml": "trend: a", "x" * len(raw): b"picture"}))
    content = bytes(out).replace(b"x" * len(raw), raw)
    assert "図.webp" in read_upload("a.zip", content)
