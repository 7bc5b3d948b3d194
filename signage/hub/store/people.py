"""Tables of people and what they do: accounts, the fleet's order, alarms, what is sent, reports by hand."""

from __future__ import annotations

from sqlalchemy import Index, UniqueConstraint

from .columns import ident, maybe_time, number, of_board, refers, table, text, time, yes

# ── who may do what ──────────────────────────────────────────────────────────────────────────────

account = table(
    "account", "People who may log in.",
    ident(), text("name", "to log in with, lower case", unique=True), text("full_name", "as people say it"),
    text("email", "or empty", server_default=""), text("role", "admin | operator | auditor"),
    yes("everywhere", "all communes; else those of account_commune", server_default="0"),
    text("password", "argon2id hash, with its parameters"), time("password_set", "when it was set"),
    yes("must_change", "at the next log-in", server_default="0"),
    number("failures", "wrong passwords in a row", server_default="0"), maybe_time("locked_until", "not before"),
    maybe_time("disabled", "since when it may not log in"), time("made", "when"), maybe_time("seen", "last log-in"),
)  # fmt: skip
account_commune = table(
    "account_commune", "Which communes an account may see, when not all.",
    refers("account", "account.id", "who", goes=True, primary_key=True, autoincrement=False),
    refers("commune", "commune.code", "where", goes=True, primary_key=True), keyed=True,
)  # fmt: skip
session = table(
    "session", "Log-ins that last; the token itself is only in the browser.",
    text("token_sha", "SHA-256 of the token", primary_key=True),
    refers("account", "account.id", "whose", goes=True), text("kind", "page | token (of a program, reads only)"),
    text("csrf", "token of its forms"), time("made", "log-in"), time("seen", "last request, to within a minute"),
    time("until", "ends at the latest"),
    text("address", "it came from", server_default=""), text("agent", "browser, cut", server_default=""), keyed=True,
)  # fmt: skip
attempt = table(
    "attempt", "Wrong log-ins by address, to slow them down.",
    text("address", "it came from", primary_key=True), number("failures", "in a row"),
    time("last", "last one", index=True), maybe_time("locked_until", "not before"), keyed=True,
)  # fmt: skip
audit = table(
    "audit", "Every change that a person made, each naming the one before by its hash.",
    ident(), time("at", "when", index=True), refers("account", "account.id", "who, if by log-in", nullable=True),
    text("actor", "name at that time; `box` for the command line"), text("act", "what, such as account.add"),
    text("commune", "where, or empty", server_default=""), text("thing", "on what"),
    text("detail", "canonical JSON, no secrets"),
    text("prev", "SHA-256 of the row before, zeros for the first"), text("sha", "SHA-256 of this row", unique=True),
)  # fmt: skip

# ── the fleet ────────────────────────────────────────────────────────────────────────────────────

fleet_group = table(
    "fleet_group", "Boards that are set and looked at together.",
    ident(), refers("commune", "commune.code", "or none: of the whole hub", nullable=True), text("name", "of it"),
    UniqueConstraint("commune", "name"),
)  # fmt: skip
group_board = table(
    "group_board", "Which boards are in a group.",
    refers("group_id", "fleet_group.id", "which", goes=True, primary_key=True, autoincrement=False),
    of_board(primary_key=True, autoincrement=False), keyed=True,
)  # fmt: skip
fleet_setting = table(
    "fleet_setting", "Settings of a board or a group on the hub; the board's own win.",
    ident(), of_board(nullable=True), refers("group_id", "fleet_group.id", "or of a group", goes=True, nullable=True),
    text("name", "of the setting"), text("value", "JSON"), time("set_at", "when"),
    UniqueConstraint("board", "name"), UniqueConstraint("group_id", "name"),
)  # fmt: skip
enrolment_code = table(
    "enrolment_code", "One-time codes with which a board brings its own card.",
    text("code_sha", "SHA-256 of the code", primary_key=True),
    refers("commune", "commune.code", "where"), text("board", "its code in the commune"),
    text("place", "JSON: name, site, hamlet, metered"), yes("replaces", "a broken box with the same place"),
    time("made", "when"), text("made_by", "account's name"), time("until", "good until"),
    maybe_time("used", "when it was used"), text("public", "the key that came", server_default=""), keyed=True,
)  # fmt: skip

# ── alarms, and what is told ─────────────────────────────────────────────────────────────────────

alarm = table(
    "alarm", "What a person must hear of; open while `until` is null.",
    ident(), of_board(nullable=True), text("code", "reason, as `alarms.judge` names it"),
    number("level", "1 note, 2 warning, 3 alarm"), text("detail", "values of the sentence, JSON", server_default="{}"),
    time("since", "first seen"), maybe_time("opened", "when it had lasted long enough to be told"),
    maybe_time("quiet_since", "not seen since, but not yet closed"),
    maybe_time("until", "over: last seen then, and not again"), maybe_time("closed", "when that was sure"),
    number("times", "how often it came back before it closed, and once", server_default="1"),
    maybe_time("told", "released to whom it concerns"), Index("ix_alarm_board_since", "board", "since"),
    Index("ix_alarm_until", "until"), Index("ix_alarm_told", "told"), Index("ix_alarm_closed", "closed"),
)  # fmt: skip
Index(
    "uq_alarm_open", alarm.c.board, alarm.c.code, unique=True,
    sqlite_where=alarm.c.until.is_(None), postgresql_where=alarm.c.until.is_(None),
)  # fmt: skip
acknowledgement = table(
    "acknowledgement", "Who took an alarm in hand, and what was done.",
    ident(), refers("alarm", "alarm.id", "which", goes=True, index=True), refers("account", "account.id", "who"),
    time("at", "when"), text("note", "what was done", server_default=""),
)  # fmt: skip
maintenance = table(
    "maintenance", "Windows in which work is done: alarms are kept but not told.",
    ident(), of_board(nullable=True), refers("commune", "commune.code", "or all of a commune", nullable=True),
    time("since", "begin"), time("until", "end", index=True), text("reason", "why"),
    refers("account", "account.id", "who set it"), time("made", "when"),
)  # fmt: skip
recipient = table(
    "recipient", "Who is told, as the hub's settings file says, and up to when they have been told.",
    text("name", "of it in the file", primary_key=True), text("channel", "mail | webhook"),
    text("address", "e-mail; of a webhook its host alone, since the rest may be a secret"),
    text("communes", "JSON list of codes; empty: all", server_default="[]"),
    number("least", "quietest level that is told", server_default="3"),
    yes("digest", "each morning", server_default="0"),
    time("upto", "what was released until then has been handed to the outbox"),
    text("digested", "Vietnamese day of the last digest, or empty", server_default=""),
    maybe_time("disabled", "since when it is not in the file"), keyed=True,
)  # fmt: skip
outbox = table(
    "outbox", "What is to be sent: at least once, a limited number of tries.",
    ident(), text("key", "one for each thing that is told: never twice in this table", unique=True),
    text("recipient", "name in the hub's settings file, which alone knows the address"),
    text("subject", "one line"), text("body", "text"),
    text("data", "the same for a program, JSON", server_default="{}"),
    time("made", "when"), time("due", "next try", index=True),
    number("tries", "so far", server_default="0"), maybe_time("sent", "taken by the other side"),
    maybe_time("given_up", "after the last try"), text("error", "of the last try", server_default=""),
)  # fmt: skip
lease = table(
    "lease", "Who does a job that only one process may do.",
    text("name", "of the job, such as watchman", primary_key=True), text("holder", "random name of the process"),
    time("until", "another may take it then"), keyed=True,
)  # fmt: skip

# ── periodic reports ─────────────────────────────────────────────────────────────────────────────

notice = table(
    "notice", "Notices as the office published them, for reports by class, category and hamlet.",
    refers("commune", "commune.code", "whose", primary_key=True), text("statement", "SHA-256", primary_key=True),
    text("notice", "its id in the office, such as thong-bao/2026/cat-dien-thon-3", server_default=""),
    text("title", "of it"), text("kind", "such as niem-yet, or empty", server_default=""),
    text("class", "thong-thuong | uu-tien | khan-cap"),
    text("category", "or empty", server_default=""), text("hamlets", "JSON list", server_default="[]"),
    text("files", "JSON list of its slides' SHA-256", server_default="[]"),
    text("boards", "JSON list of board codes that should show it", server_default="[]"),
    maybe_time("submitted", "by the author's record"), maybe_time("approved", "by the approver's record"),
    maybe_time("published", "first seen in a publication"), maybe_time("start", "valid from"),
    maybe_time("end", "valid until"), maybe_time("withdrawn", "taken back, by the record that says so"),
    maybe_time("gone", "first publication that has it no more, before its end and without such a record"),
    maybe_time("hidden", "first publication that has it as hidden"),
    text("alert", "of an emergency: JSON of level, source, bulletin_time, drill; or empty", server_default=""),
    keyed=True,
)  # fmt: skip
report_field = table(
    "report_field", "What a person fills in by hand, since no board can know it.",
    refers("commune", "commune.code", "whose", primary_key=True), text("period", "2026-11 | 2026-Q4 | 2026",
    primary_key=True), text("field", "of the report", primary_key=True), text("value", "as typed"),
    refers("account", "account.id", "who", nullable=True), time("at", "when"), keyed=True,
)  # fmt: skip
submission = table(
    "submission", "Periodic reports that a commune has handed in.",
    refers("commune", "commune.code", "whose", primary_key=True), text("period", "2026-11 | 2026-Q4 | 2026",
    primary_key=True), text("kind", "of report", primary_key=True), time("at", "when"),
    refers("account", "account.id", "who", nullable=True), text("sha", "SHA-256 of the file"), keyed=True,
)  # fmt: skip
note = table(
    "note", "Small facts of the hub itself, such as when it last swept.",
    text("name", "of it", primary_key=True), text("value", "JSON"), keyed=True,
)  # fmt: skip
