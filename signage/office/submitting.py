"""An author's round (`bangtin submit --web`): what is written and not yet signed, drawn here, looked at, signed.

The shared folder's watcher holds no key, so what is moved to “Chờ duyệt” waits until its author signs on a machine of
their own. What is signed is what was shown: the very slides that the page had, of the very words; if the file has
changed since it was opened, nothing is signed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..errors import Problem, Refused
from ..lettering import nfc
from ..notice import CLASSES, KINDS, Notice, hints
from ..notice.reading import MAX_FILE
from ..notice.vocabulary import EMERGENCY, NORMAL, PRIORITY
from ..settings import Settings
from ..wire import sha256
from . import brevity, preview, slides
from .approving import Signer, Sitting, Words
from .approving.session import exactly
from .approving.sitting import told
from .desk import Desk
from .folder.names import HOME
from .knowledge.overview import Overview
from .standing import Standing, in_force
from .website.views import moment

DAY = timedelta(hours=10)  # for which a key that was unlocked once stays open, and the page stays
MAX_ROWS = 200  # notices on the list
MAX_DRAWN = 60  # notices whose slides are kept, to be signed exactly as they were shown
_FIRST = {EMERGENCY: 0, PRIORITY: 1}
_WORDS = Words(
    name="Ký trình thông báo", waiting="thông báo chờ anh chị ký trình",
    intro="Mở từng thông báo, đọc lại chữ và xem từng hình: đúng những tệp ấy được trình. Ký xong, người khác duyệt.",
    again="Các thông báo chưa trình", act="Ký trình", remember="Giữ khóa mở hết buổi làm việc (10 giờ)",
    closing="Có gì mới chờ ký thì hiện ra ở đây. Đóng phiên, hoặc {hours} giờ không dùng, là khóa lại.",
    nothing="Xong: không còn gì chờ anh chị ký",
    ended="Có thể đóng trang này. Những gì đã ký đang chờ người khác duyệt.",
    command="bangtin submit --web", back="Vào danh sách chờ ký", unseen="mở để xem hình",
)  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A notice as its page showed it."""

    notice: Notice
    drawn: slides.Drawn


class Submission(Sitting):
    """What one author sees and signs."""

    words = _WORDS
    lasting = True
    keeps = DAY

    def __init__(
        self, settings: Settings, desk: Callable[[], Desk], author: Signer, now: Callable[[], datetime]
    ) -> None:
        super().__init__(settings, desk, author, now)
        self._shown: OrderedDict[str, Shown] = OrderedDict()
        self._overview = Overview(settings)
        self._refresh()

    def _refresh(self) -> None:
        """What is written now and is neither posted, waiting nor taken back."""
        with self._lock:
            self._desk = desk = self._open_desk()
            self._overview.look(desk, self._now())
            self._known, said, folder = self._overview.pages(self._now()), self._overview.said(), self._overview.folder
            unsaid = [ident for ident, digest in folder.digests.items() if (ident, digest) not in said]
            self._reading = desk.read([*unsaid, *(ident for ident in folder.broken if ident.startswith(HOME))])
            self._force = in_force(desk.about(*self._reading.notices))
            person = desk.people.get(self.signer.person)
            mine = [n for n in self._reading.notices.values() if not n.alert and person and person.may_sign(n.klass)]
            mine.sort(key=lambda n: (_FIRST.get(n.klass, 2), n.start, n.id))
            self._waiting = {_mark(notice.id): notice for notice in mine[:MAX_ROWS]}

    # ── looking ──────────────────────────────────────────────────────────────────────────────────

    def rows(self) -> list[dict[str, Any]]:
        with self._lock:
            self._refresh()
            rows = [self._row(mark, notice) for mark, notice in self._waiting.items()]
            return rows + [self._broken(problem) for problem in self._reading.errors if problem.file.startswith(HOME)]

    def _broken(self, problem: Problem) -> dict[str, Any]:
        """What was asked for in the shared folder and cannot be read beside the other notices."""
        empty = dict.fromkeys(("by", "at", "start", "end", "boards", "picture", "picture_kind", "kind", "class"), "")
        why = f"{problem.file}: {told(problem)}"
        row: dict[str, Any] = {
            "sha": _mark(problem.file),
            "title": problem.file,
            "why": why,
            "href": "./",
            "note": None,
        }
        return {**empty, **row, "class_id": NORMAL, "again": False, "ended": False, "seen": False}

    def _row(self, mark: str, notice: Notice) -> dict[str, Any]:
        force = self._force.get(notice.id)
        row: dict[str, Any] = {
            "sha": mark, "title": notice.title, "kind": KINDS[notice.kind], "class": CLASSES[notice.klass],
            "class_id": notice.klass, "start": moment(notice.start), "end": moment(notice.end), "by": "", "at": "",
            "again": bool(force and not force.withdrawn), "picture": "", "picture_kind": "", "note": None,
            "ended": notice.end <= self._now(), "seen": self._is_seen(mark), "why": "", "href": f"{mark}/{notice.url}",
            "boards": ", ".join(preview.boards_of(self.settings, notice)),
        }  # fmt: skip
        if (shown := self._shown.get(mark)) and shown.notice.digest == notice.digest:
            every = [(name, each[0]) for name, each in sorted(shown.drawn.slides.items()) if each]
            if every:
                name, slide = every[0]
                row |= {"picture": f"{mark}/{preview.SLIDES}/{slide.name}", "picture_kind": name.partition("-")[0]}
        return row

    def _is_seen(self, mark: str) -> bool:
        """Whether it was opened as it is now."""
        shown, waits = self._shown.get(mark), self._waiting.get(mark)
        return bool(mark in self._opened and shown and waits and shown.notice.digest == waits.digest)

    def page(self, sha: str) -> preview.Sheet | None:
        """Drawn as it is now; raises `BadInput` with what stands in its way."""
        with self._lock:
            if (waits := self._waiting.get(sha)) is None:
                return None
            notice, drawn = self._desk.ready(waits.id)
            self._waiting[sha] = notice  # its pictures may just have been bared
            self._shown[sha] = Shown(notice, drawn)
            self._shown.move_to_end(sha)
            while len(self._shown) > MAX_DRAWN:
                self._opened.discard(self._shown.popitem(last=False)[0])
            force: Standing | None = self._force.get(notice.id)
            return preview.drafted(
                self.settings, notice, drawn, self._now(), mark=sha, desk=self._desk, force=force, known=self._known
            )

    def warnings(self, sha: str) -> list[str]:
        with self._lock:
            if (shown := self._shown.get(sha)) is None:
                return []
            found = brevity.problems(shown.notice, self.settings.commune, self.settings.boards)
            return [told(problem) for problem in [*self._hinted(shown.notice), *found]]

    def _hinted(self, notice: Notice) -> list[Problem]:
        path = self.settings.content / f"{notice.id}.md"
        own = (self.settings.commune.phone, *self.settings.commune.phones)
        if path.stat().st_size > MAX_FILE:
            return []
        return hints.hints(nfc(path.read_text("utf-8", errors="replace")), path.name, own)

    def next_after(self, sha: str, home: str) -> str:
        with self._lock:
            rest = (f"{home}{m}/{n.url}" for m, n in self._waiting.items() if m != sha and not self._is_seen(m))
            return next(rest, "")

    def why_not(self, sha: str) -> str:
        return ""

    def file(self, sha: str, address: str) -> tuple[str, bytes] | None:
        """A slide as it was drawn for the page, or a file beside the notice if it is unchanged.

        Raises `Refused` (`book-file`).
        """
        with self._lock:
            shown = self._shown.get(sha)
        if shown is None:
            return None
        folder, _, name = address.partition("/")
        if folder == preview.SLIDES and name in shown.drawn.files:
            return name, shown.drawn.files[name]
        short = name.rpartition("/")[2]
        own = {file.name: file.sha256 for file in shown.notice.files}
        if folder != "tep" or short not in own:
            return None
        try:
            return short, exactly((self.settings.content / f"{shown.notice.id}.md").parent / short, own[short])
        except OSError as error:
            raise Refused("book-file", file=short) from error

    # ── acting ───────────────────────────────────────────────────────────────────────────────────

    def sign(self, wanted: Iterable[str], passphrase: str, remember: bool) -> None:
        """Submit these, all or none.

        Raises `Refused`: `approve-none`, `approve-unseen`, `submit-changed`, `key-locked` …, `BadInput`.
        """
        with self._lock:
            chosen = self._wanted(wanted)
            shown = [self._shown[mark] for mark in chosen if mark in self._shown]
            if len(shown) < len(chosen):
                raise Refused("approve-unseen")
            who = self._signatory(passphrase, remember)
            self._desk = self._open_desk()
            drawn = {one.notice.digest: one.drawn for one in shown}
            done = self._desk.submit([one.notice.id for one in shown], who, self._now(), drawn)
            self.signed += [s.statement.notice for s in done]
            self.told.append(("duoc", "Đã ký trình: " + "; ".join(s.statement.title for s in done) + "."))
            for mark in chosen:
                self._shown.pop(mark, None)
            self._refresh()

    @property
    def over(self) -> bool:
        """Never: more may come in the course of the day."""
        return False


def _mark(ident: str) -> str:
    """What a page's address and a form call a notice."""
    return sha256(ident.encode())
