"""Dossiers read again where the office serves or keeps them; `Standing.dossier` is what they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..dossier import Dossier, file_name
from ..wire import BadFormat, sha256


def found(folder: Path, names: Iterable[str]) -> Iterator[tuple[str, Dossier]]:
    """(SHA-256, dossier) of each name, in order, as far as `folder` has it whole."""
    for name in names:
        try:
            data = (folder / file_name(name)).read_bytes()
            if sha256(data) == name:
                yield name, Dossier.read(data)
        except (OSError, BadFormat):
            continue
