"""`bangtin doctor`: what this machine lacks, what is unsafe, what to do; and the facts for the security dossier.

Exit code 0 unless something is unsafe (1). A folder with a `board.toml` is a board's; of it nothing of the
office is loaded, as with `bangtin board doctor`.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .. import durable
from ..errors import Problem
from ..wire import to_moment
from . import output

Subparsers = argparse._SubParsersAction
_GB = 1024  # MB
_WORDS = "máy này thiếu gì, chỗ nào không an toàn, cần làm gì; bản khai cho hồ sơ an toàn thông tin"
_AFTER = "Mã thoát 1 khi có chỗ không an toàn, 0 khi không. Chỉ xem, không đổi gì."


def add(verbs: Subparsers[argparse.ArgumentParser]) -> None:
    _options(verbs.add_parser("doctor", help=_WORDS, description=f"{_WORDS}. {_AFTER}"))


def add_board(verbs: Subparsers[argparse.ArgumentParser]) -> None:
    _options(verbs.add_parser("doctor", help=_WORDS, description=f"{_WORDS}. {_AFTER}"))


def _options(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--dir", type=Path, default=Path(), help="thư mục của xã hoặc của bảng (mặc định: thư mục này)")
    verb.add_argument("--url", metavar="ĐỊA-CHỈ", help="xem cả chứng thư TLS của địa chỉ này (có dùng mạng)")
    verb.add_argument("--port", type=int, action="append", default=[], metavar="CỔNG",
                      help="cổng mạng được phép mở ở máy này; ghi lại cho từng cổng")  # fmt: skip
    verb.add_argument("--sbom", type=Path, metavar="TỆP", help="ghi danh mục phần mềm (CycloneDX 1.6, JSON) ra tệp")
    verb.add_argument("--json", action="store_true", help="kết quả cho chương trình khác đọc")
    verb.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    """Raises what reading the folder's settings raises."""
    now = datetime.now(UTC)
    board = (args.dir / "board.toml").is_file()
    facts, found = _of_a_board(args) if board else _of_the_office(args, now)
    facts = {"v": 1, "of": "board" if board else "office", **_machine(args, now, found), **facts}
    if args.sbom:
        from .. import sbom

        bill = json.dumps(sbom.bill(now), ensure_ascii=False, indent=1)
        durable.write(args.sbom, bill.encode())
    found.sort(key=lambda p: p.severity != "error")  # stable: in the order of the checks within each
    unsafe = [p for p in found if p.severity == "error"]
    if args.json:
        output.as_json({"ok": not unsafe, **facts, "problems": [p.as_json(args.lang) for p in found]})
    else:
        _tell(args, facts, found)
    return 1 if unsafe else 0


def _of_a_board(args: argparse.Namespace) -> tuple[dict[str, Any], list[Problem]]:
    from .. import machine  # psutil: not for a kiosk, which shares this parser
    from ..board import doctor

    facts, found = doctor.examine(args.dir.resolve())
    open_now = machine.ports() or []
    found += machine.lacking(doctor.NEEDED)
    return facts, [*found, *machine.open_ports(open_now, args.port, "doctor-port-board", unsafe=True)]


def _of_the_office(args: argparse.Namespace, now: datetime) -> tuple[dict[str, Any], list[Problem]]:
    from .. import machine  # psutil: not for a kiosk, which shares this parser
    from ..office import doctor
    from ..settings import load

    facts, found = doctor.examine(load(args.dir.resolve()), now)
    open_now, expected = machine.ports() or [], (*doctor.PORTS, *args.port)
    found += machine.lacking()
    return facts, [*found, *machine.open_ports(open_now, expected, "doctor-port", unsafe=False)]


def _machine(args: argparse.Namespace, now: datetime, found: list[Problem]) -> dict[str, Any]:
    """Facts of any machine; what is wrong with them goes to `found`."""
    from .. import machine  # psutil: not for a kiosk, which shares this parser
    from ..board.clock import kernel_synchronised

    listening = machine.ports()
    clock, loose = machine.clock(now, kernel_synchronised())
    disk, little = machine.disk(args.dir)
    found += [*loose, *little]
    facts = {
        **machine.versions(), "clock": clock, "disk": disk,
        "listening": None if listening is None else [vars(port) | {"alone": port.alone} for port in listening],
    }  # fmt: skip
    if args.url:
        facts["tls"], more = machine.tls(args.url, now)
        found += more
    return facts


# ── telling ──────────────────────────────────────────────────────────────────────────────────────


def _tell(args: argparse.Namespace, facts: dict[str, Any], found: list[Problem]) -> None:
    for severity, vi, en in (("error", "KHÔNG AN TOÀN", "UNSAFE"), ("warning", "CẦN LÀM", "TO DO")):
        some = [p for p in found if p.severity == severity]
        if some:
            output.say(args, f"{vi}: {len(some)}", f"{en}: {len(some)}")
            output.problems(some, args)
    if not found:
        output.say(args, "Không thấy chỗ nào không an toàn.", "Nothing unsafe was found.")
    output.say(args, "\nMÁY NÀY", "\nTHIS MACHINE")
    _line(args, "Phiên bản", "Versions", f"bangtin {facts['bangtin']}, Python {facts['python']}, {facts['system']}")
    libraries = ", ".join(f"{name} {version}" for name, version in facts["libraries"].items())
    _line(args, "Thư viện ký và đọc tệp", "Libraries that sign and read", f"{libraries}; {facts['openssl']}")
    _line(args, "Cổng đang mở", "Listening ports", _ports(args, facts["listening"]))
    _line(args, "Đồng hồ", "Clock", _clock(args, facts["clock"]))
    free, whole = (f"{facts['disk'][name] / _GB:.1f}".replace(".", ",") for name in ("free_mb", "total_mb"))
    _line(args, "Đĩa còn trống", "Free disk", f"{free} / {whole} GB")
    if tls := facts.get("tls"):
        until = output.when(to_moment(tls["until"])) if tls.get("until") else "—"
        _line(args, "TLS", "TLS", f"{tls['url']}: {tls.get('version', '—')}, {until}")
    for one in facts["secrets"]:
        lock = {True: " có mật khẩu", False: " không mật khẩu"}.get(one.get("passphrase"), "")
        since = f", từ {output.when(to_moment(one['since']))}" if "since" in one else ""
        words = f"{one['file']} {one['mode']}"
        _line(args, "Khóa riêng", "Private key", words + (lock + since if args.lang == "vi" else ""))
    if facts["of"] == "board":
        _line(args, "Bảng", "Board", f"{facts['board']}, {facts['url']}; {' '.join(facts['words'])}")
    else:
        _tell_office(args, facts)


def _tell_office(args: argparse.Namespace, facts: dict[str, Any]) -> None:
    from ..office.doctor import may_sign

    output.say(args, "\nCHỮ KÝ CỦA XÃ", "\nTHE COMMUNE'S ROLES")
    for role in facts.get("roles", ()):
        until, of = output.when(to_moment(role["expires"])), len(role["keys"])
        output.say(args, f"{role['role']}: cần {role['threshold']} trong {of} khóa ({role['who']}); chữ ký đến {until},"
                   f" còn {role['percent_left']} %",
                   f"{role['role']}: {role['threshold']} of {of} keys ({role['who']}); until {until},"
                   f" {role['percent_left']} % left")  # fmt: skip
    output.say(args, "\nAI ĐƯỢC KÝ", "\nWHO MAY SIGN")
    for person in may_sign(facts):
        roles = ", ".join(person["roles"]) + (f" ({', '.join(person['classes'])})" if person["classes"] else "")
        keys = "; ".join(
            f"{k['fingerprint']} {output.when(to_moment(k['from']))} – {output.when(to_moment(k['until']))}"
            for k in person["keys"]
        )
        print(f"{person['id']} {person['name']}: {roles}; {keys or '—'}")


def _line(args: argparse.Namespace, vi: str, en: str, value: str) -> None:
    output.say(args, f"{vi}: {value}", f"{en}: {value}")


def _ports(args: argparse.Namespace, listening: list[dict[str, Any]] | None) -> str:
    if listening is None:
        return "không xem được" if args.lang == "vi" else "could not be seen"
    told = [
        f"{port['kind']} {port['address']}:{port['port']}{' ' + port['program'] if port['program'] else ''}"
        for port in listening
    ]
    return ", ".join(told) or ("không có" if args.lang == "vi" else "none")


def _clock(args: argparse.Namespace, clock: dict[str, Any]) -> str:
    source = f" ({clock['source']})" if clock["source"] else ""
    vi = "có giờ chuẩn" if clock["synchronised"] else "KHÔNG có giờ chuẩn"
    en = "synchronised" if clock["synchronised"] else "NOT synchronised"
    return (vi if args.lang == "vi" else en) + source
