"""The officer's and the approver's guide, followed to the letter on the sample commune's first day.

What a guide says in its own words is done: files copied and moved, blanks filled in as its example does, commands
run, buttons pressed in Chromium. Its example's days are moved to today's.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from signage.keys import PrivateKey
from signage.office import starter
from signage.office.folder import names
from signage.schedule import VIETNAM_TIME
from tests.office import documents

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
WRITTEN = date(2026, 11, 22)  # the day on which the guide's example is written
PASSPHRASE = "chim bồ câu trắng"
Waiting = Callable[..., Any]


@pytest.fixture
def commune(tmp_path: Path) -> Path:
    """The sample commune before its first notice; the author's and the approver's keys have passphrases."""
    folder = tmp_path / "xa"
    starter.copy_sample(folder)
    for notices in [path for path in (folder / "content").iterdir() if path.is_dir()]:
        shutil.rmtree(notices)
    starter.make_keys(folder, {"p1": PASSPHRASE, "p3": PASSPHRASE}, datetime.now(UTC) - timedelta(days=1))
    return folder


class Reader:
    """Somebody who does what a guide says, sentence by sentence."""

    def __init__(self, commune: Path, page: Page, waiting: Waiting, stack: ExitStack) -> None:
        self.commune, self.page, self.waiting, self.stack = commune, page, waiting, stack
        self.shared = commune / "thu-muc"
        self.notice = Path()  # the officer's file, where it lies now
        self.session: subprocess.Popen[str] | None = None
        self.done: list[str] = []
        self.deeds: list[tuple[str, Callable[..., None]]] = [
            (r"chép `([^`]+)` vào `([^`]+)`", self.drop),
            (r"mở (?:thẻ )?`([^`]+\.html)`", self.open),
            (r"thẻ (?:ghi|đổi thành) “([^”]+)”", self.says),
            (r"kéo `([^`]+)` và `([^`]+)` sang `([^`]+)`", self.move),
            (r"bấm \*\*([^*]+)\*\*", self.press),
            (r"nhập mật khẩu khóa", self.type),
            (r"người duyệt ký xong", self.approver),
            (r"tệp tự chuyển sang `([^`]+)`", self.posted),
        ]

    def follow(self, text: str) -> None:
        """Prose by its deeds, in order; blocks of commands and of words to fill in."""
        for prose, kind, block in re.findall(r"(.*?)(?:```(\w*)\n(.*?)```|\Z)", text, re.DOTALL):
            words = " ".join(prose.split())
            found = [
                (m.start(), deed, m.groups()) for p, deed in self.deeds for m in re.finditer(p, words, re.IGNORECASE)
            ]
            for _, deed, given in sorted(found, key=lambda one: one[0]):
                self.done.append(deed.__name__)
                deed(*given)
            if kind == "dien":
                self.fill(block)
            for line in block.splitlines() if kind == "sh" else ():
                self.run(line)

    # ── files ────────────────────────────────────────────────────────────────────────────────────

    def drop(self, name: str, folder: str) -> None:
        self.waiting("the shared folder", (self.shared / folder).is_dir)
        (self.shared / folder / name).write_bytes(documents.power_cut())
        self.notice = (self.shared / folder / name).with_suffix(".md")
        self.waiting("the draft", self.notice.exists)

    @property
    def card(self) -> Path:
        return self.notice.with_name(names.card_name(self.notice.name))

    def open(self, name: str) -> None:
        self.waiting("the card", self.card.exists)
        assert self.card.name == name
        self.page.goto(self.card.as_uri())
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def says(self, words: str) -> None:
        def told() -> bool:
            return self.card.exists() and words in unescape(self.card.read_text("utf-8"))

        self.waiting(f"the card to say {words}", told)

    def fill(self, block: str) -> None:
        """Each line in place of the one of that name; dates as far from today as the example's from its own day."""
        shift = datetime.now(VIETNAM_TIME).date() - WRITTEN
        dated = re.sub(r"\d{4}-\d\d-\d\d", lambda m: f"{date.fromisoformat(m[0]) + shift}", block)
        text = self.notice.read_text("utf-8")
        for line in dated.splitlines():
            text, count = re.subn(rf"^{line.partition(':')[0]}:.*$", line, text, flags=re.MULTILINE)
            assert count == 1, f"the draft asks for no {line}"
        assert "[điền:" not in text, f"the guide's example leaves a blank: {text}"
        self.notice.write_text(text, "utf-8")

    def move(self, *given: str) -> None:
        *files, folder = given
        for name in files:
            (self.notice.parent / name).rename(self.shared / folder / name)
        self.notice = self.shared / folder / self.notice.name

    def posted(self, folder: str) -> None:
        found = self.waiting("the posted file", lambda: list((self.shared / folder).glob(f"*/{self.notice.name}")))
        self.notice = found[0]
        assert list((self.commune / "publication/tin").glob("cat-dien-cuoi-tuan.html")), "and it is on the site"

    # ── commands and pages ───────────────────────────────────────────────────────────────────────

    def run(self, command: str) -> None:
        words = [sys.executable, "-m", "signage", *shlex.split(command)[1:]]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "BROWSER": "true"}  # its own browser is ours
        if "--web" in words:
            running = subprocess.Popen(words, cwd=self.commune, env=env, stdout=subprocess.PIPE, text=True)
            self.stack.callback(running.terminate)
            assert running.stdout
            address = re.search(r"http://\S+", running.stdout.readline())
            assert address
            self.session = running
            self.page.goto(address[0])
            return
        done = subprocess.run(words, cwd=self.commune, env=env, input=f"{PASSPHRASE}\n", capture_output=True, text=True,
                              timeout=120, start_new_session=True)  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    def press(self, name: str) -> None:
        either = self.page.get_by_role("link", name=name).or_(self.page.get_by_role("button", name=name))
        either.first.click()
        self.page.wait_for_load_state()

    def type(self) -> None:
        expect(self.page.locator(".d-hinh img").first).to_be_visible(timeout=60_000)
        self.page.get_by_label("Mật khẩu khóa của anh chị").fill(PASSPHRASE)

    def closed(self) -> None:
        """The page of before has ended, and said so."""
        assert self.session and self.session.wait(60) == 0

    def approver(self) -> None:
        self.closed()
        guide = (DOCS / "nguoi-duyet.md").read_text("utf-8")
        self.follow(guide.split("## Năm phút mỗi ngày", 1)[1].split("\n## ", 1)[0])
        self.closed()


def test_both_guides_are_followed(commune: Path, page: Page, waiting: Waiting) -> None:
    log = (commune.parent / "office.log").open("wb")
    with ExitStack() as stack:
        stack.enter_context(log)
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        words = [sys.executable, "-m", "signage", "publish", "--watch"]
        office = subprocess.Popen(words, cwd=commune, env=env, stdout=log, stderr=log)
        stack.callback(office.wait, 20)
        stack.callback(office.terminate)
        reader = Reader(commune, page, waiting, stack)
        guide = (DOCS / "can-bo.md").read_text("utf-8")
        reader.follow(guide.split("## Thả được những gì")[0])
    assert reader.done == [
        "drop", "open", "says", "says", "move", "says", "press", "type", "press", "press", "says",
        "approver", "press", "type", "press", "posted", "says",
    ], "no step is worded so that it is missed"  # fmt: skip
    for person in ("p1", "p3"):
        PrivateKey.load(starter.person_key(commune, person), PASSPHRASE)
