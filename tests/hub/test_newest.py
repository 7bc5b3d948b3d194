"""The publication folder as the hub looks at it: the office's real repository."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from signage.hub.newest import PublicationFolder
from signage.office.repository import Repository
from signage.publication import Manifest, Mode, Shape, manifest_name

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
MODE = Mode((1920, 1080), (0, 0, 1920, 1080), 0, Shape("lcd", 1920, 1080))
MANIFEST = Manifest(
    "20506", "UBND xã Mẫu", "a" * 64, "cong-xa", "Bảng cổng xã", 412, NOW, NOW + timedelta(days=90), MODE, (), ()
)


def publish(repository: Repository, number: int, at: datetime) -> None:
    data = replace(MANIFEST, number=number, made=at).to_bytes()
    repository.publish({manifest_name("cong-xa"): data}, at)


def test_the_number_follows_what_the_office_publishes(tmp_path: Path) -> None:
    repository = Repository.create(
        tmp_path / "publication" / "board", tmp_path / "keys", commune="20506", people=b"{}", now=NOW
    )
    folder = PublicationFolder(tmp_path / "publication")
    assert folder.newest("20506", "cong-xa") is None
    publish(repository, 412, NOW)
    found = folder.newest("20506", "cong-xa")
    assert found and (found.number, found.seen) == (412, NOW)
    publish(repository, 413, NOW + timedelta(seconds=1))
    renewed = folder.newest("20506", "cong-xa")
    assert renewed and renewed.number == 413
    assert folder.newest("20506", "khac") is None and folder.newest("20507", "cong-xa") is None


def test_a_folder_that_cannot_be_read_only_leaves_the_number_unknown(tmp_path: Path) -> None:
    assert PublicationFolder(tmp_path).newest("20506", "cong-xa") is None
    metadata = tmp_path / "board" / "metadata"
    metadata.mkdir(parents=True)
    for text in ("", "[]", '{"signed": 1}', '{"signed": {"meta": {"snapshot.json": {"version": "../x"}}}}'):
        (metadata / "timestamp.json").write_text(text)
        assert PublicationFolder(tmp_path).newest("20506", "cong-xa") is None
