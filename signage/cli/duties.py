"""`bangtin duties`: which mandatory parts of the site are empty, which are due."""

from __future__ import annotations

import argparse
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from ..errors import BangtinError, Refused
from ..schedule import VIETNAM_TIME
from ..settings import Settings, load
from . import output
from .verbs import in_commune

if TYPE_CHECKING:
    from ..office.duties import Coverage, Given

SAID = {
    "empty": ("Mục còn trống", "Empty"), "due": ("Đến hạn đăng tiếp", "Due"), "soon": ("Sắp đến hạn", "Due soon"),
    "good": ("Đủ", "In order"),
}  # fmt: skip


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    words = "mục nào của trang còn trống, mục nào đến hạn đăng tiếp"
    verb = verbs.add_parser("duties", help=words, description=words)
    verb.set_defaults(run=_duties)
    in_commune(verb)
    verb.add_argument("--json", action="store_true", help="kết quả cho chương trình khác đọc")


def _duties(args: argparse.Namespace) -> int:
    from ..office.duties import coverage
    from ..office.rules import read_rules

    settings = load(args.dir)
    rules, given = read_rules(settings.folder), _published(settings)
    today = datetime.now(UTC).astimezone(VIETNAM_TIME).date()
    found = coverage((*rules.sections, *rules.categories), given)
    if args.json:
        output.as_json({"v": 1, "rules": rules.version, "duties": [_told(one, today) for one in found]})
        return 0
    for state, (vi, en) in SAID.items():
        here = [one for one in found if one.state(today) == state]
        if here:
            output.say(args, f"{vi} ({len(here)}):", f"{en} ({len(here)}):")
        for one in here:
            print(f"  {_line(one, args.lang)}")
    output.say(
        args, f"Theo bộ quy tắc {rules.version}. Số ngày là gợi ý; nguồn chưa kiểm chứng có ghi trong bộ quy tắc.",
        f"By rules {rules.version}. Periods are suggestions; the rules say which sources are unverified.",
    )  # fmt: skip
    return 0


def _published(settings: Settings) -> list[Given]:
    """What is approved and neither withdrawn nor hidden; nothing before the commune's keys are made."""
    from ..office.desk import Desk
    from ..office.duties import Given
    from ..office.publish import signed_people
    from ..office.standing import in_force

    try:
        desk = Desk(settings, signed_people(settings))
    except BangtinError:
        return []
    found = []
    for standing in in_force(desk.standings()).values():
        if standing.approval is None or standing.withdrawn or standing.hidden:
            continue
        try:
            found.append(Given(desk.book.notice(standing.statement), standing.approval.at))
        except Refused:  # damaged: `bangtin check` tells it
            continue
    return found


def _line(one: Coverage, language: str) -> str:
    name = one.duty.name
    if one.last is None:
        return name
    last, due = f"{one.last.day:%d/%m/%Y}", f"{one.due:%d/%m/%Y}" if one.due else ""
    if language == "vi":
        return f"{name}: đăng gần nhất {last}" + (f", nên đăng tiếp trước {due}" if due else "")
    return f"{name}: last {last}" + (f", due {due}" if due else "")


def _told(one: Coverage, today: date) -> dict[str, Any]:
    duty, last = one.duty, one.last
    return {
        "name": duty.name, "category": duty.category or None, "where": duty.where or None, "state": one.state(today),
        "count": one.count, "last": last.day.isoformat() if last else None,
        "notice": last.notice.id if last else None, "due": one.due.isoformat() if one.due else None,
        "every": duty.every, "source": duty.source.name, "standing": duty.source.standing,
    }  # fmt: skip
