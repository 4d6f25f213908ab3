"""Files that are written whole or not at all."""

import os

import pytest
from django.core.files.base import ContentFile

from trendsite.shared.files import WholeFileStorage, replacing


@pytest.fixture
def storage(tmp_path):
    return WholeFileStorage(location=tmp_path)


class FullDisk(ContentFile):
    """A file of which the second half does not come."""

    def chunks(self, chunk_size=None):
        yield self.read(4)
        raise OSError("No space left on device")


def test_saving_again_replaces_the_file_of_the_name(storage, tmp_path):
    assert storage.save("folder/name.jpg", ContentFile(b"first")) == "folder/name.jpg"
    assert storage.save("folder/name.jpg", ContentFile(b"second")) == "folder/name.jpg"
    assert (tmp_path / "folder/name.jpg").read_bytes() == b"second"
    assert os.listdir(tmp_path / "folder") == ["name.jpg"]


@pytest.mark.parametrize("before", [None, b"first"])
def test_file_that_cannot_be_written_to_its_end_changes_nothing(storage, tmp_path, before):
    if before:
        storage.save("name.jpg", ContentFile(before))
    with pytest.raises(OSError, match="No space left"):
        storage.save("name.jpg", FullDisk(b"second"))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == (
        {"name.jpg": before} if before else {}
    )


def test_name_appears_when_the_content_is_on_the_disk(tmp_path, monkeypatch):
    steps = []
    fsync, replace = os.fsync, os.replace

    def noted_fsync(descriptor):
        steps.append(("flush", os.path.basename(os.readlink(f"/proc/self/fd/{descriptor}"))))
        fsync(descriptor)

    def noted_replace(source, target):
        steps.append(("rename", target.name))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    with replacing(tmp_path / "name.jpg") as partial:
        partial.write_bytes(b"content")
        assert list(tmp_path.iterdir()) == [partial]
    assert steps == [("flush", partial.name), ("rename", "name.jpg"), ("flush", tmp_path.name)]
