"""`bangtin people`: who may do what, with which keys. Each verb says what it means before long absences end."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .. import durable
from ..errors import BadInput, Problem, Refused, WrongUse
from ..keys import PrivateKey, PublicKey, valid_public
from ..notice.vocabulary import CLASSES
from ..review.record import ROLES
from ..settings import PEOPLE_FILE, Settings, load
from ..settings.table import NAME
from ..wire import to_moment, when
from . import output, successor
from .verbs import Verbs, verb

if TYPE_CHECKING:  # the office is heavy: imported when a verb needs it
    from ..office.peoplefile import PeopleFile


def add(verbs: Verbs) -> None:
    whole = verbs.add_parser("people", help="người được giao: thêm, nghỉ, mất khóa, đổi khóa, ký danh sách")
    acts = whole.add_subparsers(metavar="VIỆC", required=True)
    _verb(acts, "list", _list, "ai được làm gì, khóa nào, đến bao giờ", signs=False).add_argument(
        "--json", action="store_true", help="kết quả cho chương trình khác đọc"
    )
    _verb(acts, "sign", _sign, "ký lại danh sách người sau khi sửa people.toml")
    key = _verb(acts, "key", _key, "tạo khóa của mình trên máy của mình, in ra nửa công khai", signs=False)
    key.add_argument("person", metavar="NGƯỜI", help="mã của mình, ví dụ p8")
    key.add_argument("--again", action="store_true", help="khóa mới; khóa cũ giữ lại dưới tên NGƯỜI-cu.pem")
    output.new_key_options(key)
    new = _verb(acts, "add", _add, "thêm một người và khóa của người ấy")
    new.add_argument("person", metavar="NGƯỜI", help="mã mới, ví dụ p8")
    new.add_argument("--name", required=True, help="họ và tên")
    new.add_argument("--role", action="append", required=True, choices=ROLES, dest="roles", help="vai trò")
    new.add_argument("--class", action="append", default=[], choices=sorted(CLASSES), dest="classes",
                     help="chỉ được ký loại này (mặc định: mọi loại)")  # fmt: skip
    rotate = _verb(acts, "rotate", _rotate, "đổi khóa của một người; khóa cũ hết hạn ngay")
    rotate.add_argument("person", metavar="NGƯỜI")
    for one in (new, rotate):
        one.add_argument("--public", default=None, metavar="HEX", help="khóa công khai do người ấy tự tạo ở máy mình")
        one.add_argument("--until", default=None, metavar="NGÀY", help="khóa dùng đến hết ngày này (mặc định: 3 năm)")
        output.new_key_options(one)
    revoke = _verb(acts, "revoke", _revoke, "một người nghỉ việc, hoặc khóa của họ bị lấy cắp")
    revoke.add_argument("person", metavar="NGƯỜI")
    why = revoke.add_mutually_exclusive_group(required=True)
    why.add_argument("--left", nargs="?", const="", default=None, metavar="NGÀY",
                     help="nghỉ việc hết ngày này (mặc định: ngay bây giờ); những gì đã ký vẫn có giá trị")  # fmt: skip
    why.add_argument("--stolen", default=None, metavar="NGÀY",
                     help="khóa bị lấy cắp từ ngày này: chữ ký từ lúc ấy mất giá trị")  # fmt: skip
    successor.add(acts)


def _verb(
    acts: Verbs, name: str, run: Callable[[argparse.Namespace], int], words: str,
    *, signs: bool = True,
) -> argparse.ArgumentParser:  # fmt: skip
    made = verb(acts, name, run, words)
    if signs:
        made.add_argument("--key", type=Path, default=None, help="tệp khóa targets (mặc định: keys/targets.pem)")
        made.add_argument("--passphrase-file", default=None, help="đọc mật khẩu của khóa targets từ tệp thay vì gõ")
    return made


# ── looking ──────────────────────────────────────────────────────────────────────────────────────


def _list(args: argparse.Namespace) -> int:
    settings, now = load(args.dir), datetime.now(UTC)
    told = []
    for member in settings.members:
        person = settings.people.get(member.id)
        keys = [
            {"fingerprint": k.key.fingerprint, "public": k.key.public, "from": when(k.since), "until": when(k.until)}
            for k in (person.keys if person else ())
        ]
        void = person.void_from if person else None
        told.append({
            "id": member.id, "name": member.name, "roles": list(member.roles), "keys": keys,
            "classes": list(person.classes) if person else [], "void_from": when(void) if void else None,
        })  # fmt: skip
        if args.json:
            continue
        limits = [f"chỉ loại {', '.join(person.classes)}"] if person and person.classes else []
        limits += [f"khóa bị lấy cắp từ {output.when(void)}"] if void else []
        print("\t".join([member.id, member.name, ", ".join(member.roles), *limits]))
        for k in person.keys if person else ():
            ended = "đã hết hạn" if k.until <= now else "dùng đến"
            print(f"\t{k.key.fingerprint}\t{ended} {output.when(k.until)}")
    if args.json:
        output.as_json(told)
    return 0


# ── changing ─────────────────────────────────────────────────────────────────────────────────────


def _sign(args: argparse.Namespace) -> int:
    settings = load(args.dir)
    successor.told_changes(args, settings)  # before the passphrase: there is still time to stop
    _signed(settings, _unlocked(args))
    output.say(args, f"Đã ký danh sách {len(settings.people.people)} người.",
               f"Signed the list of {len(settings.people.people)} people.")  # fmt: skip
    return 0


def _key(args: argparse.Namespace) -> int:
    from ..office.starter import person_key

    path = person_key(args.dir, _ident(args))
    old = path.with_name(f"{args.person}-cu.pem")
    if path.exists() and (not args.again or old.exists()):
        raise Refused("key-exists", file=str(old if args.again else path))
    key, secret = PrivateKey.generate(), output.new_passphrase(args, args.person, args.person)
    if path.exists():
        durable.take(path, old)
    key.save(path, secret)
    output.say(
        args,
        f"Đã tạo khóa ở {path}: giữ kín, không gửi cho ai.\nGửi dòng này cho người giữ khóa targets (không bí mật):\n"
        f"  {key.public.public}\nĐọc cho nhau nghe để so dấu vân tay: {key.public.fingerprint}",
        f"Made the key {path}: keep it, send it to nobody.\nSend this line to the holder of the targets key:\n"
        f"  {key.public.public}\nCompare the fingerprint aloud: {key.public.fingerprint}",
    )
    return 0


def _add(args: argparse.Namespace) -> int:
    from ..office.starter import SIGNING, key_table

    now, people = datetime.now(UTC).replace(microsecond=0), _as_signed(args)
    if any(known.get("id") == _ident(args) for known in people.persons):
        raise Refused("person-exists", person=args.person)
    signer = _unlocked(args)
    person = {"id": args.person, "name": args.name, "roles": list(dict.fromkeys(args.roles))}
    people.add_person({**person, "classes": args.classes} if args.classes else person)
    fresh = _public(args, people) if args.public or set(args.roles) & SIGNING else None
    if fresh:
        people.add_key(args.person, key_table(fresh, now, _until(args)))
    _apply(args, people, signer)
    shown = fresh.fingerprint if fresh else "không cần khóa"
    output.say(args, f"Đã thêm {args.person} ({args.name}): {', '.join(args.roles)}. Khóa: {shown}.",
               f"Added {args.person} ({args.name}): {', '.join(args.roles)}. Key: {shown}.")  # fmt: skip
    successor.told_spread(args)
    return 0


def _rotate(args: argparse.Namespace) -> int:
    from ..office.reminders import LENT
    from ..office.starter import key_table, person_key

    now, people = datetime.now(UTC).replace(microsecond=0), _as_signed(args)
    person = people.person(args.person)
    if person.get("void_from"):
        raise Refused("may-not-sign", person=args.person, role=", ".join(person["roles"]), act="rotate")
    signer = _unlocked(args)
    fresh = _public(args, people)
    lent = [end for k in person.get("key", []) if now < (end := to_moment(k["until"])) < to_moment(k["from"]) + LENT]
    _end_keys(people, args.person, now)
    people.add_key(args.person, key_table(fresh, now, _until(args) or max(lent, default=None)))
    _apply(args, people, signer)
    path = person_key(args.dir, args.person)
    if not args.public:
        durable.take(_next(path), path)
    output.say(
        args,
        f"Khóa mới của {args.person}: {fresh.fingerprint}. Khóa cũ hết hạn từ bây giờ; những gì đã ký bằng khóa cũ "
        f"vẫn có giá trị, thông báo đang hiện không đổi. Hủy mọi bản chép của khóa cũ.",
        f"The new key of {args.person}: {fresh.fingerprint}. The old one has ended; what it signed stays good. "
        f"Destroy all copies of it.",
    )
    successor.told_spread(args)
    return 0


def _revoke(args: argparse.Namespace) -> int:
    now, people = datetime.now(UTC).replace(microsecond=0), _as_signed(args)
    people.person(args.person)
    if args.stolen is not None:
        moment = output.moment("--stolen", args.stolen)
        people.void(args.person, when(moment))
    else:
        moment = output.moment("--left", args.left, ends=True) if args.left else now
        if not _end_keys(people, args.person, moment):
            raise Refused("person-keyless", person=args.person)
    settings = _apply(args, people, _unlocked(args))
    if args.stolen is None:
        output.say(
            args,
            f"Khóa của {args.person} hết hạn {output.when(moment)}. Những gì {args.person} đã ký trước lúc ấy vẫn có "
            f"giá trị: không thông báo nào đang hiện bị gỡ. Thu lại máy, USB có khóa và xóa tệp khóa; ngờ khóa đã lọt "
            f"ra ngoài thì dùng --stolen.",
            f"The key of {args.person} ends {output.when(moment)}. What it signed before stays good: no notice falls. "
            f"Take the key file back; if it may be out, use --stolen.",
        )
    else:
        successor.told_fallen(args, settings, args.person, moment, now)
    successor.told_nobody_left(args, settings, now)
    successor.told_spread(args)
    return 0


def _as_signed(args: argparse.Namespace) -> PeopleFile:
    """The file as the targets key has signed it: what somebody else wrote into it is never signed along with a change.

    Raises `Refused` (`people-unsigned`).
    """
    from ..office.peoplefile import PeopleFile
    from ..office.publish import signed_people

    settings = load(args.dir)
    if settings.people != signed_people(settings):
        raise Refused("people-unsigned")
    return PeopleFile(args.dir)


def _end_keys(people: PeopleFile, person: str, moment: datetime) -> int:
    """End every key of a person that would go on; how many did."""
    going = [k["public"] for k in people.person(person).get("key", []) if k.get("until", "9999") > when(moment)]
    for public in going:
        people.end_key(person, public, when(moment))
    return len(going)


def _apply(args: argparse.Namespace, people: PeopleFile, signer: PrivateKey) -> Settings:
    """people.toml as changed, if it is good, and signed."""
    before = (args.dir / PEOPLE_FILE).read_bytes()
    people.write()
    try:
        settings = load(args.dir)
    except BadInput:
        durable.write(args.dir / PEOPLE_FILE, before)
        raise
    _signed(settings, signer)
    return settings


def _signed(settings: Settings, key: PrivateKey) -> None:
    from ..office.publish import PATIENCE_S, repository

    settings.state.mkdir(parents=True, exist_ok=True)
    with durable.only_one(settings.state / "publish.lock", patience_s=PATIENCE_S):
        repository(settings).sign_people(settings.people.to_bytes(), datetime.now(UTC), key)


def _unlocked(args: argparse.Namespace) -> PrivateKey:
    """The targets key; raises `Refused` (`key-missing`, `key-locked`, `key-not-of-role`, `keys-few`)."""
    from ..office import keyring
    from ..office.publish import repository

    settings = load(args.dir)
    named = [args.key] if args.key else []
    wanted = {"targets": repository(settings).role("targets")}
    (key,) = keyring.find(settings.keys, wanted, lambda path: output.passphrase_of(path, args), named)["targets"]
    return key


def _public(args: argparse.Namespace, people: PeopleFile) -> PublicKey:
    """The new key: the public half that was brought, or a new one made on this machine."""
    from ..office.starter import person_key

    if args.public:
        public = "".join(args.public.split()).lower()
        if not valid_public(public):
            raise WrongUse("public-bad", value=args.public)
        return PublicKey(public)
    path = person_key(args.dir, args.person)
    key = PrivateKey.generate()
    target = _next(path) if path.exists() else path
    durable.remove(_next(path))  # left by a rotation that nobody signed
    name = people.person(args.person)["name"]
    key.save(target, output.new_passphrase(args, name, name))
    return key.public


def _ident(args: argparse.Namespace) -> str:
    """The person's id as typed; raises `BadInput`: it becomes a file's name before anything is read."""
    if not re.fullmatch(NAME, args.person):
        raise BadInput(
            [Problem("setting-shape", PEOPLE_FILE, field="id", values={"value": args.person, "pattern": NAME})]
        )
    return str(args.person)


def _next(path: Path) -> Path:
    return path.with_name(f"{path.stem}-next.pem")


def _until(args: argparse.Namespace) -> datetime | None:
    return output.moment("--until", args.until, ends=True) if args.until else None
