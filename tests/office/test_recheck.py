"""Everything read and built once more: what was not as it should be is named, mended and kept in the record."""

import argparse
import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signage.cli.nightly import Nightly, is_time
from signage.cli.status import Lines, Status
from signage.office import recheck
from signage.office.publish import SITE_STATE, Publisher
from signage.office.recheck import publish_full
from signage.office.website.served import scan
from signage.schedule import VIETNAM_TIME
from signage.settings.model import COMPARE_AT
from signage.wire import sha256
from tests.conftest import NOW

Office = Any  # tests/conftest.py's


def bytes_of(served: Path) -> dict[str, bytes]:
    return {path: (served / path).read_bytes() for path in scan(served, "board", {}).other}


def told(outcome: Any) -> list[tuple[str, str]]:
    return [(one.code, one.file) for one in outcome.problems if one.severity == "error"]


def test_a_page_that_somebody_changed_is_named_and_mended(office: Office, text: Callable[..., str]) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    office.publish()
    served, later = office.settings.publication, NOW + timedelta(hours=5)
    before = bytes_of(served)
    assert told(publish_full(office.settings, later)) == []
    assert recheck.last(office.settings)["good"] and recheck.last(office.settings)["files"] == len(before)
    page = served / "tin/a.html"
    page.write_bytes(before["tin/a.html"].replace(b"0912", b"0913") + b"<!-- x -->")
    (served / "tin/la.html").write_bytes(b"la")
    (served / "index.html").unlink()
    assert told(publish_full(office.settings, later)) == [
        ("site-file-damaged", f"publication/{name}") for name in ("index.html", "tin/a.html", "tin/la.html")
    ]
    assert bytes_of(served) == before
    record = [json.loads(line) for line in (office.settings.state / recheck.RECORD).read_text("utf-8").splitlines()]
    assert [line["good"] for line in record] == [True, False]
    assert record[1]["damaged"] == ["index.html", "tin/a.html", "tin/la.html"] and record[1]["differing"] == []
    assert not (office.settings.state / recheck.SCRATCH).exists()


def test_what_the_office_made_wrongly_itself_is_found_by_the_clean_build(
    office: Office, text: Callable[..., str]
) -> None:
    """Its memory takes a wrong page for the right one: the clean bytes win, and the memory goes, also in a process
    that stays."""
    office.write("tin/a", text())
    office.both("tin/a")
    with closing(Publisher(office.settings)) as stays:
        stays.publish(office.settings, NOW)
        before = bytes_of(office.settings.publication)
        page = office.settings.publication / "tin/a.html"
        page.write_bytes(b"sai")
        found = page.stat()
        with closing(sqlite3.connect(office.settings.state / SITE_STATE)) as base, base:
            base.execute(
                "update output set size = ?, modified = ?, changed = ?, sha = ? where path = 'tin/a.html'",
                (found.st_size, found.st_mtime_ns, found.st_ctime_ns, sha256(b"sai")),
            )
        with closing(Publisher(office.settings)) as another:
            another.publish(office.settings, NOW)
        assert page.read_bytes() == b"sai", "nobody sees it who believes the memory"
        assert told(publish_full(office.settings, NOW)) == [
            ("site-file-differs", "publication/tin/a.html"), ("memory-differs", "state/"),
        ]  # fmt: skip
        assert bytes_of(office.settings.publication) == before
        stays.publish(office.settings, NOW + timedelta(minutes=1))
        assert bytes_of(office.settings.publication) == before
        assert told(publish_full(office.settings, NOW + timedelta(minutes=1))) == []


def test_a_watching_office_compares_itself_when_the_night_comes(
    office: Office, text: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    office.write("tin/a", text())
    office.both("tin/a")
    office.publish(datetime.now(UTC))
    page = office.settings.publication / "tin/a.html"
    before = page.read_bytes()
    page.write_bytes(b"sai")
    settings = office.settings.folder / "bangtin.toml"
    settings.write_text(f'{settings.read_text("utf-8")}\n[office]\ncompare_at = "03:10"\n', "utf-8")
    clock = iter([datetime(2026, 11, 22, 3, 9, 50, tzinfo=VIETNAM_TIME) + timedelta(seconds=20 * n) for n in (0, 1)])
    last = datetime(2026, 11, 22, 3, 11, tzinfo=VIETNAM_TIME)
    args, done = argparse.Namespace(dir=office.settings.folder, lang="vi"), threading.Event()
    with Status(office.settings, Lines(args), None) as told:

        def say(vi: str, en: str) -> None:
            told.compared(vi, en)
            done.set()

        with Nightly(args, say, lambda: next(clock, last), look_s=0.01):
            assert done.wait(240), "it gives way to everything else on this machine"
    assert "1 tệp khác, đã sửa lại: tin/a.html (xem state/compared.jsonl)" in capsys.readouterr().out
    assert page.read_bytes() == before and recheck.last(office.settings)["damaged"] == ["tin/a.html"]


def test_when_the_night_comes(office: Office) -> None:
    settings = office.settings
    assert settings.compare_at == COMPARE_AT
    due = datetime(2026, 11, 23, 2, 30, tzinfo=VIETNAM_TIME)
    second = timedelta(seconds=1)
    assert is_time(settings, due - second, due) and is_time(settings, due - second, due + 20 * second)
    assert not is_time(settings, due, due + second) and not is_time(settings, due - 2 * second, due - second)
    assert not is_time(settings, due - timedelta(days=300), due + second), "a clock that was set"
    assert not is_time(replace(settings, compare_at=None), due - second, due)
