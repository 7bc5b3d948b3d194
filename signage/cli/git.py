"""`bangtin git`: the hooks, what they check, and how a push reaches the boards."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import BadInput, Problem, Refused, Unavailable
from ..settings import PEOPLE_FILE, Settings, load
from . import output
from .verbs import in_commune

if TYPE_CHECKING:  # the office is heavy: imported when a verb needs it
    from ..office.commits import Git

BRANCH = "main"
MAX_REFS = 1000  # branches and tags of one push
MAX_WARNINGS = 20  # told of one push; `bangtin check` has all
_MADE = {
    "pre-commit": ("kiểm tra trước mỗi commit", "checks before each commit"),
    "pre-receive": ("kiểm tra mỗi bản đẩy trước khi nhận", "checks each push before it is taken"),
    "post-receive": ("đưa bản đã nhận vào content/ và phát hành", "delivers what was taken and publishes"),
}


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    whole = verbs.add_parser("git", help="cửa git: kiểm tra trước khi ghi, trước khi nhận; đưa bản đã nhận ra bảng")
    acts = whole.add_subparsers(metavar="VIỆC", required=True)
    install = acts.add_parser("install", help="đặt các bước tự kiểm tra vào kho git")
    install.add_argument("--server", type=Path, default=None, metavar="KHO",
                         help="kho trần ở máy văn phòng (mặc định: kho của content/ trên máy này)")  # fmt: skip
    install.set_defaults(run=_install)
    check = acts.add_parser("check", help="kiểm tra những gì sắp commit, hay những gì mới giữa hai commit")
    check.add_argument("--from", dest="old", default=None, metavar="COMMIT", help="từ sau commit này (dùng cho CI)")
    check.add_argument("--to", dest="new", default=None, metavar="COMMIT", help="đến commit này (mặc định: sắp commit)")
    check.add_argument("--repository", type=Path, default=None, metavar="KHO", help="kho git (mặc định: của content/)")
    check.set_defaults(run=_check)
    receive = acts.add_parser("receive", help="do pre-receive gọi: nhận hay từ chối cả bản đẩy")
    receive.set_defaults(run=_receive)
    deliver = acts.add_parser("deliver", help="do post-receive hay CI gọi: đưa nhánh main vào content/ rồi phát hành")
    deliver.add_argument("--repository", type=Path, default=Path(), metavar="KHO", help="kho git (mặc định: ở đây)")
    deliver.add_argument("--commit", default=BRANCH, metavar="COMMIT", help="nhánh hay commit (mặc định: main)")
    deliver.set_defaults(run=_deliver)
    for verb in (install, check, receive, deliver):
        verb.description = verb.description or next(
            c.help for c in acts._choices_actions if acts.choices[c.dest] is verb
        )
        in_commune(verb)


def _install(args: argparse.Namespace) -> int:
    from ..office import hooks
    from ..office.commits import Git

    settings = load(args.dir)
    git = Git(args.server.resolve()) if args.server else Git.around(settings.content)
    if args.server:
        hooks.prepare_server(git)
    made = hooks.install(git, hooks.SERVERS if args.server else hooks.WRITERS, settings.folder)
    for path in made:
        vi, en = _MADE[path.name]
        output.say(args, f"Đã đặt {path}: {vi}.", f"Wrote {path}: {en}.")
    if not args.server:
        git.configure("core.quotePath", "false")  # names with Vietnamese letters as they are written
        if hooks.guard_bytes(settings.content):
            output.say(
                args,
                "Đã ghi content/.gitattributes: git không đổi dấu xuống dòng của tệp đã ký. Hãy commit tệp này.",
                "Wrote content/.gitattributes: git leaves line ends of signed files alone. Commit it.",
            )
    return 0


def _check(args: argparse.Namespace) -> int:
    from ..office import pushes
    from ..office.commits import Git, since

    settings = load(args.dir)
    git = Git(args.repository.resolve()) if args.repository else Git.around(settings.content)
    if not args.new:
        _told(args, pushes.problems(git, settings, git.commit("HEAD"), git.staged()))
    else:
        old, new = _known(git, args.old), _known(git, args.new)
        assert new
        _judge(args, settings, git, old, new, since(old))
    output.say(args, "Tốt: không có gì phải sửa.", "Good: nothing to mend.")
    return 0


def _receive(args: argparse.Namespace) -> int:
    """Raises `Refused` or `BadInput`: git then takes nothing of the push."""
    from ..office import pushes
    from ..office.commits import OTHERS, Git

    settings, git = load(args.dir), Git(Path.cwd())
    pushed = sys.stdin.read().splitlines()
    if len(pushed) > MAX_REFS:
        raise Refused("git-many", count=len(pushed), most=MAX_REFS)
    for line in pushed:
        before, after, ref = line.split(" ", 2)
        old, new = _known(git, before), _known(git, after)
        if ref == f"refs/heads/{BRANCH}":
            if new is None:
                raise Refused("git-branch-deleted", branch=BRANCH)
            _judge(args, settings, git, old, new, OTHERS)
        elif new:
            with git.reading() as read:
                _told(args, list(pushes.keys(read, git.new_objects(new, OTHERS))))
    return 0


def _judge(
    args: argparse.Namespace, settings: Settings, git: Git, old: str | None, new: str, known: tuple[str, ...]
) -> None:
    """All that may be said of `old`..`new` on the branch that is published; `known`: what is not looked at again."""
    from ..office import pushes

    if old and not git.follows(new, old):
        raise Refused("git-rewritten", branch=BRANCH)
    found = pushes.problems(git, settings, old, new, git.new_objects(new, known))
    members = {member.email.casefold(): member for member in settings.members if member.email}
    for email, count in Counter(one.email for one in git.commits(new, known)).items():
        if member := members.get(email.casefold()):
            output.say(args, f"Người viết: {member.name} ({member.id}), {count} commit.",
                       f"Written by {member.name} ({member.id}), {count} commits.")  # fmt: skip
        else:
            found.append(Problem("git-author-unknown", PEOPLE_FILE, severity="warning", values={"email": email}))
    _told(args, found)


def _known(git: Git, name: str | None) -> str | None:
    """The commit of that name; None for none, which git and CI write as zeros. Raises `Unavailable` (`git-failed`)."""
    if not name or not name.strip("0"):
        return None
    if found := git.commit(name):
        return found
    raise Unavailable("git-failed", what=name, why="no such commit here (fetch-depth: 0, GIT_DEPTH: 0)")


def _told(args: argparse.Namespace, found: list[Problem]) -> None:
    """Raises `BadInput` when one of them is an error."""
    warnings = [p for p in found if p.severity == "warning"]
    output.problems(warnings[:MAX_WARNINGS], args)
    if left := len(warnings[MAX_WARNINGS:]):
        output.say(args, f"… và {left} lời nhắc nữa: bangtin check", f"… and {left} more: bangtin check")
    if errors := [p for p in found if p.severity == "error"]:
        raise BadInput(errors)


def _deliver(args: argparse.Namespace) -> int:
    from ..office.commits import Git
    from ..office.delivery import deliver
    from .publishing import publish_if_nobody_watches

    settings = load(args.dir)
    done = deliver(Git(args.repository.resolve()), settings, args.commit)
    output.problems(done.problems, args)
    output.say(
        args, f"Đã đưa vào content/: {done.written} tệp mới hay đổi, {done.removed} tệp bỏ.",
        f"Delivered to content/: {done.written} files new or changed, {done.removed} gone.",
    )  # fmt: skip
    return publish_if_nobody_watches(settings, args)
