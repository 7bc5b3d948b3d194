"""What a hint looks like on the wire, and when a publication has one to give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signage import hint
from signage.hint import Bell, Reading, TooMuch, event
from tests.board.conftest import Office

STAMP = "metadata/timestamp.json"


def read(data, piece=7):
    reading = Reading()
    return [found for at in range(0, len(data), piece) for found in reading.feed(data[at : at + piece])]


def test_files_come_out_as_they_went_in():
    files = {STAMP: '{"signed":{"a":"đ"}}'.encode(), "targets/lich/aa.khan-cap.json": b"{}"}
    assert read(hint.COMMENT + event(files) + hint.COMMENT + event({})) == [None, files, None, {}]


def test_a_reader_of_server_sent_events_finds_its_way():
    """Other fields, carriage returns, and data that are no file of ours say "look" and no more."""
    assert read(b"id: 4\r\nevent: x\r\ndata: look\r\n\r\n\r\ndata:\n\ndata: ../../etc/passwd {}\n\n") == [{}, {}, {}]


def test_what_is_large_or_has_line_breaks_stays_out():
    small = b"{}"
    sent = event({"metadata/a.json": b"x" * hint.MAX_HINT, "metadata/b.json": b"{\n}", STAMP: small})
    assert len(sent) < hint.MAX_HINT and read(sent) == [{STAMP: small}]
    many = event({f"metadata/{n}.json": small for n in range(99)})
    assert len(read(many)[0]) == hint.MAX_FILES


@pytest.mark.parametrize("line", [b":" + b"x" * 99, b"data: metadata/a.json " + b"x" * 99, b"x" * 99])
def test_a_line_without_an_end_is_not_kept(line):
    reading = Reading()
    with pytest.raises(TooMuch):
        for _ in range(hint.MAX_HINT):
            list(reading.feed(line))


def test_a_hint_without_an_end_is_not_kept():
    reading = Reading()
    with pytest.raises(TooMuch):
        for n in range(hint.MAX_HINT):
            list(reading.feed(b"data: metadata/%d.json {}\n" % n))


def test_large_hints_that_come_close_together_are_read_wherever_the_line_parts_them():
    """An emergency and the website after it: two hints of 40 kB within seconds, perhaps in one packet."""
    large = event({"metadata/timestamp.json": b"1" * 300, "targets/lich/khan-cap.json": b"2" * 40_000})
    both, piece = large * 3, 16 * 1024
    for first in (*range(1, 600, 7), *range(len(large) - 20, len(large) + 600)):
        reading, found = Reading(), []
        for start, end in ((0, first), *((at, at + piece) for at in range(first, len(both), piece))):
            found += reading.feed(both[start:end])
        assert len(found) == 3, first


@given(st.binary(max_size=400), st.integers(1, 50))
def test_garbage_is_read_or_refused_however_it_is_cut(data, piece):
    assert read(data, piece) == read(data, 400)


@pytest.mark.parametrize(("asked", "seconds"), [("30", 30), ("1", 20), ("-5", 20), ("99999999", 280), ("x", 280),
                                                ("", 280), ("nan", 280), ("1" * 5000, 280)])  # fmt: skip
def test_the_silence_that_a_board_asks_for_has_limits(asked, seconds):
    assert hint.every(asked) == seconds


# ── the bell ─────────────────────────────────────────────────────────────────────────────────────


def test_a_publication_rings_once_and_brings_what_is_signed(tmp_path):
    office = Office(tmp_path)
    bell = Bell(office.served)
    assert bell.rang() is None  # the first look hears nothing
    office.alarm(office.emergency("Lũ"))
    office.publish()
    (files,) = read(bell.rang())
    assert bell.rang() is None
    kinds = {".".join(path.rsplit("/", 1)[1].split(".")[1:]) for path in files}
    assert kinds == {"json", "snapshot.json", "lich.json", "khan-cap.json"}
    assert all((office.served / path).read_bytes() == data for path, data in files.items())
    bell.served.joinpath(STAMP).touch()
    assert bell.rang() is None  # nothing is new


def test_a_publication_that_cannot_be_read_whole_still_rings(tmp_path):
    office = Office(tmp_path)
    office.publish()
    bell = Bell(office.served)
    bell.rang()
    (office.served / STAMP).write_bytes(b'{"signed":[]}')
    assert read(bell.rang()) == [{STAMP: b'{"signed":[]}'}]
    (office.served / STAMP).unlink()
    assert bell.rang() is None
