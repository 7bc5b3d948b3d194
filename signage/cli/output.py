"""What the commands print: sentences for people, JSON where a program reads (`--json`)."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from ..errors import BadInput, BangtinError, Language, Problem
from ..keys import PrivateKey, is_encrypted
from ..schedule import VIETNAM_TIME


def say(args: argparse.Namespace, vi: str, en: str) -> None:
    """One line, in the language asked for; flushed, since a reader may be waiting for it."""
    print(vi if args.lang == "vi" else en, flush=True)


def as_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True))


def failure(error: BangtinError, args: argparse.Namespace) -> None:
    """An error, as a sentence on stderr or as JSON on stdout."""
    language: Language = args.lang
    if getattr(args, "json", False):
        problems = [p.as_json(language) for p in error.problems] if isinstance(error, BadInput) else []
        as_json({"ok": False, "code": error.code, "message": error.told(language), "problems": problems})
    else:
        print(error.told(language), file=sys.stderr)


def problems(found: Iterable[Problem], args: argparse.Namespace) -> None:
    for problem in found:
        print(("✗ " if problem.severity == "error" else "! ") + problem.told(args.lang))


def when(moment: datetime) -> str:
    """As officers write it."""
    return f"{moment.astimezone(VIETNAM_TIME):%H:%M ngày %d/%m/%Y}"


def unlock(path: Path, args: argparse.Namespace) -> PrivateKey:
    """The key in `path`, asking for its passphrase when it has one."""
    return PrivateKey.load(path, passphrase_of(path, args))


def passphrase_of(path: Path, args: argparse.Namespace) -> str | None:
    """From `--passphrase-file`, or asked for at the keyboard; None for a key without one."""
    if not path.exists() or not is_encrypted(path):
        return None
    if args.passphrase_file:
        return Path(args.passphrase_file).read_text("utf-8").strip("\r\n")
    return getpass.getpass(f"Mật khẩu của {path.stem}: " if args.lang == "vi" else f"Passphrase of {path.stem}: ")


def sure(args: argparse.Namespace, vi: str, en: str, word: str) -> bool:
    """Whether the person typed the word that means yes; `--yes` answers for scripts."""
    if args.yes:
        return True
    print(vi if args.lang == "vi" else en, end=" ", flush=True)
    return sys.stdin.readline().strip().lower() in (word, "yes")
