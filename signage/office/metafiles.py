"""The files of a commune's TUF repository: read, written whole, pruned. What they say is for `repository`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tuf.api.metadata import Metadata, TargetFile, Targets
from tuf.api.serialization.json import JSONSerializer

from .. import durable
from ..errors import Unavailable
from ..wire import sha256

KEEP_VERSIONS = 20  # versions of snapshot, targets and lich that stay for boards in mid-sync
_COMPACT = JSONSerializer(compact=True)


class Files:
    """The folder `board/` of a publication: `metadata/` and `targets/`."""

    def __init__(self, served: Path) -> None:
        self.metadata = served / "metadata"
        self.targets = served / "targets"

    def version(self, role: str) -> int:
        """The newest version of a role's metadata; raises `Unavailable` (`repository-missing`)."""
        return int(self._read(role).signed.version)

    def signed(self, role: str) -> bytes:
        """The newest metadata of a role, as they are served; raises `Unavailable` (`repository-missing`)."""
        return self._newest(role).read_bytes()

    def _last_version(self, role: str) -> int:
        try:
            return self.version(role)
        except Unavailable:
            return 0

    def _file(self, role: str, version: int) -> Path:
        return self.metadata / ("timestamp.json" if role == "timestamp" else f"{version}.{role}.json")

    def _read(self, role: str) -> Metadata[Any]:
        return Metadata.from_bytes(self.signed(role))

    def _newest(self, role: str) -> Path:
        path = self._file(role, 0) if role == "timestamp" else next(iter(self.versions(role)[-1:]), None)
        if path is None or not path.exists():
            raise Unavailable("repository-missing", folder=str(self.metadata))
        return path

    def current_names(self) -> list[str]:
        """The targets that `lich` signs now."""
        return sorted(self._read("lich").signed.targets)

    def hashes(self) -> dict[str, str]:
        """The SHA-256 of each target that `lich` signs now."""
        return {name: file.hashes["sha256"] for name, file in self._read("lich").signed.targets.items()}

    def versions(self, role: str) -> list[Path]:
        """The files of a role's metadata that are kept, the newest last (not of `timestamp`)."""
        found = self.metadata.glob(f"*.{role}.json")
        return sorted((p for p in found if p.name.split(".")[0].isdigit()), key=lambda p: int(p.name.split(".")[0]))

    def _write(self, role: str, metadata: Metadata[Any]) -> None:
        durable.write(self._file(role, metadata.signed.version), metadata.to_bytes(_COMPACT))

    def target_path(self, name: str, digest: str) -> Path:
        """Where a target with this hash lies (TUF consistent snapshots)."""
        folder, _, file = name.rpartition("/")
        return self.targets / folder / f"{digest}.{file}"

    def _put_target(self, name: str, data: bytes) -> TargetFile:
        digest = sha256(data)
        durable.write_if_changed(self.target_path(name, digest), data)
        return TargetFile(len(data), {"sha256": digest}, name)

    def _prune(self) -> None:
        """Drop versions and targets that no board can still be asking for; roots stay for ever."""
        for role in ("snapshot", "targets", "lich"):
            for old in self.versions(role)[:-KEEP_VERSIONS]:
                durable.remove(old)
        kept = {
            self.target_path(name, file.hashes["sha256"])
            for role in ("targets", "lich")
            for path in self.versions(role)
            for name, file in Metadata[Targets].from_bytes(path.read_bytes()).signed.targets.items()
        }
        _remove_all(p for p in self.targets.rglob("*.json") if p not in kept)


def _remove_all(paths: Iterable[Path]) -> None:
    for path in list(paths):
        durable.remove(path)
