"""What can go wrong, as one tree; each with the sentence that a person reads and an exit code.

    BangtinError                exit 1   it could not be done
    ├── Unavailable             exit 1   we could not get it (network, disk, a missing program)
    ├── BadInput                exit 1   what came is bad: a list of `Problem`, all at once
    ├── WrongUse                exit 2   the command was used wrongly
    └── Refused                 exit 3   trust or review says no

Sentences live in `messages.toml`, by stable code, in Vietnamese and English: what happened, and
what to type next. A test holds the codes used in the code against that file and `docs/ma-loi.md`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as made_with
from functools import cache
from typing import Any, Literal

Severity = Literal["error", "warning"]
Language = Literal["vi", "en"]
MAX_PROBLEMS_SHOWN = 500  # problems; the rest are counted, not printed


@cache
def _messages() -> dict[str, dict[str, str]]:
    import tomllib  # both are slow to import, and a player that starts needs no sentence
    from importlib import resources

    text = resources.files("signage").joinpath("messages.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def codes() -> frozenset[str]:
    """All stable codes that a person or a program may meet."""
    return frozenset(_messages())


def sentence(code: str, lang: Language = "vi", **values: Any) -> str:
    """What happened, for people. A missing value shows as its name rather than hiding the message."""
    return _messages()[code][lang].format_map(_Shown(values))


def remedy(code: str, lang: Language = "vi", **values: Any) -> str:
    """What to type or do next, for people; empty when there is nothing to do."""
    return _messages()[code].get(f"{lang}_do", "").format_map(_Shown(values))


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in what a person wrote: where, what, and how to mend it."""

    code: str
    file: str
    line: int | None = None  # 1-based
    field: str | None = None  # a field's name as the officer types it
    severity: Severity = "error"
    values: dict[str, Any] = made_with(default_factory=dict)

    def told(self, lang: Language = "vi") -> str:
        """`file:line [Field] sentence → remedy (code)`, on two lines."""
        where = self.file + (f":{self.line}" if self.line else "") + (f" [{self.field}]" if self.field else "")
        known = {"file": self.file, "field": self.field or "", **self.values}
        todo = remedy(self.code, lang, **known)
        return f"{where}: {sentence(self.code, lang, **known)} ({self.code})" + (f"\n    → {todo}" if todo else "")

    def as_json(self, lang: Language = "vi") -> dict[str, Any]:
        """The same for a program (`--json`)."""
        known = {"file": self.file, "field": self.field or "", **self.values}
        return {
            "code": self.code, "severity": self.severity, "file": self.file, "line": self.line,
            "field": self.field, "message": sentence(self.code, lang, **known),
            "remedy": remedy(self.code, lang, **known),
        }  # fmt: skip


class BangtinError(Exception):
    """It could not be done; `code` names why."""

    exit_code = 1

    def __init__(self, code: str, **values: Any) -> None:
        self.code = code
        self.values = values
        super().__init__(code)

    def told(self, lang: Language = "vi") -> str:
        """The sentence and the remedy, for people."""
        todo = remedy(self.code, lang, **self.values)
        return f"{sentence(self.code, lang, **self.values)} ({self.code})" + (f"\n    → {todo}" if todo else "")

    def __str__(self) -> str:
        return self.told("en")


class Unavailable(BangtinError):
    """We could not get it: the network, the disk, a program that is missing."""


class WrongUse(BangtinError):
    """The command was used wrongly."""

    exit_code = 2


class Refused(BangtinError):
    """Trust or review says no; nothing was changed."""

    exit_code = 3


class BadInput(BangtinError):
    """What came is bad; every problem that was found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("bad-input", count=len(self.problems))

    def told(self, lang: Language = "vi") -> str:
        lines = [p.told(lang) for p in self.problems[:MAX_PROBLEMS_SHOWN]]
        return "\n".join([*lines, sentence("bad-input", lang, count=len(self.problems))])
