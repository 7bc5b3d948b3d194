"""A commune with years behind it: so many approved notices in its review book, a few of them live.

Texts, statements and the records of two persons are what an office would have, with real keys; they are written in
bulk, without its care for power cuts. Slides are made for the live ones alone, plain pictures of the right size: who
publishes copies them and never looks inside.

    python bench/archive.py FOLDER [COUNT]
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import synthetic
from publisher import picture, slide_file

from signage.keys import PrivateKey
from signage.notice import Notice, parse
from signage.office import starter
from signage.office.book import Book
from signage.publication import Shape
from signage.review import SlideFile, Statement, sign
from signage.settings import Settings, load
from signage.wire import sha256

NOW = datetime(2027, 1, 4, 2, 0, tzinfo=UTC)  # after the last of `synthetic.notices`
LIVE = 50  # notices that are not over
SIGNED_SINCE = NOW - timedelta(days=300)  # what is older was signed again when the people got new keys
AUTHOR, APPROVER, DUTY = "p1", "p3", "p5"  # of the sample commune
DWELL_MS = 8000


def make(folder: Path, count: int, live: int = LIVE) -> Settings:
    """The sample commune in the fresh `folder`, with `count` approved notices and nothing published yet."""
    starter.copy_sample(folder)
    for path in (folder / "content").rglob("*"):
        if path.is_file() and "trang" not in path.relative_to(folder / "content").parts:
            path.unlink()
    starter.make_keys(folder, {}, SIGNED_SINCE)
    settings = load(folder)
    for name in ("statements", "records", "files"):
        (settings.review_book / name).mkdir(parents=True)
    book = Book(settings.review_book)
    shapes = {board.mode.shape for board in settings.boards}
    slides = {shape.name: (_slide(book, shape),) for shape in sorted(shapes, key=lambda shape: shape.name)}
    keys = [PrivateKey.load(starter.person_key(folder, person)) for person in (AUTHOR, APPROVER)]
    for number in range(count):
        notice = _notice(number, count, live)
        (folder / f"content/{notice.id}.md").write_bytes(notice.text)
        _approve(settings, notice, slides if number >= count - live else {}, keys)
    return settings


def _notice(number: int, count: int, live: int) -> Notice:
    last = NOW + timedelta(days=30) if number >= count - live else synthetic.written(number, count) + timedelta(days=5)
    text = synthetic.text(number, count, also={"End": f"{last:%Y-%m-%d} 17:00"})
    return parse(f"thong-bao/so-{number:05}", text, ())


def _slide(book: Book, shape: Shape) -> SlideFile:
    data = picture(1, (shape.width, shape.height))
    file = slide_file(data, DWELL_MS)
    (book.folder / "files" / file.name).write_bytes(data)
    return file


def _approve(
    settings: Settings, notice: Notice, slides: dict[str, tuple[SlideFile, ...]], keys: list[PrivateKey]
) -> None:
    statement = Statement(
        settings.commune.code, notice.id, notice.digest, sha256(notice.text), (), notice.kind, notice.klass,
        notice.title, notice.start, notice.end, notice.boards, slides, {"bangtin": "bench"},
    )  # fmt: skip
    book, at = settings.review_book, max(notice.date.astimezone(UTC), SIGNED_SINCE + timedelta(hours=1))
    (book / f"files/{statement.text}.md").write_bytes(notice.text)
    (book / f"statements/{statement.sha256}.json").write_bytes(statement.to_bytes())
    for key, person, role, act in zip(
        keys, (AUTHOR, APPROVER), ("author", "approver"), ("submit", "approve"), strict=True
    ):
        record = sign(key, act=act, statement=statement.sha256, person=person, role=role, at=at)
        (book / f"records/{record.file_name}").write_bytes(record.sealed.data)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
