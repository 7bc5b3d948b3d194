"""CAP files: what is meant for the public becomes an emergency of the duty person; all else is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from signage.cli import main
from signage.errors import BadInput
from signage.office import cap

Office = Any  # tests/conftest.py's
Tried = Callable[[Any, Callable[[Any], None]], None]
NS = "urn:oasis:names:tc:emergency:cap:1.2"


def stamp(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).replace(microsecond=0).isoformat()


def message(identifier: str = "VN-1", *, more: str = "", info: str = "", **fields: str) -> str:
    said = {"identifier": identifier, "sender": "kttv@tinh.example", "sent": stamp(-0.1), "status": "Actual",
            "msgType": "Alert", "scope": "Public", **fields}  # fmt: skip
    words = info or (
        "<info><language>en</language><event>Flood</event><severity>Minor</severity></info>"
        "<info><language>vi-VN</language><category>Met</category><event>Lũ</event><urgency>Immediate</urgency>"
        f"<severity>Severe</severity><expires>{stamp(3)}</expires><senderName>Đài KTTV tỉnh</senderName>"
        "<headline>Lũ lên nhanh</headline><instruction>Di dời lên chỗ cao ngay.</instruction></info>"
    )
    head = "".join(f"<{name}>{value}</{name}>" for name, value in said.items() if value)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{more}<alert xmlns="{NS}">{head}{words}</alert>'


def test_a_message_is_read() -> None:
    found = cap.read(message().encode(), "a.xml")
    assert (found.title, found.text, found.source) == ("Lũ lên nhanh", "Di dời lên chỗ cao ngay.", "Đài KTTV tỉnh")
    assert found.level == 3 and not found.is_drill and found.name.startswith("cap-")
    update = cap.read(message("VN-2", references="kttv@tinh.example,VN-1,2026-11-22T01:00:00+07:00").encode(), "b.xml")
    assert update.replaces == (found.name,) and update.name != found.name


BOMB = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>\n'
BAD = {
    "a bomb of entities": message(more=BOMB), "a file of ours as entity":
    message(more='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n'), "utf-16": message().encode("utf-16"),
    "declared in another": message().replace("UTF-8", "windows-1258"), "another format": "<rss/>", "nothing": "",
    "CAP 1.1": message().replace("cap:1.2", "cap:1.1"), "deep": "<a>" * 50_000, "too large": message() + " " * 300_000,
    "many": message(info="<info/>" * 5000), "no status": message(status=""), "draft": message(status="Draft"),
    "system": message(status="System"), "an answer": message(msgType="Ack"), "no time": message(sent="hôm nay"),
    "time beyond": message(sent="0001-01-01T00:00:00+14:00"), "a long word": message(scope="P" * 3000),
    "no info": message(info=" "), "bad references": message(references="VN-1"),
    "a colon of nobody": message(info="<x:info/>"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_message(case: str) -> None:
    data = BAD[case]
    with pytest.raises(BadInput) as told:
        cap.read(data if isinstance(data, bytes) else data.encode(), "a.xml")
    assert [p.code for p in told.value.problems] == ["cap-bad"]


def test_no_file_makes_a_traceback(tried: Tried) -> None:
    good = message().encode()
    parts = st.sampled_from(["<alert", f' xmlns="{NS}"', ">", "<info>", "</info>", "</alert>", "<sent>",
                             "&a;", "&#0;",
                             "<![CDATA[", "]]>", "<?x", "<!DOCTYPE a>", "<!--", "\0", "\ufeff",
                             "9999-12-31T23:59:59-23:59"])  # fmt: skip
    cut = st.tuples(st.integers(0, len(good)), st.binary(max_size=6), st.integers(0, 40)).map(
        lambda at: good[: at[0]] + at[1] + good[at[0] + at[2] :]
    )

    def check(data: bytes) -> None:
        try:
            found = cap.read(data, "a.xml")
        except BadInput:
            return
        assert found.message in cap.MESSAGES and len(found.text) <= cap.MAX_TEXT

    tried(
        st.one_of(cut, st.binary(max_size=100), st.lists(parts, max_size=12).map(lambda p: "".join(p).encode())), check
    )


@pytest.fixture
def raised(office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(text: str, *words: str) -> tuple[int, str]:
        (tmp_path / "a.xml").write_text(text, "utf-8")
        code = main(["alert", "raise", "--as", "p5", "--dir", str(office.folder), "--no-publish", "--cap",
                     str(tmp_path / "a.xml"), *words])  # fmt: skip
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def live(office: Office) -> dict[str, Any]:
    from signage.office.standing import in_force

    return {i: s for i, s in in_force(office.desk.standings()).items() if not s.withdrawn}


def test_from_the_file_to_its_cancellation(office: Office, raised: Callable[..., tuple[int, str]]) -> None:
    """An alert, its update in its place, then the cancellation of that."""
    assert raised(message())[0] == 0
    ((first, standing),) = live(office).items()
    alert = standing.statement.alert
    assert (alert["level"], alert["source"], standing.statement.title) == (3, "Đài KTTV tỉnh", "Lũ lên nhanh")
    assert standing.statement.end - datetime.now(UTC) < timedelta(hours=3, minutes=1), "the message's own end"
    reference = "kttv@tinh.example,VN-1,2026-11-22T01:00:00+07:00"
    code, told = raised(message("VN-2", msgType="Update", references=reference))
    assert code == 0 and first in told and set(live(office)) != {first} and len(live(office)) == 1
    cancel = message("VN-3", msgType="Cancel", references=reference.replace("VN-1", "VN-2"), info=" ")
    assert raised(cancel)[0] == 0 and not live(office)
    code, told = raised(cancel)
    assert code == 3 and "cap-unknown" in told


@pytest.mark.parametrize(
    ("fields", "code"),
    [({"status": "Exercise"}, "cap-not-shown"), ({"status": "Test"}, "cap-not-shown"),
     ({"scope": "Restricted"}, "cap-not-shown"), ({"scope": "Private"}, "cap-not-shown")],
)  # fmt: skip
def test_what_is_not_for_boards(
    office: Office, raised: Callable[..., tuple[int, str]], fields: dict[str, str], code: str
) -> None:
    exit_code, told = raised(message(**fields))
    assert exit_code == 3 and code in told and not live(office)


def test_an_exercise_says_so(office: Office, raised: Callable[..., tuple[int, str]]) -> None:
    assert raised(message(status="Exercise"), "--drill")[0] == 0
    (standing,) = live(office).values()
    assert standing.statement.alert["drill"] is True


def test_what_is_over_or_says_no_level(office: Office, raised: Callable[..., tuple[int, str]]) -> None:
    over = f"<info><event>Lũ</event><severity>Severe</severity><expires>{stamp(-1)}</expires></info>"
    assert "cap-over" in raised(message(info=over))[1]
    unknown = "<info><event>Lũ</event><severity>Unknown</severity><description>Lũ lên.</description></info>"
    code, told = raised(message(info=unknown))
    assert code == 2 and "--level" in told and not live(office)
    assert raised(message(info=unknown), "--level", "2")[0] == 0
