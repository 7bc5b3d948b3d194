"""The operator's guide, docs/van-hanh.md, typed to the letter and in its order, on one machine with a virtual screen.

Its folders lie below a temporary one, its ports and addresses are this test's. What stays, stays running as it would;
what a chapter promises is looked at. docs/province.md's few commands are typed at the end, on the same hub.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from signage.cli import main
from signage.office import starter
from signage.office.desk import Standing
from signage.office.standing import in_force
from signage.schedule import VIETNAM_TIME
from tests.conftest import PEOPLE, TOML, Office
from tests.hub.proxy import NGINX, PARTS
from tests.journeys.conftest import BANGTIN, free_port, process, wait_until

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/van-hanh.md").read_text("utf-8")
PROVINCE = (ROOT / "docs/province.md").read_text("utf-8")
COMMUNE = "20506"  # the guide's
PASSWORD = "một câu rất dễ nhớ"
STAYS = {"publish --watch": "publish", "serve": "serve", "board sync": "sync", "board kiosk": "kiosk",
         "hub serve": "hub"}  # fmt: skip
PUSH = ("python deploy/push/", "--hints ")  # run in tests/hub/test_push.py
pytestmark = pytest.mark.skipif(NGINX is None, reason="no nginx (apt-get install nginx-light)")


def blocks(page: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page, re.DOTALL)


def lines(page: str) -> list[str]:
    """What is to be typed, without the words beside it."""
    every = [line.split(" #")[0].strip() for block in blocks(page, "sh") for line in block.splitlines()]
    return [line for line in every if line and not any(part in line for part in PUSH)]


class Operator:
    """Types commands; knows what runs."""

    def __init__(self, folder: Path, display: str, stack: ExitStack) -> None:
        self.folder, self.display, self.stack = folder, display, stack
        self.xa, self.hub = folder / "srv/xa", folder / "srv/hub"
        self.ports = {"serve": free_port(), "front": free_port(), "hub": free_port()}
        self.running: dict[str, ExitStack] = {}
        now = datetime.now(VIETNAM_TIME)
        self.said = {
            "/srv/": f"{folder}/srv/", "https://dongmau.example": self.url("front"), "https://xa.example": self.tls(),
            "http://10.0.0.2:8300": self.url("hub"), "http://127.0.0.1:8300": self.url("hub"),
            "--port 8300": f"--port {self.ports['hub']}", "2026-11 ": f"{now:%Y-%m} ",
            "2026-Q4": f"{now.year}-Q{(now.month + 2) // 3}", "http://127.0.0.1:8200": self.url("serve"),
        }  # fmt: skip

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def tls(self) -> str:
        """An address where nobody answers: the command says so, and tells all the rest."""
        return f"https://127.0.0.1:{free_port()}"

    def ours(self, text: str) -> str:
        """The guide's words with this machine's places."""
        for theirs, here in self.said.items():
            text = text.replace(theirs, here)
        return text

    def type(
        self, line: str, *more: str, cwd: Path | None = None, answer: str = "", codes: tuple[int, ...] = (0,)
    ) -> str:
        """A command that ends; what it said."""
        words = [*shlex.split(self.ours(line))[1:], *more]
        told, before = io.StringIO(), (Path.cwd(), sys.stdin, sys.stdout, sys.stderr)
        try:
            os.chdir(cwd or self.xa)
            sys.stdin, sys.stdout, sys.stderr = io.StringIO(f"{answer}\n"), told, told
            done = main(words)
        finally:
            os.chdir(before[0])
            _, sys.stdin, sys.stdout, sys.stderr = before
        assert done in codes, f"{line}\n{told.getvalue()}"
        return told.getvalue()

    def keep(self, line: str) -> None:
        """A command that stays."""
        words = shlex.split(self.ours(line))[1:]
        name = next(name for start, name in STAYS.items() if " ".join(words).startswith(start))
        if name == "serve":
            words += ["--port", str(self.ports["serve"])]
        env = {"DISPLAY": self.display, "PYTHONPATH": str(ROOT)}
        self.running[name] = self.stack.enter_context(ExitStack())
        at, before = self.xa, Path.cwd()
        os.chdir(at)
        self.running[name].enter_context(process(self.folder / f"{name}.log", *BANGTIN, *words, env=env))
        os.chdir(before)

    def stop(self, name: str) -> None:
        self.running.pop(name).close()


@pytest.fixture
def operator(display: str, tmp_path: Path) -> Iterator[Operator]:
    """A commune with keys and nothing published, and a place for backups; nothing else is there yet."""
    xa = tmp_path / "srv/xa"
    (xa / "content").mkdir(parents=True)
    (tmp_path / "srv/sao-luu").mkdir()
    (xa / "bangtin.toml").write_text(TOML.replace("99999", COMMUNE), "utf-8")
    (xa / "people.toml").write_text(PEOPLE, "utf-8")
    starter.make_keys(xa, {}, datetime.now(UTC) - timedelta(days=1))
    with ExitStack() as stack:
        yield Operator(tmp_path, display, stack)


def front(it: Operator) -> None:
    """nginx as the guide has it: the publication's files, and its two pieces of configuration."""
    told, lost = (it.ours(block) for block in blocks(PAGE, "nginx"))
    folder = it.folder / "nginx"
    folder.mkdir()
    paths = "".join(f"{part}_temp_path {folder}/{part}; " for part in PARTS)
    user = "user root; " if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ {paths} access_log off; include /etc/nginx/mime.types;\nserver {{ listen 127.0.0.1:"
        f"{it.ports['front']}; root {it.xa}/publication;\n{told}\n{lost} }} }}", "utf-8",
    )  # fmt: skip
    assert NGINX
    it.stack.enter_context(process(folder / "log", NGINX, "-p", folder, "-c", folder / "nginx.conf"))
    wait_until("nginx", lambda: answer(it.url("front")) == 200)
    assert answer(it.url("front") + "/khong-co") == 404
    assert "404" in requests.get(it.url("front") + "/khong-co", timeout=5).text


def answer(url: str, **more: Any) -> int | None:
    try:
        return requests.get(url, timeout=10, **more).status_code
    except requests.RequestException:
        return None


def statement(it: Operator) -> str:
    found: dict[str, Standing] = in_force(Office(it.xa).desk.standings())
    return found["tin/a"].statement.sha256


# ── what the chapters promise ────────────────────────────────────────────────────────────────────


def published(it: Operator, text: Callable[..., str]) -> None:
    """`publish --watch` sees an approval, and who listens behind nginx hears of it at once."""
    wait_until("the site", lambda: answer(it.url("serve")) == 200)
    front(it)
    office, now = Office(it.xa), datetime.now(UTC)
    local = now.astimezone(VIETNAM_TIME)
    with requests.get(f"{it.url('front')}/board/hints?every=280", stream=True, timeout=60) as channel:
        office.write("tin/a", text(start=f"{local - timedelta(days=1):%Y-%m-%d %H:%M}",
                                   end=f"{local + timedelta(days=90):%Y-%m-%d %H:%M}"))  # fmt: skip
        office.both("tin/a", now=now)
        assert next(channel.iter_lines()) == b"data: look"
    wait_until("the page", lambda: answer(f"{it.url('front')}/tin/a.html") == 200)
    it.stop("publish")
    rules = ROOT / "signage/office/rules/cong-khai.toml"
    assert f"`{rules.relative_to(ROOT)}`" in PAGE and "`quy-tac.toml`" in PAGE
    shutil.copy(rules, it.xa / "quy-tac.toml")


def enrolled(it: Operator, line: str) -> None:
    """On the board's machine, with the root that came on a stick; its card goes to the office."""
    root = it.xa / "publication/board/metadata/1.root.json"
    bang = it.folder / "may-bang"
    bang.mkdir()
    shutil.copy(root, bang)
    it.type(line, cwd=bang)
    shutil.copy(it.folder / "srv/bang/board.pub.json", it.xa)


def shown(it: Operator) -> None:
    status = next(line for line in lines(PAGE) if line.startswith("bangtin board status"))
    wait_until("the picture", lambda: "đúng hình (nhìn trên màn hình)" in it.type(status))
    it.stop("kiosk")


def dark(it: Operator) -> None:
    """The hours of darkness are those of the published settings."""
    (block,) = blocks(PAGE, "toml")
    file = it.xa / "bangtin.toml"
    file.write_text(file.read_text("utf-8").replace('id = "cong-xa"\n', f'id = "cong-xa"\n{block}', 1), "utf-8")
    it.type("bangtin check")
    it.type("bangtin publish")
    (preview,) = re.findall(r"`(bangtin preview --board cong-xa --at [^`]*)`", PAGE)
    assert "tắt" in it.type(preview.replace("2027-02-05", f"{datetime.now(VIETNAM_TIME) + timedelta(days=1):%Y-%m-%d}"))


def heard(it: Operator) -> None:
    wait_until("the hub", lambda: answer(it.url("hub") + "/healthz") == 200)
    file = it.xa / "bangtin.toml"
    (mine,) = re.findall(r'`(hub = "[^`]*")`', PAGE)
    file.write_text(file.read_text("utf-8").replace("[commune]\n", f"[commune]\n{it.ours(mine)}\n", 1), "utf-8")


def asked(it: Operator) -> None:
    """The office's token, where the guide puts it."""
    shutil.copy(it.xa / "hub.token", it.xa / "keys/hub.token")
    token = {"Authorization": f"Bearer {(it.xa / 'keys/hub.token').read_text().strip()}"}

    def showing() -> bool:
        told = requests.get(it.url("hub") + "/v1/feed/boards.json", headers=token, timeout=10).json()
        return any(board["screen"] not in ("", None) for board in told["boards"])

    wait_until("a report", showing)
    it.type("bangtin check")


def reported(it: Operator) -> None:
    out = it.folder / "srv/bao-cao"
    for kind in ("xlsx", "pdf", "csv"):
        assert list(out.rglob(f"*.{kind}")), kind
    rules = ROOT / "signage/hub/reports/bao-cao.toml"
    assert f"`{rules.relative_to(ROOT)}`" in PAGE and "`/srv/hub/bao-cao.toml`" in PAGE
    shutil.copy(rules, it.hub)
    assert answer(it.url("hub") + "/healthz") == 200


def province(it: Operator) -> None:
    """The commands of docs/province.md that are the program's own, and the addresses of its table."""
    told = ""
    for line in [line for line in lines(PROVINCE) if line.startswith("bangtin ")]:
        told = it.type(line)
    token = max(told.split(), key=len)
    table = PROVINCE.split("| địa chỉ | nội dung |")[1].split("\n\n")[0]
    for path in re.findall(r"^\| `(/[^`]*)`", table, re.MULTILINE):
        assert answer(it.url("hub") + path, headers={"Authorization": f"Bearer {token}"}) == 200, path


# ── the day ──────────────────────────────────────────────────────────────────────────────────────


def test_the_operator_s_guide_is_typed(operator: Operator, text: Callable[..., str]) -> None:
    it = operator
    looks: dict[str, Callable[[], None]] = {
        "serve": lambda: published(it, text), "board status": lambda: dark(it), "hub serve": lambda: heard(it),
        "hub account token": lambda: asked(it),
    }  # fmt: skip
    first, board_doctor, *rest = lines(PAGE)
    assert len(rest) > 20 and first.startswith("bangtin doctor") and board_doctor.startswith("bangtin board doctor")
    for line in rest:
        command = line.removeprefix("bangtin ")
        if command == "publish":
            it.type(line)
        elif any(command.startswith(start) for start in STAYS):
            it.keep(line)
        elif command.startswith("board enroll"):
            enrolled(it, line)
        elif command.startswith("board play"):
            shown(it)
            env = {**os.environ, "DISPLAY": it.display}
            words = [*BANGTIN, *shlex.split(it.ours(line))[1:], "--for", "2"]
            subprocess.run(words, env=env, check=True, timeout=90)
        elif "--notice" in command:
            it.type(line.replace("2635c1c05ce2", statement(it)[:12]))
        else:
            it.type(line, answer=PASSWORD)
        for start, look in looks.items():
            if command.startswith(start):
                look()
    reported(it)
    province(it)
    for line in re.findall(r"```\nsudo ((?:-u bangtin )?bangtin .*)\n```", PAGE):  # as root, into a tree of its own
        tree = ("--root", str(it.folder / "tree")) if "install" in line else ()
        it.type(line.removeprefix("-u bangtin "), *tree)
    assert (it.folder / "tree/etc/systemd/system/bangtin-kiosk.service").is_file()
    for line in (first, board_doctor):
        it.type(line, codes=(0, 1))  # 1: this machine has something unsafe, as it may
    assert (it.xa / "danh-muc-phan-mem.json").is_file()
