"""What people see of the hub: server-rendered pages, each declared with who may see it.

    shell      how a page is declared, reached and checked: read its docstring to add one
    visit      one request as a page sees it
    forms      what a form sends, and whether a page of ours sent it
    drawing    templates, and what every page is given
    login      log in and out, one's own password and log-ins
    fleet      codes for new boards, boards out of use, settings of many
    machines   the boards' computers: versions, wear, disk
    people     accounts, for administrators
    audit      what people did
    reports    periodic reports, certificates of posting, the roll-up
    boards     all boards, worst first
    board      one board: its pictures, its day and month, outages, alarms, maintenance
    notices    notices, and which boards showed them
    emergency  how soon each board showed an emergency
    feeds      what other systems read: JSON, CSV, CAP
    stream     the line on which open pages hear of changes
    static     styles and script
    words      the hub's states in Vietnamese; telling: outages, timelines, notices

`SECTIONS` names every module of pages, in the order in which routes are tried.
"""

from . import audit, board, boards, emergency, feeds, fleet, login, machines, notices, people, reports, static, stream
from .shell import Shell
from .visit import Hub

SECTIONS = (
    boards.section, board.section, notices.section, emergency.section, reports.section,
    fleet.section, machines.section, people.section, audit.section, login.section,
    feeds.section, stream.section, static.section,
)  # fmt: skip  # every module of pages

__all__ = ["SECTIONS", "Hub", "Shell"]
