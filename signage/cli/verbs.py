"""What the verbs of a commune have in common."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # generic for the checker alone


def verb(verbs: Verbs, name: str, run: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
    """A verb with its one line of help, for a commune's folder."""
    made = verbs.add_parser(name, help=words, description=words)
    made.set_defaults(run=run)
    in_commune(made)
    return made


def in_commune(made: argparse.ArgumentParser) -> None:
    """`--dir`."""
    made.add_argument("--dir", type=Path, default=Path(), help="thư mục của xã (mặc định: thư mục này)")
