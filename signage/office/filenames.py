"""Names of files that every machine can keep: what Windows, the website or a colleague would trip over. Pure."""

from __future__ import annotations

import re
from pathlib import PurePath

FOREIGN = re.compile(r"[<>:\"|?*\\\x00-\x1f]")  # which Windows has in no name
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(?:\..*)?", re.IGNORECASE)


def name_fault(name: str) -> str:
    """The code of why one name of a path would not live everywhere; "" when it would."""
    if not name.isprintable() or any("\ud800" <= c <= "\udfff" for c in name):
        return "folder-name-strange"
    if name != name.rstrip(" .") or PurePath(name).stem != PurePath(name).stem.rstrip(" "):
        return "folder-name-end"
    if _RESERVED.fullmatch(name) or FOREIGN.search(name):
        return "folder-name-reserved"
    return ""
