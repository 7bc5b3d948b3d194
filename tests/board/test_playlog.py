from datetime import UTC, datetime, timedelta

import pytest

from signage.board import playlog
from signage.board.playlog import PlayLog, Position

T0 = datetime(2026, 11, 22, tzinfo=UTC)


def filled(folder, count, first=0):
    log = PlayLog(folder)
    for n in range(first, first + count):
        log.add(file=f"{n:064x}", statement="b" * 64, at=T0 + timedelta(seconds=n), ms=1000 + n)
    log.flush()
    return log


def test_plays_are_read_once_in_order_over_restarts(tmp_path):
    filled(tmp_path, 3)
    plays, position = playlog.read(tmp_path, Position(), 2)
    assert [p.ms for p in plays] == [1000, 1001]
    filled(tmp_path, 2, first=3)
    plays, position = playlog.read(tmp_path, position, 100)
    assert [p.ms for p in plays] == [1002, 1003, 1004]
    assert playlog.read(tmp_path, position, 100) == ([], position)
    assert playlog.check(tmp_path) == 5


@pytest.mark.parametrize("tail", [b'{"at":"2026', b"\0\0\0\0\n", b"garbage\n\n"])
def test_a_torn_tail_is_cut_at_the_next_start(tmp_path, tail):
    filled(tmp_path, 3)
    path = tmp_path / "1.jsonl"
    path.write_bytes(path.read_bytes() + tail)
    filled(tmp_path, 1, first=3)
    assert playlog.check(tmp_path) == 4


def test_a_changed_or_removed_line_breaks_the_chain(tmp_path):
    filled(tmp_path, 4)
    path = tmp_path / "1.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], lines[2], lines[3]]))
    assert playlog.check(tmp_path) is None
    path.write_bytes(b"".join(lines).replace(b'"ms":1001', b'"ms":9001'))
    assert playlog.check(tmp_path) is None


def test_files_are_bounded_and_the_chain_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(playlog, "MAX_FILE", 2000)
    monkeypatch.setattr(playlog, "MAX_FILES", 3)
    for n in range(12):
        filled(tmp_path, 4, first=4 * n)
    assert len(list(tmp_path.glob("*.jsonl"))) == 3
    assert playlog.check(tmp_path) > 4
    plays, position = playlog.read(tmp_path, Position(1, 50), 1000)  # what was there is gone: go on
    assert [p.ms for p in plays][-1] == 1047 and position.file > 1


def test_a_crash_right_after_a_new_file_keeps_the_chain(tmp_path):
    filled(tmp_path, 2)
    (tmp_path / "2.jsonl").write_bytes(b'{"at":"20')
    filled(tmp_path, 1, first=2)
    assert playlog.check(tmp_path) == 3
