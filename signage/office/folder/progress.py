"""Where an officer's notice stands, in words: the same for the card, the overview and the status line. Pure.

What is asked of people is named with their names; who signs is decided by signatures alone (`office.desk`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from ...settings import Settings
from ..standing import Note, Standing, in_force
from ..website.views import moment
from .names import Stage

# That a notice's folder stays among the posted ones after it is over, and its words may still be corrected.
KEPT = timedelta(days=30)


class Step(Enum):
    """How far it has come; the value is the place on the card's line of four, from 0."""

    MEND = 0  # something is wrong: the officer's turn
    DRAFT = 0.1  # good: the officer's turn to move it
    RETURNED = 0.2  # the approver has sent it back
    SIGN = 1  # the author's turn
    APPROVE = 2  # another person's turn
    APPROVED = 3  # the machine's turn
    POSTED = 4
    ENDED = 4.1
    HIDDEN = 4.2
    WITHDRAWN = 4.3

    @property
    def place(self) -> int:
        return int(self.value)


@dataclass(frozen=True)
class Progress:
    """Where a notice stands and what comes next, each a sentence or two."""

    step: Step
    words: str
    todo: str
    address: str = ""  # of its page, when it has one
    statement: str = ""  # SHA-256 of the statement that this is about
    corrects: str = ""  # the title that is posted now, when this would replace it


@dataclass(frozen=True)
class Case:
    """What is known of one notice: its id and digest, what people signed, whether its page is served."""

    ident: str
    digest: str
    standings: Sequence[Standing]  # of this id
    notes: dict[str, Note]
    page: str  # the address of the page that is served of the statement in force; "" when it is not there yet
    prepared: bool = False  # an emergency's template: has no page


def progress(case: Case, stage: Stage, settings: Settings, approvers: Iterable[str], now: datetime) -> Progress:
    """How far these very words have come."""
    mine = [s for s in case.standings if s.statement.digest == case.digest]
    force = in_force(case.standings).get(case.ident)
    if gone := next((s for s in mine if s.withdrawn), None):
        return _withdrawn(gone, settings, now)
    if force and force in mine:
        return _approved(force, case, now)
    holds = force and not force.withdrawn and now - force.statement.end < KEPT
    corrects = force.statement.title if force and holds else ""
    waits = next((s for s in mine if s.submitted), None)
    return replace(_on_the_way(waits, case, stage, settings, approvers), corrects=corrects)


def _on_the_way(
    waits: Standing | None, case: Case, stage: Stage, settings: Settings, approvers: Iterable[str]
) -> Progress:
    if stage is Stage.POSTED:
        words = "Tệp này khác bản đã đăng; những gì sửa ở đây chưa ai trình."
        return Progress(Step.DRAFT, words, f"Muốn đăng bản sửa: kéo tệp sang “{Stage.ASKED.value}”.")
    if waits and (note := case.notes.get(waits.sha256)):
        words = f"{_name(settings, note.person)} trả lại lúc {moment(note.at)}: “{note.words}”"
        todo = f"Sửa tệp này rồi lưu; tệp phải nằm trong “{Stage.ASKED.value}”. Sửa xong phải ký trình lại."
        return Progress(Step.RETURNED, words, todo, "", waits.sha256)
    if stage is Stage.DRAFT:
        todo = f"Viết xong thì kéo tệp này sang thư mục “{Stage.ASKED.value}”."
        return Progress(Step.DRAFT, "Không có lỗi.", todo)
    if waits and waits.submitted:
        by = f"{_name(settings, waits.submitted.person)} ký trình lúc {moment(waits.submitted.at)}."
        names = ", ".join(approvers)
        todo = f"Người duyệt mở “Duyệt thông báo” trên máy mình: {names}."
        if not names:
            todo = "Chưa có ai được quyền duyệt loại này: báo người quản trị."
        return Progress(Step.APPROVE, f"Chờ duyệt. {by}", todo, "", waits.sha256)
    authors = ", ".join(m.name for m in settings.members if "author" in m.roles)
    todo = f"Người biên tập mở “Ký trình thông báo” trên máy mình, xem rồi ký: {authors}."
    return Progress(Step.SIGN, "Chờ ký trình.", todo)


def _approved(force: Standing, case: Case, now: datetime) -> Progress:
    assert force.approval is not None
    at = moment(force.approval.at)
    if force.hidden:
        todo = "Người duyệt cho hiện lại được bằng lệnh bangtin show."
        return Progress(Step.HIDDEN, f"Đã duyệt lúc {at}, đang được ẩn khỏi trang và bảng.", todo, "", force.sha256)
    if force.statement.end <= now:
        words = f"Đã hết hiệu lực lúc {moment(force.statement.end)}; trang còn trong kho lưu."
        return Progress(Step.ENDED, words, "", case.page, force.sha256)
    if case.prepared:
        words = f"Đã duyệt lúc {at}: mẫu khẩn cấp nằm sẵn trên bảng, người trực gọi khi cần."
        return Progress(Step.POSTED, words, "", "", force.sha256)
    if not case.page:
        todo = "Máy văn phòng đang dựng trang và hình; anh chị không phải làm gì."
        return Progress(Step.APPROVED, f"Đã duyệt lúc {at}, đang phát hành.", todo, "", force.sha256)
    return Progress(Step.POSTED, f"Đã đăng, duyệt lúc {at}.", "", case.page, force.sha256)


def _withdrawn(gone: Standing, settings: Settings, now: datetime) -> Progress:
    record = gone.withdrawn
    assert record is not None
    words = f"{_name(settings, record.person)} đã thu hồi lúc {moment(record.at)}"
    words += f": “{record.reason}”." if record.reason else "."
    todo = "Muốn đăng lại: sửa nội dung (ví dụ dòng Date), rồi trình và duyệt lại."
    if now - min(record.at, gone.statement.end) >= KEPT:
        todo = "Muốn đăng lại: chép thành tệp mới có tên khác, sửa, rồi trình và duyệt."
    return Progress(Step.WITHDRAWN, words, todo, "", gone.sha256)


def _name(settings: Settings, person: str) -> str:
    member = settings.member(person)
    return member.name if member else person
