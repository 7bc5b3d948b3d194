"""What changed in a notice since the one in force: words, files and slides. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from ..notice import Notice
from ..notice.header import split
from ..review import SlideFile

MOST_WORDS = 3000  # words of one passage that are compared one by one; a longer one is shown old and new, whole
KEPT_WORDS = 12  # words that are shown beside a change
_WORD = re.compile(r"\n|[^\s]+")

# What an approver reads for a field's name, in the order in which they are told.
LABELS = {
    "title": "Tiêu đề", "class": "Mức", "kind": "Loại", "start": "Từ", "end": "Đến", "boards": "Bảng",
    "summary": "Tóm tắt", "board-summary": "Chữ trên bảng", "facts": "Thông tin chính", "hamlets": "Thôn",
    "hours": "Giờ chiếu", "days": "Ngày chiếu", "yearly": "Hằng năm", "holidays": "Ngày lễ", "date": "Ngày viết",
    "category": "Lĩnh vực", "number": "Số, ký hiệu", "issuer": "Cơ quan", "signer": "Người ký",
    "recipients": "Nơi nhận", "issued": "Ngày ban hành", "effective": "Ngày có hiệu lực", "image": "Ảnh",
    "film": "Phim", "attachments": "Tệp đính kèm", "level": "Cấp độ rủi ro", "source": "Nguồn tin",
    "bulletin-time": "Giờ của bản tin", "drill": "Diễn tập", "prepared": "Mẫu khẩn cấp", "prepared-as": "Theo mẫu",
    "evergreen": "Chiếu khi không có gì khác", "order": "Thứ tự", "slug": "Tên trang",
}  # fmt: skip
BODY = "Nội dung"


@dataclass(frozen=True)
class Piece:
    """Some words: `how` is "same", "old", "new" or "left" (words left out, since they are the same)."""

    how: str
    text: str


@dataclass(frozen=True)
class Change:
    """One field, or the body, with what went and what came."""

    label: str
    pieces: tuple[Piece, ...]


def words(old: Notice, new: Notice) -> list[Change]:
    """Every field and the body that differ, and every attached file whose bytes do."""
    before, after = _parts(old), _parts(new)
    names = [n for n in (*LABELS, *sorted({*before, *after} - {*LABELS, BODY}), BODY) if n in before or n in after]
    found = [
        Change(LABELS.get(name, name), tuple(_pieces(before.get(name, ""), after.get(name, ""))))
        for name in names if before.get(name, "") != after.get(name, "")
    ]  # fmt: skip
    return found + list(_files(old, new))


def slides(old: Mapping[str, Sequence[SlideFile]], new: Mapping[str, Sequence[SlideFile]]) -> dict[str, list[bool]]:
    """For each shape and slide, whether the notice in force does not have it so."""
    return {
        shape: [slide not in old.get(shape, ()) for slide in shown]
        for shape, shown in new.items()
    }  # fmt: skip


def _parts(notice: Notice) -> dict[str, str]:
    fields, body, _, _ = split(notice.text.decode(), "")
    return {**{name: field.value for name, field in fields.items()}, BODY: body.strip()}


def _files(old: Notice, new: Notice) -> Iterator[Change]:
    """A name that stayed with other bytes under it: no word tells that."""
    known = {file.name: file.sha256 for file in old.files}
    for file in new.files:
        if known.get(file.name, file.sha256) != file.sha256:
            yield Change("Tệp kèm", (Piece("new", f"{file.name}: tệp mới, cùng tên"),))


def _pieces(old: str, new: str) -> Iterator[Piece]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    if max(len(before), len(after)) > MOST_WORDS:
        yield from (Piece(how, text) for how, text in (("old", old), ("new", new)) if text)
        return
    for tag, i, j, k, m in SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            yield from _shortened(after[k:m], first=k == 0, last=m == len(after))
            continue
        for how, part in (("old", before[i:j]), ("new", after[k:m])):
            if part:
                yield Piece(how, _joined(part))


def _shortened(part: Sequence[str], *, first: bool, last: bool) -> Iterator[Piece]:
    """Words that are the same: only those beside a change."""
    if len(part) <= 3 * KEPT_WORDS:
        yield Piece("same", _joined(part))
        return
    if not first:
        yield Piece("same", _joined(part[:KEPT_WORDS]))
    yield Piece("left", "…")
    if not last:
        yield Piece("same", _joined(part[-KEPT_WORDS:]))


def _joined(part: Sequence[str]) -> str:
    return " ".join(part).replace(" \n ", "\n").replace("\n ", "\n").replace(" \n", "\n")
