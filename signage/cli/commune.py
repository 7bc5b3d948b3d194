"""`bangtin init`, `new`, `check`, `people`: a commune's folder and what is wrong with it."""

from __future__ import annotations

import argparse
import getpass
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ..errors import BadInput, BangtinError, Problem, Unavailable, WrongUse
from ..notice import KINDS
from ..settings import SETTINGS, Settings, load
from . import output

MIN_PASSPHRASE = 8  # characters


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    init = _verb(verbs, "init", _init, "tạo thư mục, cài đặt và khóa cho một xã mới", folder=False)
    init.add_argument("folder", type=Path, metavar="THƯ-MỤC")
    init.add_argument("--sample", action="store_true", help="lấy nguyên xã mẫu để làm thử")
    init.add_argument("--no-passphrase", action="store_true", help="khóa không mật khẩu: chỉ để làm thử")
    for name, words in _QUESTIONS.items():
        init.add_argument(f"--{name}", default=None, help=words[0])
    new = _verb(verbs, "new", _new, "tạo một thông báo từ mẫu")
    new.add_argument("kind", choices=sorted(KINDS), metavar="LOẠI", help=", ".join(sorted(KINDS)))
    new.add_argument("--name", default=None, help="tên tệp không dấu, ví dụ cat-dien-thon-3")
    check = _verb(verbs, "check", _check, "mọi vấn đề của thông báo và cài đặt")
    check.add_argument("paths", nargs="*", type=Path, metavar="TỆP", help="chỉ xem các tệp này")
    check.add_argument("--json", action="store_true", help="kết quả cho chương trình khác đọc")
    people = _verb(verbs, "people", _people, "ký lại danh sách người sau khi sửa people.toml")
    people.add_argument("act", choices=("sign",), metavar="sign")
    people.add_argument("--passphrase-file", default=None, help="đọc mật khẩu của khóa targets từ tệp")


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser], name: str,
    run: Callable[[argparse.Namespace], int], words: str, *, folder: bool = True,
) -> argparse.ArgumentParser:  # fmt: skip
    verb = verbs.add_parser(name, help=words, description=words)
    verb.set_defaults(run=run)
    if folder:
        verb.add_argument("--dir", type=Path, default=Path(), help="thư mục của xã (mặc định: thư mục này)")
    return verb


_QUESTIONS: dict[str, tuple[str, str]] = {
    "code": ("mã xã, 5 chữ số", "the commune's code, 5 digits"),
    "name": ("tên xã, ví dụ: xã An Bình", "the commune's name"),
    "province": ("tỉnh, thành phố", "province"),
    "phone": ("điện thoại cơ quan", "office phone"),
    "site": ("địa chỉ trang thông tin điện tử, https://…", "website address"),
    "author": ("họ tên người biên tập", "the author's name"),
    "approver": ("họ tên người duyệt (người khác)", "the approver's name (another person)"),
    "duty": ("họ tên người trực ban", "the duty person's name"),
}


def _init(args: argparse.Namespace) -> int:
    from ..office import starter

    now = datetime.now(UTC)
    if args.sample:
        starter.copy_sample(args.folder)
    else:
        answers = {name: getattr(args, name) or _ask(args, name) for name in _QUESTIONS}
        if answers["author"].strip().lower() == answers["approver"].strip().lower():
            raise WrongUse("same-author-approver")
        people = {f"p{i}": (answers[r], (r,)) for i, r in enumerate(("author", "approver", "duty"), start=1)}
        rest = {k: answers[k] for k in ("code", "name", "province", "phone", "site")}
        starter.make(args.folder, starter.NewCommune(**rest, people=people))
    settings = load(args.folder)
    holders = [m.id for m in settings.members if set(m.roles) & {"author", "approver", "duty"}]
    secret = {who: None if args.no_passphrase else _new_passphrase(args, settings, who) for who in ("root", "targets", *holders)}
    repository = starter.make_keys(args.folder, secret, now)
    _told_after_init(args, repository.fingerprint)
    return 0


def _ask(args: argparse.Namespace, name: str) -> str:
    vi, en = _QUESTIONS[name]
    try:
        answer = input(f"{vi if args.lang == 'vi' else en}: ").strip()
    except EOFError:
        answer = ""
    if not answer:
        raise WrongUse("answer-missing", option=f"--{name}")
    return answer


def _new_passphrase(args: argparse.Namespace, settings: Settings, who: str) -> str:
    member = settings.member(who)
    vi = f"Mật khẩu mới của {member.name} ({', '.join(member.roles)})" if member else "Mật khẩu mới của khóa gốc"
    en = f"New passphrase of {member.name}" if member else "New passphrase of the root key"
    for _ in range(5):
        first = getpass.getpass(f"{vi if args.lang == 'vi' else en}: ")
        if len(first) < MIN_PASSPHRASE:
            output.say(args, f"Cần ít nhất {MIN_PASSPHRASE} ký tự.", f"At least {MIN_PASSPHRASE} characters.")
        elif secrets.compare_digest(first.encode(), getpass.getpass("Gõ lại / again: ").encode()):
            return first
        else:
            output.say(args, "Hai lần gõ không giống nhau.", "They differ.")
    raise WrongUse("answer-missing", option="passphrase")


def _told_after_init(args: argparse.Namespace, fingerprint: str) -> None:
    groups = " ".join(fingerprint[i : i + 4] for i in range(0, 64, 4))
    output.say(
        args,
        f"Đã tạo {args.folder}.\nDấu vân tay của gốc tin cậy (in ra, cất tủ):\n  {groups}\n"
        f"Làm tiếp: cd {args.folder} && bangtin check",
        f"Made {args.folder}.\nFingerprint of the root of trust (print it, lock it away):\n  {groups}\n"
        f"Next: cd {args.folder} && bangtin check",
    )


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
    found, count = check(settings)
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


def check(settings: Settings) -> tuple[list[Problem], int]:
    """Every problem of every file, what approval has to say, and how many notices are good."""
    from ..office import brevity, sight
    from ..office.desk import Desk
    from ..office.publish import signed_people
    from ..review import People

    try:
        people = signed_people(settings)
        found = [] if people == settings.people else [Problem("people-unsigned", "people.toml", severity="warning")]
    except BangtinError:
        people, found = People(()), []
    desk = Desk(settings, people)
    reading = desk.read()
    found += sight.problems(settings.boards, SETTINGS)
    unsigned = desk.problems(reading, desk.standings())
    written = [p.values["notice"] for p in unsigned if p.code in ("not-submitted", "changed-after-approval")]
    found += brevity.of_all((reading.notices[n] for n in written), settings.commune, settings.boards)
    return [*found, *reading.problems, *unsigned], len(reading.notices)


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


def _people(args: argparse.Namespace) -> int:
    from ..office.publish import repository

    settings = load(args.dir)
    key = settings.keys / "targets.pem"
    repository(settings).sign_people(settings.people.to_bytes(), datetime.now(UTC), output.unlock(key, args))
    output.say(args, f"Đã ký danh sách {len(settings.people.people)} người.",
               f"Signed the list of {len(settings.people.people)} people.")  # fmt: skip
    return 0
