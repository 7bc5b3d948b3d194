"""`bangtin init`: a new commune, and the ceremony in which its keys are made, with their holders at the table."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import WrongUse
from ..settings import load
from . import output
from .keys import check_sticks, root_size, write_sheet

if TYPE_CHECKING:  # the office is heavy: imported when a verb needs it
    from ..office.starter import NewCommune, RootKey

ADVISED = (3, 2)  # root keys, and how many of them sign: two leaders, one envelope in the safe
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
_ROLES = {"author": "biên tập", "approver": "duyệt", "duty": "trực ban"}
_TOLD_VI = """
Lễ tạo khóa. Mời đủ những người giữ khóa đến trước máy này; mỗi người tự gõ mật khẩu của mình, không ai nhìn.

1. Khóa gốc (root) quyết định mọi khóa khác. Mỗi khóa một USB, một phong bì, một người giữ; không để lại trên máy.
   Nên có 3 khóa, cần 2 để ký: hai lãnh đạo, và một phong bì trong tủ sắt. Mất một khóa vẫn làm việc được, và
   không ai một mình đổi được gì. Chỉ một khóa: yếu hơn, mất nó thì phải ghi danh lại từng bảng.
2. Khóa danh sách người (targets) ký ai được làm gì; mỗi năm lấy ra vài lần. Một USB trong tủ của cơ quan.
3. Khóa cá nhân của người biên tập, người duyệt, người trực: mỗi người một khóa, giữ trên máy của chính mình.
4. Khóa của máy văn phòng (lich, snapshot, timestamp) không có mật khẩu và ở lại máy này, để phát hành tự động.
   Kẻ lấy được chúng chỉ chiếu lại hay giấu đi những gì đã duyệt, không thêm được một chữ.
5. Khóa của từng bảng do bảng tự tạo khi ghi danh.

Mật khẩu không ai lấy lại được. Quên là mất khóa ấy.
"""
_TOLD_EN = """
The key ceremony. Each holder types their own passphrase.
1. Root keys decide about all others: one stick, one envelope, one holder each. Advised: 3 keys of which 2 sign. One
   key alone is weaker: when it is lost, every board must be enrolled again.
2. The targets key signs who may do what: a stick in the safe.
3. Personal keys stay on the machine of their owner.
4. The office's keys (lich, snapshot, timestamp) have no passphrase and stay here.
5. Boards make their own.
"""


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "tạo thư mục, cài đặt và khóa cho một xã mới"
    init = verbs.add_parser("init", help=words, description=words)
    init.set_defaults(run=_init)
    init.add_argument("folder", type=Path, metavar="THƯ-MỤC")
    init.add_argument("--sample", action="store_true", help="lấy nguyên xã mẫu để làm thử")
    init.add_argument("--no-passphrase", action="store_true", help="khóa không mật khẩu: chỉ để làm thử")
    init.add_argument("--passphrase-file", dest="new_passphrase_file", default=None,
                      help="một mật khẩu cho mọi khóa, đọc từ tệp: chỉ để làm thử")  # fmt: skip
    for name, (told, _) in _QUESTIONS.items():
        init.add_argument(f"--{name}", default=None, help=told)
    init.add_argument("--deputy", default=None, help="họ tên người duyệt thay, nếu có")
    init.add_argument("--root-keys", type=int, default=None, help="số khóa gốc (nên là 3)")
    init.add_argument("--root-threshold", type=int, default=None, help="cần bấy nhiêu khóa gốc để ký (nên là 2)")
    init.add_argument("--root-holder", action="append", default=[], metavar="TÊN", help="người giữ từng khóa gốc")
    init.add_argument("--keys-to", action="append", default=[], type=Path, metavar="THƯ-MỤC",
                      help="ghi khóa gốc vào đây (USB) thay vì keys/; ghi lại cho từng khóa")  # fmt: skip


def _init(args: argparse.Namespace) -> int:
    from ..office import starter

    output.say(args, _TOLD_VI, _TOLD_EN)
    new = None if args.sample else _commune(args)
    roots, threshold = _roots(args)
    passphrases = {root.name: _passphrase(args, f"{root.name} ({root.holder})") for root in roots}
    passphrases["targets"] = _passphrase(args, "khóa danh sách người, targets")
    for ident, name, roles in _people(new):
        if set(roles) & starter.SIGNING:
            passphrases[ident] = _passphrase(args, f"{name} ({', '.join(_ROLES.get(r, r) for r in roles)})")
    if new is None:
        starter.copy_sample(args.folder)
    else:
        starter.make(args.folder, new)
    repository = starter.make_keys(args.folder, passphrases, datetime.now(UTC), roots, threshold)
    settings = load(args.folder)
    hooked = starter.guard_git(args.folder)
    sheet = write_sheet(settings)
    _told_after(args, roots, threshold, repository.fingerprint, sheet, hooked)
    return 0


# ── questions ────────────────────────────────────────────────────────────────────────────────────


def _commune(args: argparse.Namespace) -> NewCommune:
    from ..office import starter

    answers = {name: getattr(args, name) or _needed(args, name) for name in _QUESTIONS}
    if not args.deputy:
        args.deputy = _asked(
            args, "họ tên người duyệt thay khi người duyệt vắng (Enter: chưa có)", "deputy approver", ""
        )
    approvers = [answers["approver"], *([args.deputy] if args.deputy else [])]
    if answers["author"].strip().lower() in [one.strip().lower() for one in approvers]:
        raise WrongUse("same-author-approver")
    named = [("author", answers["author"]), *(("approver", one) for one in approvers), ("duty", answers["duty"])]
    people = {f"p{i}": (name, (role,)) for i, (role, name) in enumerate(named, start=1)}
    rest = {k: answers[k] for k in ("code", "name", "province", "phone", "site")}
    return starter.NewCommune(**rest, people=people)


def _people(new: NewCommune | None) -> list[tuple[str, str, tuple[str, ...]]]:
    """Id, name and roles of everybody, before anything is written."""
    from ..office import starter

    if new is not None:
        return [(ident, name, roles) for ident, (name, roles) in new.people.items()]
    return [(m.id, m.name, m.roles) for m in load(starter.sample_root()).members]


def _roots(args: argparse.Namespace) -> tuple[list[RootKey], int]:
    """The root keys to make, and how many of them sign; raises `WrongUse` (`root-threshold`)."""
    from ..office import starter

    keys = args.root_keys or (_number(args, "số khóa gốc", "root keys", ADVISED[0]) if _at_table(args) else 1)
    threshold = args.root_threshold or min(ADVISED[1], keys)
    if args.root_threshold is None and keys > 1:
        threshold = _number(args, "cần mấy khóa để ký", "threshold", threshold)
    root_size(keys, threshold)
    check_sticks(args, args.keys_to, args.folder)
    found = []
    for at in range(keys):
        name = "root" if keys == 1 else f"root-{at + 1}"
        given = args.root_holder[at] if at < len(args.root_holder) else ""
        holder = given or _asked(args, f"người giữ {name}", f"holder of {name}", name)
        folder = args.keys_to[at] if at < len(args.keys_to) else _stick(args, name)
        found.append(starter.RootKey(name, holder, folder / f"{name}.pem"))
    return found, threshold


def _stick(args: argparse.Namespace, name: str) -> Path:
    """The folder that a holder names for their key, asked again until it is there; `keys/` when none is named."""
    usual = args.folder / "keys"
    for _ in range(output.MAX_TRIES):
        folder = Path(_asked(args, f"thư mục USB cho {name} (Enter: {usual})", f"folder for {name}", str(usual)))
        if folder == usual or folder.is_dir():
            break
        output.say(args, f"Không có thư mục {folder}: cắm USB rồi gõ lại.", f"There is no folder {folder}.")
    if folder != usual:
        check_sticks(args, [folder], args.folder)
    return folder


def _number(args: argparse.Namespace, vi: str, en: str, advised: int) -> int:
    answer = _asked(args, f"{vi} (Enter: {advised})", f"{en} (Enter: {advised})", str(advised))
    return int(answer) if answer.isdigit() else 0


def _needed(args: argparse.Namespace, name: str) -> str:
    vi, en = _QUESTIONS[name]
    try:
        answer = input(f"{vi if args.lang == 'vi' else en}: ").strip()
    except EOFError:
        answer = ""
    if not answer:
        raise WrongUse("answer-missing", option=f"--{name}")
    return answer


def _asked(args: argparse.Namespace, vi: str, en: str, usual: str) -> str:
    """A question that has a usual answer: asked of a person at a terminal, not of a script."""
    if not _at_table(args):
        return usual
    try:
        return input(f"{vi if args.lang == 'vi' else en}: ").strip() or usual
    except EOFError as error:
        raise WrongUse("answer-missing", option=en) from error


def _at_table(args: argparse.Namespace) -> bool:
    return sys.stdin.isatty() and not args.no_passphrase and not args.new_passphrase_file


def _passphrase(args: argparse.Namespace, whose: str) -> str | None:
    return output.new_passphrase(args, whose, whose)


# ── afterwards ───────────────────────────────────────────────────────────────────────────────────


def _told_after(
    args: argparse.Namespace, roots: list[RootKey], threshold: int, fingerprint: str, sheet: Path, hooked: bool
) -> None:
    inside = [root for root in roots if root.file.parent == args.folder / "keys"]
    output.say(
        args,
        f"Đã tạo {args.folder}.\nDấu vân tay của gốc tin cậy:\n  {output.in_groups(fingerprint)}\n"
        f"Phiếu khôi phục, in ra giấy: {sheet}",
        f"Made {args.folder}.\nFingerprint of the root of trust:\n  {output.in_groups(fingerprint)}\n"
        f"Recovery sheet, to print: {sheet}",
    )
    if len(roots) == 1:
        output.say(args, "! Chỉ có một khóa gốc: yếu hơn. Thêm sau: bangtin keys rotate root --root-keys 3 "
                   "--root-threshold 2", "! One root key alone is weaker. Later: bangtin keys rotate root "
                   "--root-keys 3 --root-threshold 2")  # fmt: skip
    else:
        output.say(args, f"Gốc tin cậy: cần {threshold} trong {len(roots)} khóa để ký.",
                   f"Root of trust: {threshold} of {len(roots)} keys sign.")  # fmt: skip
    for root in inside:
        output.say(args, f"  Chép {root.file} ra USB của “{root.holder}”, bỏ phong bì, rồi xóa ở đây.",
                   f"  Move {root.file} to the stick of “{root.holder}”.")  # fmt: skip
    keys = args.folder / "keys"
    output.say(
        args,
        f"  Chép {keys / 'targets.pem'} ra USB cất tủ, rồi xóa ở đây.\n"
        f"  Chép từng tệp trong {keys / 'people'} sang máy của đúng người ấy, rồi xóa ở đây.\n"
        f"  Ở lại máy này: lich.pem, snapshot.pem, timestamp.pem.",
        f"  Move {keys / 'targets.pem'} to a stick in the safe, each file of {keys / 'people'} to its owner.",
    )
    if not hooked:
        output.say(args, "  Nếu đưa thư mục này vào git: git config core.hooksPath .githooks (chặn khóa lọt vào kho).",
                   "  If this folder goes into git: git config core.hooksPath .githooks (keeps keys out).")  # fmt: skip
    output.say(args, f"Làm tiếp: cd {args.folder} && bangtin check", f"Next: cd {args.folder} && bangtin check")
