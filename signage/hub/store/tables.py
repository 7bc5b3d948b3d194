"""Every table of the hub, column by column: `evidence` of boards, `people` and what they do.

    from ..store import tables as t
    connection.execute(select(t.alarm.c.code).where(t.alarm.c.until.is_(None)))

A change here needs the migration too (`migrations/__init__.py` says how).
"""

from __future__ import annotations

from .columns import metadata
from .evidence import (
    about,
    board,
    change,
    commune,
    day,
    frame,
    frame_request,
    hour,
    mark,
    play_day,
    report,
    slide,
    span,
    state,
)
from .people import (
    account,
    account_commune,
    acknowledgement,
    alarm,
    attempt,
    audit,
    enrolment_code,
    fleet_group,
    fleet_setting,
    group_board,
    lease,
    maintenance,
    note,
    notice,
    outbox,
    recipient,
    report_field,
    session,
    submission,
)

__all__ = [
    "about", "account", "account_commune", "acknowledgement", "alarm", "attempt", "audit", "board", "change", "commune",
    "day", "enrolment_code", "fleet_group", "fleet_setting", "frame", "frame_request", "group_board", "hour", "lease",
    "maintenance", "mark", "metadata", "note", "notice", "outbox", "play_day", "recipient", "report",
    "report_field", "session", "slide", "span", "state", "submission",
]  # fmt: skip
