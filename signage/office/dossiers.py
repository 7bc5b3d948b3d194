"""Dossiers in the office: made of what people approved, and read again where they are served or kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..dossier import Dossier, file_name
from ..publication import Manifest
from ..wire import BadFormat, sha256
from .standing import Standing


def made(standing: Standing) -> Dossier:
    """What boards fetch of a statement that is approved: it, and the records that approve it."""
    assert standing.approval is not None
    return Dossier(standing.statement.to_bytes(), tuple(record.sealed.data for record in standing.approval.records))


def found(folder: Path, manifest: Manifest) -> Iterator[tuple[str, Dossier]]:
    """(SHA-256, dossier) of each item, in order, as far as `folder` has it whole."""
    for item in manifest.items:
        try:
            data = (folder / file_name(item.dossier)).read_bytes()
            if sha256(data) == item.dossier:
                yield item.dossier, Dossier.read(data)
        except (OSError, BadFormat):
            continue
