"""Playlists of every sort, for what must hold of any of them."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from signage.board.playlist import NOTHING_KNOWN, Entry, Playlist
from signage.publication import Light, Mode, Shape
from signage.review import SlideFile, Statement
from signage.schedule import merged

T0 = datetime(2026, 11, 22, tzinfo=UTC)
MODE = Mode((320, 180), (0, 0, 320, 180), 0, Shape("lcd", 320, 180))


def entry(
    n: int, *, klass="thong-thuong", low=0, high=600, dwells=(5000,), order=0, level=1, drill=False, prepared=0
) -> Entry:
    """A notice valid from `low` to `high` seconds after T0."""
    slides = tuple(SlideFile(f"{n:060x}{i:04x}", 10, "0" * 64, "image/png", ms) for i, ms in enumerate(dwells))
    start, end = T0 + timedelta(seconds=low), T0 + timedelta(seconds=high)
    alert = {"level": level, "source": "x", "bulletin_time": "2026-11-22T00:00:00Z", "words": "chạy " * 100}
    if drill:
        alert["drill"] = True
    template = tuple(SlideFile(f"{n:060x}f{i:03x}", 10, "0" * 64, "image/png", 3000) for i in range(prepared))
    statement = Statement(
        "99999", f"n{n}", "0" * 64, "0" * 64, (), "tin", klass, f"tin {n}", start, end, ("all",), {}, {},
        alert if klass == "khan-cap" else None,
    )  # fmt: skip
    return Entry(f"{n:064x}", statement, slides, ((start, end),), order, template)


def playlist(entries=(), emergencies=(), evergreen=(), **light) -> Playlist:
    return Playlist(
        1, T0, "Xã", "Bảng", MODE, tuple(entries), tuple(evergreen), tuple(emergencies), (), (), NOTHING_KNOWN, **light
    )


spans = st.tuples(st.integers(0, 400), st.integers(1, 300)).map(lambda p: (p[0], p[0] + p[1]))
hours = st.lists(spans, max_size=2).map(
    lambda some: tuple(merged((T0 + timedelta(seconds=a), T0 + timedelta(seconds=b)) for a, b in some))
)
dwells = st.lists(st.integers(2000, 20000), min_size=1, max_size=3).map(tuple)


@st.composite
def lists(draw):
    entries = [
        entry(n, klass=draw(st.sampled_from(["thong-thuong", "uu-tien"])), low=low, high=high, dwells=draw(dwells),
              order=draw(st.integers(-2, 2)))
        for n, (low, high) in enumerate(draw(st.lists(spans, max_size=7)))
    ]  # fmt: skip
    emergencies = [
        entry(100 + n, klass="khan-cap", low=low, high=high, level=draw(st.integers(1, 5)),
              dwells=draw(st.one_of(st.just(()), dwells)), drill=draw(st.booleans()), prepared=draw(st.integers(0, 2)))
        for n, (low, high) in enumerate(draw(st.lists(spans, max_size=3)))
    ]  # fmt: skip
    evergreen = [entry(200, low=0, high=10**6)] if draw(st.booleans()) else []
    return playlist(
        entries, emergencies, evergreen, dark=draw(hours), wake_level=draw(st.integers(1, 5)),
        light=Light(draw(st.integers(1, 100)), draw(st.integers(1, 100)), draw(hours)),
    )  # fmt: skip
