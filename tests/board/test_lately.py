"""Readings remembered for as long as they are asked for."""

from __future__ import annotations

from signage.board.lately import Lately


def test_a_reading_is_kept_while_it_is_asked_for_and_no_longer() -> None:
    read: list[bytes] = []

    def reading(data: bytes) -> int | None:
        read.append(data)
        return int(data) if data.isdigit() else None

    lately = Lately(reading)
    for day in range(50):  # each day one notice is new, another is gone
        lately.turn()
        assert [lately(str(n).encode()) for n in range(day, day + 3)] == [day, day + 1, day + 2]
        assert lately(b"x") is None
    assert read.count(b"x") == 1
    assert read.count(b"20") == 1
    assert len(lately) == 5
