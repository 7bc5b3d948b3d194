"""What the commands print: sentences for people, JSON where a program reads (`--json`)."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import json
import secrets
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import category

from ..errors import BadInput, BangtinError, Language, Problem, WrongUse
from ..schedule import VIETNAM_TIME

if TYPE_CHECKING:  # what checks signatures is large: the kiosk, which prints too, goes without it
    from ..keys import PrivateKey

MIN_PASSPHRASE = 8  # characters
MAX_TRIES = 5  # to type a new passphrase twice alike


def say(args: argparse.Namespace, vi: str, en: str) -> None:
    """One line, in the language asked for; flushed, since a reader may be waiting for it."""
    print(plain(vi if args.lang == "vi" else en), flush=True)


def plain(text: str) -> str:
    """Without what would steer a terminal or break its encoding: names and e-mail addresses are strangers' words."""
    return "".join("\ufffd" if category(c)[0] == "C" and c not in "\n\t" else c for c in text)


def as_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True))


def failure(error: BangtinError, args: argparse.Namespace) -> None:
    """An error, as a sentence on stderr or as JSON on stdout."""
    language: Language = args.lang
    if getattr(args, "json", False):
        problems = [p.as_json(language) for p in error.problems] if isinstance(error, BadInput) else []
        as_json({"ok": False, "code": error.code, "message": error.told(language), "problems": problems})
    else:
        print(plain(error.told(language)), file=sys.stderr)


def problems(found: Iterable[Problem], args: argparse.Namespace) -> None:
    for problem in found:
        print(("✗ " if problem.severity == "error" else "! ") + plain(problem.told(args.lang)))


def when(moment: datetime) -> str:
    """As officers write it."""
    return f"{moment.astimezone(VIETNAM_TIME):%H:%M ngày %d/%m/%Y}"


def unlock(path: Path, args: argparse.Namespace) -> PrivateKey:
    """The key in `path`, asking for its passphrase when it has one."""
    from ..keys import PrivateKey

    return PrivateKey.load(path, passphrase_of(path, args))


def passphrase_of(path: Path, args: argparse.Namespace) -> str | None:
    """From `--passphrase-file`, or asked for at the keyboard; None for a key without one.

    A file may have a line for each of several keys: the one that opens this key is taken.
    """
    from ..keys import is_encrypted

    if not path.exists() or not is_encrypted(path):
        return None
    if args.passphrase_file:
        lines = Path(args.passphrase_file).read_text("utf-8").splitlines() or [""]
        return next((line for line in lines[:-1] if _opens(path, line)), lines[-1])
    return getpass.getpass(f"Mật khẩu của {path.stem}: " if args.lang == "vi" else f"Passphrase of {path.stem}: ")


def _opens(path: Path, passphrase: str) -> bool:
    from ..keys import PrivateKey

    try:
        PrivateKey.load(path, passphrase)
    except BangtinError:
        return False
    return True


def new_passphrase(args: argparse.Namespace, vi: str, en: str) -> str | None:
    """For a new key, typed twice; from `--new-passphrase-file` for scripts, None with `--no-passphrase`.

    Raises `WrongUse` (`answer-missing`, `passphrase-short`): an empty file would lock nothing.
    """
    if args.no_passphrase:
        return None
    if args.new_passphrase_file:
        told = Path(args.new_passphrase_file).read_text("utf-8").strip("\r\n")
        if len(told) < MIN_PASSPHRASE:
            raise WrongUse("passphrase-short", file=args.new_passphrase_file, least=MIN_PASSPHRASE)
        return told
    with contextlib.suppress(EOFError):
        return _typed_twice(args, vi, en)
    raise WrongUse("answer-missing", option="passphrase")


def _typed_twice(args: argparse.Namespace, vi: str, en: str) -> str:
    for _ in range(MAX_TRIES):
        first = getpass.getpass(f"Mật khẩu mới của {vi}: " if args.lang == "vi" else f"New passphrase of {en}: ")
        if len(first) < MIN_PASSPHRASE:
            say(args, f"Cần ít nhất {MIN_PASSPHRASE} ký tự.", f"At least {MIN_PASSPHRASE} characters.")
        elif secrets.compare_digest(first.encode(), getpass.getpass("Gõ lại / again: ").encode()):
            return first
        else:
            say(args, "Hai lần gõ không giống nhau.", "They differ.")
    raise WrongUse("answer-missing", option="passphrase")


def new_key_options(verb: argparse.ArgumentParser) -> None:
    """The options of a verb that makes a key."""
    verb.add_argument("--no-passphrase", action="store_true", help="khóa không mật khẩu: chỉ để làm thử")
    verb.add_argument("--new-passphrase-file", default=None, help="đọc mật khẩu của khóa mới từ tệp thay vì gõ")


def moment(option: str, text: str, *, ends: bool = False) -> datetime:
    """A day, or a day and an hour, in Vietnam; a day `ends` with its last hour. Raises `BadInput` (`time-bad`)."""
    try:
        found = datetime.fromisoformat(text.strip()).replace(tzinfo=VIETNAM_TIME)
    except ValueError as error:
        raise BadInput([Problem("time-bad", option, field=option, values={"value": text})]) from error
    whole = len(text.strip()) <= len("2026-11-22")
    return (found + timedelta(days=1) if ends and whole else found).astimezone(UTC)


def in_groups(digits: str) -> str:
    """A fingerprint as two people read it aloud: four digits at a time."""
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


def sure(args: argparse.Namespace, vi: str, en: str, word: str) -> bool:
    """Whether the person typed the word that means yes; `--yes` answers for scripts."""
    if args.yes:
        return True
    print(vi if args.lang == "vi" else en, end=" ", flush=True)
    return sys.stdin.readline().strip().lower() in (word, "yes")
