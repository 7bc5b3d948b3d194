"""Sites built by real Pelican from approved notices; no keys needed: `Published` is what the office hands over."""

from __future__ import annotations

import functools
import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signage.notice import read_all, read_file
from signage.office import starter
from signage.office.drafting.draft import Draft, draft
from signage.office.website.clean import Ledger, Published, build
from signage.settings import Settings, load

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)  # 09:00 in Vietnam


@dataclass
class Press:
    """Writes notices, takes them as approved, builds sites."""

    folder: Path
    settings: Settings

    def publish(self, ident: str, *, files: dict[str, bytes] | None = None, **fields: str) -> Published:
        """An approved notice; fields as in its file (`body=` is the text)."""
        usual = {
            "Title": f"Tạm ngừng cung cấp điện {ident}", "Date": "2026-11-20 09:00", "Kind": "cat-dien",
            "Category": "an-sinh", "Start": "2026-11-21 05:00", "End": "2026-11-25 17:00",
            "Summary": "Ngừng cung cấp điện để sửa đường dây.",
        }  # fmt: skip
        body = fields.pop("body", "Đề nghị nhân dân chú ý.")
        both = {**usual, **{name.replace("_", "-"): value for name, value in fields.items()}}
        content = self.folder / "content"
        path = content / f"{ident}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        for name, data in (files or {}).items():
            (path.parent / name).write_bytes(data)
        head = "".join(f"{name}: {value}\n" for name, value in both.items() if value)
        path.write_text(f"{head}\n{body}\n", encoding="utf-8")
        notice, problems = read_file(path, content, self.settings.places)
        assert notice is not None, [p.told() for p in problems]
        statement = hashlib.sha256(notice.digest.encode()).hexdigest()
        beside = {file.name: path.parent / file.name for file in notice.files}
        return Published(notice, statement, notice.date + timedelta(hours=2), beside)

    def page(self, slug: str, title: str) -> Published:
        return self.publish(f"trang/{slug}", Title=title, Kind="trang", Category="", Summary="", Start="", End="")

    def withdrawn(self, item: Published, reason: str) -> Published:
        return replace(item, withdrawn_at=NOW, reason=reason)

    def build(self, items: list[Published], name: str = "site", *, now: datetime = NOW, conf: str = "") -> Path:
        """The built site's folder."""
        self.ledger(items, name, now=now, conf=conf)
        return self.folder / name

    def ledger(self, items: list[Published], name: str = "site", *, now: datetime = NOW, conf: str = "") -> Ledger:
        path = None
        if conf:
            path = self.folder / "pelicanconf.py"
            path.write_text(conf, encoding="utf-8")
        work = self.folder / f"work-{name}"
        return build(self.settings, items, self.folder / name, now=now, work=work, conf=path)


@pytest.fixture(scope="session")
def press_in() -> Callable[[Path], Press]:
    return lambda folder: Press(folder, load(starter.sample_root()))


@pytest.fixture
def press(tmp_path: Path, press_in: Callable[[Path], Press]) -> Press:
    return press_in(tmp_path)


@pytest.fixture(scope="session")
def sample() -> list[Published]:
    """The sample commune's notices and pages, all of them approved."""
    root = starter.sample_root()
    found = []
    for notice in read_all(root / "content", load(root).places).notices.values():
        if not notice.prepared:
            files = {f.name: (root / "content" / notice.id).parent / f.name for f in notice.files}
            found.append(Published(notice, f"{len(found):064x}", notice.date + timedelta(hours=2), files))
    return found


@pytest.fixture
def made(tmp_path: Path, settings: Settings) -> Callable[[str, bytes], Draft]:
    """`made(name, data)`: the draft of an officer's file with this name and these bytes, in the sample commune."""

    def run(name: str, data: bytes) -> Draft:
        path = tmp_path / name
        path.write_bytes(data)
        return draft(path, settings, NOW)

    return run


@pytest.fixture(scope="session")
def settings(press_in: Callable[[Path], Press], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The sample commune's."""
    return press_in(tmp_path_factory.mktemp("xa")).settings


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a plain web server for `folder`."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
