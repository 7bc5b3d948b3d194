"""What a publication makes a board keep: the objects that it names, and what these name in turn."""

from __future__ import annotations

from functools import lru_cache

from ..dossier import Dossier
from ..publication import EmergencyList, Manifest
from ..review import Statement
from ..wire import BadFormat

READ_KEPT = 256  # statements whose reading is remembered


def named(manifest: Manifest) -> set[str]:
    """The dossiers and records that a manifest rests on."""
    names = {item.dossier for item in manifest.items}
    return names | {sha for removed in manifest.withdrawn for sha in removed.records}


def statement_of(dossier: bytes) -> bytes | None:
    """The statement in it, when it is a dossier."""
    try:
        return Dossier.read(dossier).statement
    except (BadFormat, ValueError):
        return None


@lru_cache(maxsize=READ_KEPT)
def slides_of(statement: bytes) -> frozenset[str]:
    """The slides and films that it names."""
    try:
        return frozenset(name.partition(".")[0] for name in Statement.read(statement).names())
    except (BadFormat, ValueError):
        return frozenset()


def inline_slides(emergencies: EmergencyList) -> set[str]:
    """The slides (and films) of the emergencies, whose statements travel inside the list."""
    return {sha for entry in emergencies.entries for sha in slides_of(entry.statement)}
