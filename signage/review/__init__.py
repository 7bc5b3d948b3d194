"""Who approved exactly which bytes; roles; one changed letter voids it.

statement   what is signed: one notice's words and the very files that will be on the glass
slide       one of those files, and what the board draws on it by itself
record      one person's signed act on a statement (submit, approve, withdraw, hide)
people      who may do what, with which keys, from when until when
judgement   may this be shown? (pure; the office's site and every board ask the same question)
"""

from .judgement import Approval, approval, effective, withdrawal
from .people import People, Person, PersonKey
from .record import Record, sign
from .slide import ClockArea, Film, SlideFile, Ticker
from .statement import Statement

__all__ = [
    "Approval", "ClockArea", "Film", "People", "Person", "PersonKey", "Record", "SlideFile", "Statement",
    "Ticker", "approval", "effective", "sign", "withdrawal",
]  # fmt: skip
