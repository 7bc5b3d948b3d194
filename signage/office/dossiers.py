"""Dossiers in the office: made of what people approved, and read again where they are served or kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..dossier import Dossier, file_name
from ..wire import BadFormat, sha256
from .standing import Standing


def made(standing: Standing) -> Dossier:
    """What boards fetch of a statement that is approved: it, and the records that approve it."""
    return standing.dossier


def found(folder: Path, names: Iterable[str]) -> Iterator[tuple[str, Dossier]]:
    """(SHA-256, dossier) of each name, in order, as far as `folder` has it whole."""
    for name in names:
        try:
            data = (folder / file_name(name)).read_bytes()
            if sha256(data) == name:
                yield name, Dossier.read(data)
        except (OSError, BadFormat):
            continue
