"""The recovery sheet: one printed page that says which keys there are, who keeps them, what to do when one is lost.

There is no secret in it: public halves, names and dates. The fingerprint is that of the first root, by which a
board is enrolled; it stays the same through every rotation.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from importlib import resources
from string import Template

from ..keys import PublicKey
from ..schedule import VIETNAM_TIME
from ..settings import Settings
from . import keyring
from .repository import OFFLINE, Repository

_ROLES = {"author": "soạn", "approver": "duyệt", "duty": "trực ban", "operator": "vận hành", "auditor": "kiểm tra"}
_LOST = (
    "Những người giữ các khóa gốc còn lại chạy <code>bangtin keys rotate root --replace {}</code>. "
    "Còn ít hơn {} khóa gốc thì phải lập kho mới và ghi danh lại từng bảng."
)
_LOST_ALL = "Xã chỉ có khóa này: mất nó thì phải lập kho mới và ghi danh lại từng bảng."


def recovery(settings: Settings, repository: Repository, now: datetime) -> bytes:
    """The sheet as HTML for A4; raises `Unavailable` (`repository-missing`)."""
    root, commune = repository.role("root"), settings.commune
    noted = keyring.register(settings.keys)
    first = _name(noted, root.keys[0], "root")
    signers = [noted[k.keyid].holder for k in root.keys if k.keyid in noted][:3] or ["Người giữ khóa gốc"]
    words = {
        "name": commune.heading, "province": commune.province, "code": commune.code,
        "now": _day(now, "%H:%M ngày %d/%m/%Y"), "repository": _groups(repository.identity()[1], 64),
        "threshold": str(root.threshold),
        "roots": str(len(root.keys)),
    }  # fmt: skip
    made = {
        "lost": _LOST.format(escape(first), root.threshold) if len(root.keys) > root.threshold else _LOST_ALL,
        "fingerprint": _groups(repository.fingerprint, 32),
        "keys": _key_rows(settings, repository, now), "people": _person_rows(settings, now),
        "signatures": "".join(f"<td>{escape(one)}<br>(ký, ghi rõ họ tên)</td>" for one in signers),
    }  # fmt: skip
    text = resources.files("signage.office").joinpath("seed", "phieu-khoi-phuc.html").read_text("utf-8")
    return Template(text).substitute({k: escape(v) for k, v in words.items()} | made).encode()


def _key_rows(settings: Settings, repository: Repository, now: datetime) -> str:
    noted, rows = keyring.register(settings.keys), []
    for life in repository.lives(now):
        for key in repository.role(life.role).keys:
            known, name = noted.get(key.keyid), _name(noted, key, life.role)
            usual = "tủ của cơ quan" if life.role in OFFLINE else "máy văn phòng"
            until = _day(life.expires) if life.role in OFFLINE else "tự gia hạn"
            place = "" if life.role in OFFLINE else "máy văn phòng"
            rows.append(_row(name, _code(key.fingerprint), known.holder if known else usual, until, place))
    return "\n".join(rows)


def _name(noted: Mapping[str, keyring.Noted], key: PublicKey, usual: str) -> str:
    return noted[key.keyid].file.removesuffix(".pem") if key.keyid in noted else usual


def _person_rows(settings: Settings, now: datetime) -> str:
    rows = []
    for member in settings.members:
        person = settings.people.get(member.id)
        for key in person.keys if person else ():
            if key.until > now and person and person.void_from is None:
                roles = ", ".join(_ROLES[role] for role in member.roles)
                rows.append(_row(member.id, member.name, roles, _code(key.key.fingerprint), _day(key.until)))
    return "\n".join(rows)


class _Code(str):
    """Digits, already safe."""


def _code(digits: str) -> str:
    return _Code(f"<code>{digits}</code>")


def _row(*cells: str) -> str:
    return "<tr>" + "".join(f"<td>{c if isinstance(c, _Code) else escape(c)}</td>" for c in cells) + "</tr>"


def _groups(digits: str, a_line: int) -> str:
    """Four digits at a time, as they are read aloud; so many on a line."""
    lines = [digits[i : i + a_line] for i in range(0, len(digits), a_line)]
    return "\n".join("  ".join(line[i : i + 4] for i in range(0, len(line), 4)) for line in lines)


def _day(moment: datetime, form: str = "%d/%m/%Y") -> str:
    return format(moment.astimezone(VIETNAM_TIME), form)
