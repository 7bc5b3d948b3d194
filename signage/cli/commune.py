"""`bangtin new`, `check`: what an officer writes, and what is wrong with it."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from ..errors import BadInput, BangtinError, Problem, Unavailable
from ..notice import KINDS, Notice
from ..settings import SETTINGS, Settings, load
from . import output
from .verbs import verb

WRITTEN = ("not-submitted", "changed-after-approval")  # what `check` says of a notice that its author is writing


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    new = verb(verbs, "new", _new, "tạo một thông báo từ mẫu")
    new.add_argument("kind", choices=sorted(KINDS), metavar="LOẠI", help=", ".join(sorted(KINDS)))
    new.add_argument("--name", default=None, help="tên tệp không dấu, ví dụ cat-dien-thon-3")
    check = verb(verbs, "check", _check, "mọi vấn đề của thông báo và cài đặt")
    check.add_argument("paths", nargs="*", type=Path, metavar="TỆP", help="chỉ xem các tệp này")
    check.add_argument("--all", action="store_true", help="đọc lại mọi tệp, kể cả tệp không đổi từ lần xem trước")
    check.add_argument("--json", action="store_true", help="kết quả cho chương trình khác đọc")


def _new(args: argparse.Namespace) -> int:
    from .. import durable
    from ..office import starter

    settings, now = load(args.dir), datetime.now(UTC)
    name = args.name or f"{args.kind}-{now:%Y%m%d-%H%M}"
    folder = "trang" if args.kind == "trang" else f"thong-bao/{now:%Y}"
    path = settings.content / folder / f"{name}.md"
    if path.exists():
        raise Unavailable("file-exists", file=str(path))
    durable.write(path, starter.notice_template(args.kind, settings, now).encode())
    output.say(args, f"Đã tạo {path}\nĐiền nội dung rồi chạy: bangtin check {path}",
               f"Made {path}\nFill it in, then: bangtin check {path}")  # fmt: skip
    return 0


def _check(args: argparse.Namespace) -> int:
    settings = load(args.dir)
    found, count = check(settings, whole=args.all)
    if args.paths:
        wanted = {_shown(settings, path) for path in args.paths}
        absent = [Problem("notice-unknown", w) for w in sorted(wanted) if not (settings.content / w).exists()]
        found = [p for p in found if p.file in wanted] + absent
    errors = [p for p in found if p.severity == "error"]
    if args.json:
        output.as_json({"ok": not errors, "notices": count, "problems": [p.as_json(args.lang) for p in found]})
        return 1 if errors else 0
    output.problems([p for p in found if p.severity == "warning"], args)
    if errors:
        raise BadInput(errors)
    output.say(args, f"Tốt: {count} thông báo và trang không có lỗi.", f"Good: {count} notices and pages, no error.")
    return 0


def check(settings: Settings, *, whole: bool = False) -> tuple[list[Problem], int]:
    """Every problem of every file, what approval has to say, and how many notices are good.

    `whole`: nothing that was remembered is believed, every file is read.
    """
    from ..office import sight
    from ..office.desk import Desk
    from ..office.knowledge import overview
    from ..office.publish import signed_people
    from ..review import People

    try:
        people = signed_people(settings)
        found = [] if people == settings.people else [Problem("people-unsigned", "people.toml", severity="warning")]
    except BangtinError:
        people, found = People(()), []
    desk = Desk(settings, people)
    found += sight.problems(settings.boards, SETTINGS)
    if whole:
        reading = desk.read()
        problems, unsigned, count = reading.problems, desk.problems(reading, desk.standings()), len(reading.notices)
        written = [reading.notices[ident] for ident in _written(unsigned)]
    else:
        seen = overview.seen(settings, desk, datetime.now(UTC))
        problems, unsigned, count = list(seen.folder.problems), seen.unsigned(), len(seen.folder.digests)
        written = seen.notices(_written(unsigned))
    broken = [p.file.removesuffix(".md") for p in problems if p.severity == "error"]
    reminded = hinted(settings, [*(notice.id for notice in written), *broken])
    return [*found, *_about_written(settings, written), *problems, *reminded, *unsigned], count


def _written(unsigned: Iterable[Problem]) -> list[str]:
    return [p.values["notice"] for p in unsigned if p.code in WRITTEN]


def _about_written(settings: Settings, written: list[Notice]) -> list[Problem]:
    """What is said of notices before they are signed: posted too shortly, too long for a board."""
    from ..office import brevity, duties
    from ..office.rules import read_rules

    try:
        found = duties.short_postings(written, read_rules(settings.folder))
    except BadInput as error:
        found = error.problems
    return [*found, *brevity.of_all(written, settings.commune, settings.boards)]


def hinted(settings: Settings, ids: Iterable[str]) -> list[Problem]:
    """What an officer is reminded of in the files that are being written; those that cannot be read are left out."""
    from ..lettering import nfc
    from ..notice import hints
    from ..notice.reading import MAX_FILE

    own, found = (settings.commune.phone, *settings.commune.phones), []
    for ident in dict.fromkeys(ids):
        path = settings.content / f"{ident}.md"
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_FILE:
            text = nfc(path.read_text("utf-8", errors="replace"))
            found += hints.hints(text, f"{ident}.md", own)
    return found


def _shown(settings: Settings, path: Path) -> str:
    """A file as the problems name it: relative to content/."""
    absolute = path if path.is_absolute() else Path.cwd() / path
    for candidate in (absolute, settings.content / path):
        if candidate.resolve().is_relative_to(settings.content.resolve()) and candidate.exists():
            return candidate.resolve().relative_to(settings.content.resolve()).as_posix()
    return path.as_posix()


def notice_id(settings: Settings, written: str) -> str:
    """A notice's id from what a person types: the id, or a path to its file."""
    return _shown(settings, Path(written if written.endswith(".md") else f"{written}.md")).removesuffix(".md")
