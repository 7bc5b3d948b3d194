"""Writes docs/lenh.md from the command line itself: `.venv/bin/python docs/commands.py`. A test compares."""

import argparse
from collections.abc import Iterator
from pathlib import Path

from signage.cli import parser

PAGE = Path(__file__).parent / "lenh.md"
EXAMPLES = {
    "init": "bangtin init xa-an-binh",
    "new": "bangtin new cat-dien --name cat-dien-thon-3",
    "draft": "bangtin draft thong-bao-cat-dien.docx",
    "check": "bangtin check --json",
    "duties": "bangtin duties",
    "people list": "bangtin people list",
    "people sign": "bangtin people sign",
    "people key": "bangtin people key p8",
    "people add": 'bangtin people add p8 --name "Họ và tên" --role approver',
    "people rotate": "bangtin people rotate p3",
    "people revoke": "bangtin people revoke p3 --stolen 2026-11-20",
    "people countersign": "bangtin people countersign --as p4",
    "keys list": "bangtin keys list",
    "keys sheet": "bangtin keys sheet",
    "keys renew": "bangtin keys renew targets",
    "keys rotate": "bangtin keys rotate root --replace root-2",
    "preview": 'bangtin preview --board cong-xa --at "2026-11-22 17:00"',
    "submit": "bangtin submit thong-bao/2026/cat-dien-thon-3 --as p1",
    "approve": "bangtin approve --all --as p3",
    "withdraw": 'bangtin withdraw thong-bao/2026/cat-dien-thon-3 --as p3 --reason "Sai ngày"',
    "hide": "bangtin hide thong-bao/2026/cat-dien-thon-3 --as p1",
    "show": "bangtin show thong-bao/2026/cat-dien-thon-3 --as p3",
    "safe on": 'bangtin safe on --as p5 --reason "Có hình lạ"',
    "safe off": "bangtin safe off --as p3",
    "sticker": "bangtin sticker cong-xa",
    "print": "bangtin print --hamlet thon-3 --week 2026-11-23",
    "alert raise": 'bangtin alert raise --as p5 --level 3 --source "Đài KTTV" --title "Lũ lên" --text "Di dời ngay."',
    "alert cancel": "bangtin alert cancel khan-cap/2026/lu --as p5",
    "alert list": "bangtin alert list",
    "git install": "bangtin git install --server /srv/xa.git",
    "git check": "bangtin git check",
    "git receive": "bangtin git receive --dir /srv/xa",
    "git deliver": "bangtin git deliver --repository /srv/xa.git --dir /srv/xa",
    "audit verify": "bangtin audit verify",
    "audit export": "bangtin audit export --from 2026-11-01 --to 2026-11-30 --output nhat-ky.csv",
    "backup": "bangtin backup /srv/sao-luu/xa.tar",
    "restore": "bangtin restore /srv/sao-luu/xa.tar /srv/xa --served https://xa.example",
    "box install": "bangtin box install --dir /srv/xa --store /srv/sao-luu --print",
    "build": "bangtin build --output /tmp/trang",
    "publish": "bangtin publish --watch",
    "folder": "bangtin folder --watch",
    "serve": "bangtin serve --port 8200",
    "board enroll": "bangtin board enroll --dir /srv/bang --board cong-xa --url https://xa.example --root 1.root.json",
    "board sync": "bangtin board sync --dir /srv/bang --watch",
    "board play": "bangtin board play --dir /srv/bang --windowed",
    "board kiosk": "bangtin board kiosk --dir /srv/bang",
    "board install": "bangtin board install --dir /srv/bang --print",
    "board import-usb": "bangtin board import-usb /media/usb --dir /srv/bang",
    "board prepare": "bangtin board prepare cong-xa --to /media/usb",
    "board introduce": "bangtin board introduce 7K3M-Q9XW-2RTB-HV5N --dir /srv/bang",
    "board confirm": "bangtin board confirm /media/usb",
    "board status": "bangtin board status --dir /srv/bang",
    "board panic": "bangtin board panic --dir /srv/bang",
    "hub serve": "bangtin hub serve --dir /srv/hub",
    "hub backup": "bangtin hub backup --dir /srv/hub /srv/sao-luu/hub-2026-11-22.sqlite",
    "hub restore": "bangtin hub restore --dir /srv/hub-moi /srv/sao-luu/hub-2026-11-22.sqlite",
    "hub enroll": "bangtin hub enroll --dir /srv/hub --settings /srv/xa board.pub.json",
    "hub account add": "bangtin hub account add nguyen.lan --role admin --dir /srv/hub",
    "hub account password": "bangtin hub account password nguyen.lan --dir /srv/hub",
    "hub account disable": "bangtin hub account disable nguyen.lan --dir /srv/hub",
    "hub account unlock": "bangtin hub account unlock nguyen.lan --dir /srv/hub",
    "hub account token": "bangtin hub account token van-phong --dir /srv/hub",
    "hub account list": "bangtin hub account list --dir /srv/hub",
    "hub audit": "bangtin hub audit --verify --dir /srv/hub",
    "hub fleet code": "bangtin hub fleet code cong-xa --settings /srv/xa --dir /srv/hub",
    "hub fleet show": "bangtin hub fleet show --dir /srv/hub --out cac-bang.toml",
    "hub fleet apply": "bangtin hub fleet apply cac-bang.toml --dir /srv/hub",
    "hub fleet retire": "bangtin hub fleet retire 20506/cong-xa --dir /srv/hub",
    "hub fleet restore": "bangtin hub fleet restore 20506/cong-xa --dir /srv/hub",
    "hub report": "bangtin hub report --dir /srv/hub --period 2026-11 --out /srv/bao-cao",
    "board doctor": "bangtin board doctor --dir /srv/bang",
    "doctor": "bangtin doctor --sbom danh-muc-phan-mem.json",
    "demo": "bangtin demo",
}
HEAD = """# Các lệnh

Gõ `bangtin LỆNH --help` để xem ngay trên máy. `--lang en` (trước hay sau lệnh) cho lời báo tiếng Anh;
`--version` in phiên bản.

Mã thoát: **0** xong · **1** không làm được · **2** gõ sai lệnh · **3** bị từ chối do chưa duyệt hoặc không tin cậy.

Trang này do `docs/commands.py` viết ra từ chính chương trình.
"""


def verbs(of: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every verb that does something, with its parser: `board sync`, `check` …"""
    deeper = [a for a in of._actions if isinstance(a, argparse._SubParsersAction)]
    if not deeper:
        yield name, of
    for action in deeper:
        for verb, inner in action.choices.items():
            yield from verbs(inner, f"{name} {verb}".strip())


def page() -> str:
    parts = [HEAD]
    for name, verb in verbs(parser()):
        parts.append(
            f"\n## bangtin {name}\n\n{_sentence(verb.description or _help(name))}\n\n```sh\n{EXAMPLES[name]}\n```\n"
        )
        rows = [_row(action) for action in verb._actions if not isinstance(action, argparse._HelpAction)]
        if rows:
            parts.append("\n| | |\n|---|---|\n" + "".join(rows))
    return "".join(parts)


def _help(name: str) -> str:
    """What the group above says of a verb without a description of its own."""
    of: argparse.ArgumentParser = parser()
    words = ""
    for part in name.split():
        action = next(a for a in of._actions if isinstance(a, argparse._SubParsersAction))
        words = next((c.help or "" for c in action._choices_actions if c.dest == part), "")
        of = action.choices[part]
    return words


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."


def _row(action: argparse.Action) -> str:
    names = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    takes = f" {action.metavar}" if action.option_strings and isinstance(action.metavar, str) else ""
    words = (action.help or "").replace("|", "\\|")
    return f"| `{names}{takes}` | {words} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
