"""An approver's round: what waits, what was opened, what may be signed.

Nothing is signed that was not opened here as exactly the statement whose name the form carries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from ...errors import Refused
from ...notice import CLASSES, KINDS
from ...notice.vocabulary import EMERGENCY, PRIORITY
from ...publication import Shape
from ...settings import Settings
from ...wire import sha256
from .. import brevity, preview
from ..book import MAX_NOTE
from ..desk import Desk
from ..knowledge.overview import Overview
from ..standing import Note, Standing, in_force
from ..website.views import moment
from .sitting import Signer, Sitting, Words, told

_FIRST = {EMERGENCY: 0, PRIORITY: 1}
_WORDS = Words(
    name="Duyệt thông báo", waiting="thông báo chờ anh chị duyệt",
    intro="Mở từng thông báo, đọc trang và xem từng hình. Xem xong thì ký, ngay tại đó hoặc một lần cho tất cả ở cuối"
    " trang này.",
    again="Các thông báo đang chờ", act="Duyệt và ký", remember="Nhớ đến khi đóng phiên này",
    closing="Phiên tự đóng khi không còn gì chờ, hoặc sau {idle} phút không dùng. Chưa ký thì thông báo vẫn chờ.",
    nothing="Xong: không còn thông báo nào chờ anh chị",
    ended="Có thể đóng trang này. Bảng và trang thông tin đổi sau lần phát hành kế tiếp.",
    command="bangtin approve --web", back="Vào danh sách chờ duyệt",
)  # fmt: skip


class Session(Sitting):
    """What one approver sees and does; safe for the server's threads."""

    words = _WORDS
    returns = True

    def __init__(self, settings: Settings, desk: Callable[[], Desk], approver: Signer,
                 now: Callable[[], datetime]) -> None:  # fmt: skip
        super().__init__(settings, desk, approver, now)
        self._warnings: dict[str, list[str]] = {}
        self._overview = Overview(settings)
        self._refresh()

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def _refresh(self) -> None:
        """The office as it is now: other people sign and write at the same time."""
        with self._lock:
            self._desk = desk = self._open_desk()
            self._overview.look(desk, self._now())
            waiting, self._known = self._overview.waiting(desk), self._overview.pages(self._now())
            self._force = in_force(desk.about(*(s.statement.notice for s in waiting)))
            self._notes = desk.book.notes()
            self._waiting = {s.sha256: s for s in sorted(waiting, key=self._urgency)}

    def _urgency(self, waits: Standing) -> tuple[Any, ...]:
        """Their own work first, the most urgent class first, then what begins first."""
        statement = waits.statement
        later = (bool(self._why(waits)), waits.sha256 in self._notes, statement.end <= self._now())
        return (*later, _FIRST.get(statement.klass, 2), statement.start, statement.notice)

    def _why(self, waits: Standing) -> str:
        """Why this person may not sign it, in words; "" when they may."""
        code = self._desk.hindrance(waits, self.signer.person, self.signer.role)
        if code == "same-person":
            return "Anh chị đã trình thông báo này: phải do người khác duyệt."
        return "Thông báo này không thuộc phần anh chị được duyệt." if code else ""

    def rows(self) -> list[dict[str, Any]]:
        """What waits, most urgent first, as the list shows it."""
        with self._lock:
            self._refresh()
            return [self._row(waits) for waits in self._waiting.values()]

    def _row(self, waits: Standing) -> dict[str, Any]:
        statement, submitted = waits.statement, waits.submitted
        force, note = self._force.get(statement.notice), self._notes.get(waits.sha256)
        lying = sorted(((Shape.named(n), shown) for n, shown in statement.slides.items() if shown), key=_lies_worse)
        row: dict[str, Any] = {
            "sha": waits.sha256, "title": statement.title, "kind": KINDS[statement.kind],
            "class": CLASSES[statement.klass], "class_id": statement.klass,
            "start": moment(statement.start), "end": moment(statement.end),
            "by": preview.name_of(self.settings, submitted.person) if submitted else "",
            "at": moment(submitted.at) if submitted else "", "again": bool(force and not force.withdrawn),
            "picture": f"{waits.sha256}/{preview.SLIDES}/{lying[0][1][0].name}" if lying else "",
            "picture_kind": lying[0][0].kind if lying else "", "ended": statement.end <= self._now(),
            "note": preview.told_note(self.settings, note) if note else None,
            "seen": waits.sha256 in self._opened, "why": self._why(waits), "boards": "", "href": "",
        }  # fmt: skip
        try:
            notice = self._desk.book.notice(statement)
        except Refused as error:  # a damaged book: told, and nobody can sign it
            return {**row, "why": error.told().splitlines()[0], "href": "./"}
        boards = ", ".join(preview.boards_of(self.settings, notice))
        return {**row, "boards": boards, "href": f"{waits.sha256}/{notice.url}"}

    def page(self, sha: str) -> preview.Sheet | None:
        """The whole of one notice; None when it does not wait any more."""
        with self._lock:
            if (waits := self._waiting.get(sha)) is None:
                return None
            force, note = self._force.get(waits.statement.notice), self._notes.get(sha)
            return preview.shown(
                self.settings, self._desk, waits, self._now(), force=force, known=self._known, note=note
            )

    def warnings(self, sha: str) -> list[str]:
        """What this machine notices about it: other pixels than its own, too long for a board."""
        with self._lock:
            if (waits := self._waiting.get(sha)) is None:
                return []
            if sha not in self._warnings:
                notice = self._desk.book.notice(waits.statement)
                found = preview.strange_files(self._desk, [waits]) + preview.redrawn_differently(self._desk, [waits])
                found += brevity.problems(notice, self.settings.commune, self.settings.boards)
                self._warnings[sha] = [told(problem) for problem in found]
            return self._warnings[sha]

    def next_after(self, sha: str, home: str) -> str:
        """The page of the next notice to look at; "" when all were opened."""
        with self._lock:
            for other, waits in self._waiting.items():
                if other == sha or other in self._opened | set(self._notes) or self._why(waits):
                    continue
                if href := self._row(waits)["href"]:
                    return f"{home}{href}"
        return ""

    def why_not(self, sha: str) -> str:
        with self._lock:
            return self._why(self._waiting[sha]) if sha in self._waiting else ""

    def file(self, sha: str, address: str) -> tuple[str, bytes] | None:
        """A file of a waiting notice: its name and exactly the signed bytes; None when there is no such file.

        Raises `Refused` (`book-file`) when the book's file is missing or changed.
        """
        with self._lock:
            waits = self._waiting.get(sha)
        if waits is None:
            return None
        folder, _, name = address.partition("/")
        if folder == preview.SLIDES and name in waits.statement.names():
            digest, _, ending = name.partition(".")
            return name, exactly(self._desk.book.file(digest, ending), digest)
        own = {file.name: file.sha256 for file in waits.statement.files}
        short = name.rpartition("/")[2]
        if folder != "tep" or short not in own:
            return None
        return short, exactly(self._desk.book.sources(waits.statement)[short], own[short])

    # ── acting ───────────────────────────────────────────────────────────────────────────────────

    def sign(self, wanted: Iterable[str], passphrase: str, remember: bool) -> None:
        """Approve these statements, all or none.

        Raises `Refused`: `approve-none`, `approve-unseen`, `approve-changed`, `nothing-waits`, `key-locked` …
        """
        with self._lock:
            chosen = self._wanted(wanted)
            before = dict(self._waiting)
            self._refresh()
            gone = next((s for s in chosen if s not in self._waiting), None)
            if gone is not None:
                raise Refused("approve-changed", notice=before[gone].statement.title if gone in before else gone[:16])
            shown = {self._waiting[sha].statement.notice: sha for sha in chosen}
            who = self._signatory(passphrase, remember)
            done = self._desk.approve(list(shown), who, self._now(), shown)
            self.signed += [s.statement.notice for s in done]
            self.told.append(("duoc", "Đã ký: " + "; ".join(s.statement.title for s in done) + "."))
            self._refresh()

    def send_back(self, sha: str, words: str) -> None:
        """A note for the author; raises `Refused` (`approve-unseen`, `note-missing`)."""
        with self._lock:
            waits = self._waiting.get(sha)
            if waits is None or sha not in self._opened:
                raise Refused("approve-unseen")
            if not (said := " ".join(words.split())[:MAX_NOTE]):
                raise Refused("note-missing")
            self._desk.book.put_note(sha, Note(self.signer.person, self._now(), said))
            self.returned.append(waits.statement.notice)
            self.told.append(("duoc", f"Đã trả lại cho người trình: {waits.statement.title}."))
            self._refresh()

    @property
    def over(self) -> bool:
        """Whether nothing is left for this person: all signed, sent back, or another's to sign."""
        with self._lock:
            return not any(not self._why(w) and sha not in self._notes for sha, w in self._waiting.items())


def _lies_worse(one: tuple[Shape, object]) -> tuple[bool, int]:
    """Which shape's picture stands for a notice in the list: a lying one, of the most pixels."""
    shape, _ = one
    return shape.height > shape.width, -shape.width * shape.height


def exactly(path: Path, digest: str) -> bytes:
    data = path.read_bytes()
    if sha256(data) != digest:  # changed between two looks
        raise Refused("book-file", file=path.name)
    return data
