"""Tables of what boards said, and of what the hub made of it: rows that only the writer and the sweep touch."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint

from .columns import data, ident, maybe_time, number, of_board, refers, table, text, time, yes

commune = table(
    "commune", "Communes whose boards this hub hears.",
    text("code", "five digits (QĐ 19/2025)", primary_key=True),
    text("name", "as people say it", server_default=""),
    text("agency", "identifier of its office (QĐ 20/2020), or empty", server_default=""),
    yes("sample", "invented data: every page says so", server_default="0"),
    number("newest", "highest publication that two of its boards told, or its only one", nullable=True),
    maybe_time("newest_seen", "since when that is so"),
    number("published", "by the office's own folder, if this hub has it; boards are then held against this",
           nullable=True),
    maybe_time("published_at", "when that was made"),
    keyed=True,
)  # fmt: skip
board = table(
    "board", "Boards and the one key that each signs with.",
    ident("the board everywhere else in this database"),
    refers("commune", "commune.code", "where it stands"),
    text("code", "its id in the commune's settings, a name of a-z, 0-9 and hyphens"),
    text("public", "its Ed25519 key, 64 hex digits; two boards never share one"),
    number("chain", "counts its keys, from 1"),
    text("repository", "SHA-256 of the commune's first root, which every report names"),
    time("enrolled", "when the key was taken"),
    text("name", "as people say it"), text("site", "where it hangs", server_default=""),
    text("hamlet", "name of the hamlet, or empty", server_default=""),
    text("shape", "of its screen, such as lcd-1920x1080, or empty", server_default=""),
    yes("metered", "its link is paid by the megabyte", server_default="0"),
    maybe_time("retired", "since when it hangs no more: it is not judged, its past is kept"),
    number("latitude", "degrees × 10^6", nullable=True), number("longitude", "degrees × 10^6", nullable=True),
    UniqueConstraint("commune", "code"), UniqueConstraint("public"),
)  # fmt: skip
# Not `keyed`: its rows are large, and 40,000 look-ups took 170 ms of CPU instead of 20.
state = table(
    "state", "Each board's newest report, small, and where its chain stands.",
    of_board(primary_key=True, autoincrement=False),
    number("chain", "key that signed it"), number("seq", "its number"), text("sha", "SHA-256 of its payload"),
    time("received", "by the hub's clock: contact is told by this"),
    time("sent", "by the board's clock"),
    time("evidence", "up to when the hours are told: the board's time where trusted, else ours"),
    data("report", "its payload without plays and frame, canonical JSON"),
    number("publication", "in force there", nullable=True),
    number("most", "highest publication that this key told", nullable=True), text("verdict", "of the picture"),
    maybe_time("apart", "by the hub's clock: when it first told that number though another was its commune's newest"),
    text("layer", "who looked"), text("screen", "verdict and layer in one word, as spans and hours count it"),
    text("kind", "of what is showing, or empty"), text("statement", "that is showing", nullable=True),
    text("faults", "codes of its own faults, sorted, with spaces between"),
    number("temp_c", "temperature", nullable=True), number("disk_mb", "free disk"),
    number("marks", "how many marks its chain has had"),
    number("own_level", "loudest of what it says of itself, as `alarms.judge` weighs it: 0 to 3", server_default="0"),
)  # fmt: skip
report = table(
    "report", "A ring of each board's last reports as signed: `slot` is `seq` modulo the ring's length.",
    of_board(primary_key=True, autoincrement=False), number("slot", "place in the ring", primary_key=True),
    number("chain", "key that signed it"), number("seq", "its number"), text("sha", "SHA-256 of its payload"),
    time("received", "by the hub's clock"), data("envelope", "DSSE, as it came"),
    keyed=True,
)  # fmt: skip
mark = table(
    "mark", "A ring of what was odd in each board's chain (gap, torn, fork, old, new-key).",
    of_board(primary_key=True, autoincrement=False), number("slot", "place in the ring", primary_key=True),
    text("kind", "what"), number("chain", "key"), number("seq", "number of the report"),
    number("missing", "reports that never came"), number("times", "how often, one after another"),
    time("first", "first time", ), time("last", "last time", index=True),
    keyed=True,
)  # fmt: skip
frame = table(
    "frame", "The newest small picture of each board's glass.",
    of_board(primary_key=True, autoincrement=False),
    time("received", "by the hub's clock"), time("sent", "when it was taken, by the board's clock"),
    text("layer", "window: what stood there; surface: what the player drew", server_default="surface"),
    text("file", "SHA-256 of the slide that was showing then", nullable=True), data("jpeg", "checked to be a JPEG"),
)  # fmt: skip
frame_request = table(
    "frame_request", "Pictures that people asked boards for, of the last day.",
    of_board(primary_key=True, autoincrement=False), time("at", "by the hub's clock", primary_key=True),
    refers("account", "account.id", "who"),
    keyed=True,
)  # fmt: skip
about = table(
    "about", "What each board runs on, as it told last.",
    of_board(primary_key=True, autoincrement=False), time("received", "by the hub's clock"),
    data("told", "the report's `about`, canonical JSON"),
)  # fmt: skip
slide = table(
    "slide", "What slides are called, told by the board that showed them.",
    of_board(primary_key=True, autoincrement=False), text("file", "SHA-256", primary_key=True),
    text("statement", "SHA-256, or none", nullable=True), text("title", "of the notice"),
    time("seen", "last time, to within a day", index=True),
    keyed=True,
)  # fmt: skip
play_day = table(
    "play_day", "Proof of posting: what a board showed on a day, and the reports that tell it.",
    of_board(primary_key=True, autoincrement=False),
    text("day", "Vietnamese day, 2026-11-22; empty: its clock was not set", primary_key=True),
    text("file", "SHA-256 of the slide; empty: those beyond the limit, together", primary_key=True),
    number("plays", "how often"), number("ms", "how long, together"),
    time("first", "began first"), time("last", "began last"),
    text("sha_first", "payload of the first report that told it"),
    text("sha_last", "payload of the last report that told it"),
    Index("ix_play_day_day", "day"),
    keyed=True,
)  # fmt: skip

_SECONDS = (
    ("right", "the right picture, seen by an independent look at the window"),
    ("claimed", "the right picture, only by the player's own word"),
    ("dark", "off by its timetable"), ("wrong", "black, foreign or frozen"),
    ("unknown", "it spoke, but nobody had looked; time without any word is what is left of the hour"),
    ("emergency", "of all these: an emergency was showing"),
)  # fmt: skip


def _figures() -> tuple[object, ...]:
    """What hours and days count alike."""
    return (
        *(number(name, f"milliseconds: {says}") for name, says in _SECONDS),
        number("reports", "heard"), number("temp_low", "°C", nullable=True), number("temp_high", "°C", nullable=True),
        number("disk_low", "free MB", nullable=True),
    )  # fmt: skip


hour = table(
    "hour", "What each board did in each hour, by the time model; no row: nothing was heard.",
    of_board(primary_key=True, autoincrement=False),
    number("hour", "hours since 1970, UTC", primary_key=True), *_figures(),
    Index("ix_hour_hour", "hour"),
    keyed=True,
)  # fmt: skip
day = table(
    "day", "The same by Vietnamese day, kept for years.",
    of_board(primary_key=True, autoincrement=False), text("day", "2026-11-22", primary_key=True),
    *_figures(), Index("ix_day_day", "day"),
    keyed=True,
)  # fmt: skip
span = table(
    "span", "Intervals of what was not right, each with a cause; open while `until` is null.",
    ident(), of_board(),
    text("kind", "contact (lost) | screen (black, foreign, frozen, unchecked, dark) | content (old) | fault"
                 " | away (taken down: silence then is no outage)"),
    text("code", "which of them; of a fault its code, of away the same word"),
    time("since", "begin; of contact by the hub's clock, else by evidence"), maybe_time("until", "end"),
    text("cause", "power | network | hub | …, or empty: not known", server_default=""),
    text("note", "what a person wrote", server_default=""),
    Index("ix_span_board_since", "board", "since"), Index("ix_span_until", "until"),
)  # fmt: skip
Index(
    "uq_span_open", span.c.board, span.c.kind, span.c.code, unique=True,
    sqlite_where=span.c.until.is_(None), postgresql_where=span.c.until.is_(None),
)  # fmt: skip
change = table(
    "change", "What changed in a board's state, by evidence.",
    ident(), of_board(), time("at", "when", index=True),
    text("what", "publication | screen | showing"), text("was", "before"), text("now", "after"),
    Index("ix_change_board_at", "board", "at"),
)  # fmt: skip
