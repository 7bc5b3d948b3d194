"""What names in the shared folder mean: stages, notices, cards, and what is nobody's writing. Pure.

The folder lies on a Windows share, a Linux disk or in a sync tool, and each tells names apart in its own way:
Windows by letters without case, Linux by bytes, a Mac by decomposed letters. So two names are one when their
composed, case-folded letters are; stages and ids go further and take the marks off, since who types `Cho duyet`
means the same. The stages themselves carry their marks: NTFS and SMB have stored Unicode names since the nineties,
officers read Vietnamese, and a number in front keeps Explorer from sorting them by alphabet.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from hashlib import sha256
from pathlib import PurePath

from ... import durable
from ...lettering import folded
from ..filenames import FOREIGN

CARD_ENDING = " - kết quả.html"
OVERVIEW = "Tình hình.html"
HOME = "thu-muc"  # folder of content/ where everything lies that came in by this door, each notice in its own
LONGEST_SLUG = 80  # characters
LONGEST_STEM = 200  # bytes of a notice's name that its card repeats: a disk takes 255 with the ending
NOTICE = ".md"
_NOISE = re.compile(
    r"\.|~\$|~wr[ld]\d|thumbs\.db$|desktop\.ini$|ehthumbs|icon\r$|\$recycle\.bin$|system volume information$"
    r"|.*(?:~|\.(?:tmp|temp|bak|swp|swo|lnk|url|crdownload|part|partial|download|filepart|opdownload|~\w+))$"
)
# Dropbox, ownCloud/Nextcloud, Syncthing, Synology, Google Drive, OneDrive's own words, and ours.
_CONFLICT = re.compile(
    r"conflict(?:ed)?[ _-]?cop(?:y|ies)|['’]s conflict|\.sync-conflict-\d|[_-]conflict[_-]?\d|\[conflict|\(conflict"
    r"|case conflict|\([^()]*xung dot[^()]*\)|ban (?:sao )?xung dot$|ban (?:sao )?xung dot\.",
)

_COPY = re.compile(r"(.+?) ?(?:\(\d{1,2}\)|- (?:copy|bản sao|sao chép)(?: \(\d{1,2}\))?)|(?:copy of|bản sao của) (.+)")


class Stage(Enum):
    """Where a notice lies, and so what its officer wants of it."""

    DRAFT = "1 Soạn thảo"
    ASKED = "2 Chờ duyệt"
    POSTED = "3 Đã đăng"


_YEAR = re.compile(r"(\d{4})-\d\d-\d\d ")  # how the folder of a posted notice begins
_SHELF = re.compile(r"nam \d{4}")
_STAGES = {" ".join(re.findall("[a-z]+", folded(stage.value))): stage for stage in Stage}


def stage_of(name: str) -> Stage | None:
    """Which stage a folder of this name is: number, marks and case do not matter."""
    return _STAGES.get(" ".join(re.findall("[a-z]+", folded(name))))


def shelf(folder: str, otherwise: int) -> str:
    """Where among the posted ones a notice's folder goes when all is over: `Năm 2026`, by the day of its posting."""
    found = _YEAR.match(folder)
    return f"Năm {found[1] if found else otherwise}"


def is_shelf(name: str) -> bool:
    """Whether such a folder has this name."""
    return _SHELF.fullmatch(folded(name)) is not None


def same_shelf(name: str, other: str) -> bool:
    """Whether two such folders are of one year."""
    return folded(name) == folded(other)


def key(name: str) -> str:
    """The same for two names that Windows or a Mac would not tell apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def is_noise(name: str) -> bool:
    """What programs leave lying: locks of Word, thumbnails, half-downloaded and hidden files, our own writes."""
    return durable.is_temporary(name) or _NOISE.match(key(name)) is not None


def is_conflict(name: str) -> bool:
    """A second version that a sync tool has laid beside the first."""
    return _CONFLICT.search(folded(name)) is not None


def copied_from(name: str) -> str:
    """The `key` of the notice of which this name is a copy's, as Windows and Google Drive name copies; "" of none."""
    found = _COPY.fullmatch(key(PurePath(name).stem))
    return f"{found[1] or found[2]}{NOTICE}" if found else ""


def is_card(name: str) -> bool:
    return key(name).endswith(key(CARD_ENDING))


def locks(name: str) -> str:
    """How Word marks that a file is open, as `key`: `~$họp.docx`, of longer names without their first two letters."""
    return key(f"~${name[2:] if len(PurePath(name).stem) > 7 else name}")


def lock_marks(name: str) -> set[str]:
    """What lies beside a file of this name, as `key`, while Word or LibreOffice has it open."""
    return {locks(name), key(f".~lock.{name}#")}


def is_lock(name: str) -> bool:
    """Whether this is such a mark, of whatever file."""
    return name.startswith(("~$", ".~lock."))


def slug(name: str) -> str:
    """`Cắt điện thôn 3.md` → `cat-dien-thon-3`; "" when the name has neither letter nor digit."""
    words = re.findall("[a-z0-9]+", folded(PurePath(name).stem))
    return "-".join(words)[:LONGEST_SLUG].strip("-")


def ident(name: str) -> str:
    """The notice's id: its name without marks, in a folder of its own, so that no two share a picture's name."""
    short = slug(name)
    return f"{HOME}/{short}/{short}" if short else ""


def card_name(name: str) -> str:
    """The result card of a notice's file, fit for Windows whatever the notice is called."""
    stem = unicodedata.normalize("NFC", PurePath(name).stem.encode("utf-8", "replace").decode())
    if len(stem.encode()) > LONGEST_STEM:
        begin = stem.encode()[: LONGEST_STEM - 12].decode(errors="ignore").rstrip()
        stem = f"{begin}… {sha256(stem.encode()).hexdigest()[:6]}"
    clean = "".join(c if c.isprintable() else "_" for c in FOREIGN.sub("_", stem)).strip(" .")
    return f"{clean or '_'}{CARD_ENDING}"
