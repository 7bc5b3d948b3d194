"""What a change of people means for notices and boards; `bangtin people countersign`.

When a key is stolen, somebody else signs what is on show, in one batch.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..errors import Refused
from ..settings import Settings, load
from . import output
from .approval import desk_of, signatory, signing_verb

if TYPE_CHECKING:
    from ..office.countersign import Leaning
    from ..review import Person

_ROLES = {"author": "người biên tập", "approver": "người duyệt"}


def add(acts: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verb = signing_verb(acts, "countersign", _countersign, "ký thay, một lượt, những thông báo dựa vào khóa bị lấy cắp",
                        who=False)  # fmt: skip
    verb.add_argument("--as", dest="person", default=None, metavar="NGƯỜI", help="mã người ký thay, ví dụ p4")
    verb.add_argument("--list", action="store_true", help="chỉ liệt kê")


def _countersign(args: argparse.Namespace) -> int:
    from ..office import preview
    from ..office.countersign import countersign, leaning

    settings, now = load(args.dir), datetime.now(UTC)
    desk = desk_of(settings)
    every = leaning(desk, now)
    if args.list:
        _listed(args, every)
        return 0
    who = signatory(args, settings, *_role_first(every, settings, args.person))
    chosen = [one for one in every if one.may(who.person, who.role)]
    if not chosen:
        raise Refused("nothing-leans", person=who.person)
    _listed(args, chosen)
    page = preview.sheet(settings, desk, [one.standing for one in chosen], settings.state / "duyet", now)
    output.say(args, f"Xem đúng các tệp đang và sẽ hiện: {page}", f"See the very files: {page}")
    if not output.sure(args, f"Gõ “duyệt” để ký thay {len(chosen)} thông báo:",
                       f"Type “yes” to sign {len(chosen)}:", "duyệt"):  # fmt: skip
        raise Refused("not-confirmed")
    signed = countersign(desk, chosen, who, now)
    wanting = [s for s in signed if s.approval is None]
    output.say(args, f"Đã ký thay {len(signed)} thông báo. Chạy `bangtin publish` để có hiệu lực.",
               f"Signed {len(signed)} notices. Run `bangtin publish` to make it so.")  # fmt: skip
    if wanting:
        output.say(args, f"{len(wanting)} thông báo còn cần một người khác ký: bangtin people countersign --list",
                   f"{len(wanting)} still need another person: bangtin people countersign --list")  # fmt: skip
    return 0


def _role_first(every: list[Leaning], settings: Settings, person: str | None) -> tuple[str, ...]:
    """The roles to act in: first one in which something waits for a person who has several."""
    member = settings.member(person or "")
    mine = [role for role in _ROLES if member is None or role in member.roles]
    wanted = [role for role in mine if any(one.may(person or "", role) for one in every)]
    return tuple(wanted or _ROLES)


def _listed(args: argparse.Namespace, every: list[Leaning]) -> None:
    for one in every:
        roles = ", ".join(_ROLES[role] for role in one.needs)
        state = "đã mất phê duyệt" if one.fallen else "chỉ còn trên bảng đã kiểm tra trước"
        print(f"{one.standing.statement.notice}\t{one.standing.statement.title}\t{state}\tcần: {roles}")


def told_changes(args: argparse.Namespace, settings: Settings) -> None:
    """Everything in which people.toml differs from the list that is signed, whoever wrote it there."""
    from ..office.publish import signed_people

    old, new = ({p.id: p for p in people.people} for people in (signed_people(settings), settings.people))
    for ident in sorted({*old, *new}):
        before, after = old.get(ident), new.get(ident)
        if before != after:
            output.say(args, f"! {ident}\n  đã ký:  {_told(before)}\n  sẽ ký:  {_told(after)}",
                       f"! {ident}\n  signed:  {_told(before)}\n  to sign: {_told(after)}")  # fmt: skip


def _told(person: Person | None) -> str:
    if person is None:
        return "–"
    keys = [f"{k.key.fingerprint} ({output.when(k.since)} – {output.when(k.until)})" for k in person.keys]
    void = [f"void_from {output.when(person.void_from)}"] if person.void_from else []
    return "; ".join([", ".join(sorted(person.roles)), *filter(None, [", ".join(person.classes)]), *keys, *void])


def told_fallen(args: argparse.Namespace, settings: Settings, person: str, since: datetime, now: datetime) -> None:
    """What a stolen key means for what is on show, and the command that mends it."""
    from ..office.countersign import leaning

    every = leaning(desk_of(settings), now)
    output.say(
        args,
        f"Khóa của {person} mất giá trị từ {output.when(since)}: mọi chữ ký từ lúc ấy bị bỏ. Mã {person} không ký được "
        f"nữa; người ấy còn làm việc thì cấp mã mới: bangtin people add.",
        f"The key of {person} is void from {output.when(since)}. The id {person} signs no more; give that person a new "
        f"one: bangtin people add.",
    )
    if not every:
        output.say(args, "Không thông báo nào đang hiện bị ảnh hưởng.", "No notice on show is concerned.")
        return
    output.say(
        args,
        f"{len(every)} thông báo đang hiện dựa vào chữ ký của khóa này. Loại “đã mất phê duyệt” rời bảng và trang "
        f"ở lần phát hành tới; loại kia còn trên bảng đã kiểm tra trước, bảng mới hay bảng vắng mặt thì không nhận:",
        f"{len(every)} notices on show lean on this key:",
    )
    _listed(args, every)
    output.say(
        args,
        "Người khác xem lại rồi ký thay một lượt, sau đó phát hành:\n  bangtin people countersign --as NGƯỜI\n"
        "  bangtin publish",
        "Somebody else looks and signs them in one batch, then publish:\n  bangtin people countersign --as PERSON\n"
        "  bangtin publish",
    )


def told_nobody_left(args: argparse.Namespace, settings: Settings, now: datetime) -> None:
    """A role without anybody: nothing can be submitted, approved or raised until somebody has it."""
    able = [p for p in settings.people.people if not p.void_from and any(k.since <= now < k.until for k in p.keys)]
    for role, vi in (("author", "soạn"), ("approver", "duyệt"), ("duty", "trực ban")):
        if not any(role in person.roles for person in able):
            output.say(args, f"! Không còn ai có khóa để {vi}: thêm người ngay, bangtin people add.",
                       f"! Nobody is left with a key of the role {role}: bangtin people add.")  # fmt: skip


def told_spread(args: argparse.Namespace) -> None:
    """What boards know of a change, and when."""
    output.say(
        args,
        "Bảng biết thay đổi này ở lần liên lạc kế tiếp. Bảng mất mạng nhiều tuần vẫn theo danh sách cũ cho đến khi có "
        "mạng lại hoặc được cắm USB bản phát hành mới; trong lúc ấy bảng chỉ chiếu tiếp những gì đang giữ.",
        "Boards learn of it at their next contact. A board without network keeps to the old list until it is back, or "
        "a stick brings the new publication; until then it shows what it holds.",
    )
