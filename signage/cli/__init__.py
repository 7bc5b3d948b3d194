"""The command line: one verb, one line of work. Names are fixed; docs/lenh.md lists them all.

Exit codes: 0 done · 1 it could not · 2 wrong use · 3 refused by trust or review.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from .. import __version__
from ..errors import BangtinError, Unavailable, sentence
from . import board, output

VERBS = (  # the modules that have them, in the order in which they are told
    "ceremony", "commune", "draft", "duties", "people", "keys", "preview", "approval", "takedown", "sticker",
    "weeksheet", "alert", "publishing", "folder", "git", "audit", "box", "board", "hub", "doctor", "demo",
)  # fmt: skip
HUB_NEEDS = ("starlette", "uvicorn", "jinja2", "sqlalchemy", "alembic", "argon2", "msgspec")  # the extra [hub]
INTERRUPTED = 0  # Ctrl-C is how a person ends a command that stays


def parser(words: list[str] | None = None) -> argparse.ArgumentParser:
    """Every verb and option; the documents are tested against it.

    `words`: what was typed. When it begins with `board`, nothing of office or hub is loaded: such a process
    is small, starts at once, and its player never so much as tries a socket (importing urllib3 does).
    """
    whole = argparse.ArgumentParser(
        prog="bangtin",
        description="Thông báo của xã: duyệt, ký, lên trang thông tin và bảng điện tử.",
        epilog="Mã thoát: 0 xong · 1 không làm được · 2 gõ sai lệnh · 3 bị từ chối do chưa duyệt hoặc không tin cậy.",
    )
    whole.add_argument("--version", action="version", version=f"bangtin {__version__}")
    whole.add_argument("--lang", choices=("vi", "en"), default="vi", help="ngôn ngữ của lời báo (mặc định: vi)")
    verbs = whole.add_subparsers(metavar="LỆNH", required=True)
    if words and words[0] == "board":
        board.add(verbs, only=words[1] if len(words) > 1 else None)
        return whole
    for name in VERBS:
        import_module(f".{name}", __package__).add(verbs)
    return whole


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every error that we know becomes a sentence and an exit code."""
    language, words = _language(sys.argv[1:] if argv is None else argv)
    args = parser(words).parse_args(["--lang", language, *words])
    try:
        return int(args.run(args))
    except BangtinError as error:
        output.failure(error, args)
        return error.exit_code
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in HUB_NEEDS:
            raise
        output.failure(missing := Unavailable("hub-missing", missing=error.name), args)
        return missing.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # `bangtin … | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:  # a full disk, a folder without rights: the system's own words
        print(sentence("system", args.lang, why=error), file=sys.stderr)
        return 1


def _language(argv: Sequence[str]) -> tuple[str, list[str]]:
    """`--lang` is accepted before and after the verb."""
    anywhere = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    anywhere.add_argument("--lang", choices=("vi", "en"), default="vi")
    known, rest = anywhere.parse_known_args(argv)
    return known.lang, rest
