"""What other systems read: every row once, nothing of other communes, the same in each form."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

from sqlalchemy import insert, update

from signage.hub import feeds
from signage.hub.store import Store
from signage.hub.store import tables as t
from signage.hub.store.engine import to_ms
from tests.hub.turned import COMMUNE, NOON, Place

CAP = {"cap": feeds.CAP, "atom": feeds.ATOM}
ALERT = '{"bulletin_time":"2026-11-22T01:00:00Z","drill":false,"level":4,"source":"Đài KTTV tỉnh"}'


def notice(store: Store, statement: str, **values: Any) -> None:
    known = {
        "commune": COMMUNE, "statement": statement, "notice": f"thong-bao/2026/{statement[:4]}", "title": "Họp thôn",
        "class": "thong-thuong", "start": to_ms(NOON), "end": to_ms(NOON + timedelta(hours=6)), "boards": '["b-1"]',
    }  # fmt: skip
    with store.writing() as connection:
        connection.execute(insert(t.notice), known | values)


def test_every_board_once_by_pages_and_none_of_another_commune(store: Store) -> None:
    place = Place(store)
    with store.writing() as connection:
        connection.execute(insert(t.commune), {"code": "20507", "name": "Xã khác"})
        connection.execute(update(t.commune).where(t.commune.c.code == COMMUNE).values(agency="H12.34"))
    for n in range(7):
        place.add(f"b-{n}", **({"commune": "20507"} if n == 3 else {"latitude": 21_030_000, "longitude": 105_850_000}))
    place.add("cu", retired=1)
    place.hear("b-1")
    found: list[dict[str, Any]] = []
    with store.reading() as connection:
        after: str | None = ""
        while after is not None:
            page = feeds.boards(connection, frozenset({COMMUNE}), NOON, after=after, most=2)
            assert len(page.rows) <= 2
            found, after = found + page.rows, page.after
        whole = feeds.boards(connection, None, NOON)
    assert [row["board"] for row in found] == ["b-0", "b-1", "b-2", "b-4", "b-5", "b-6"]
    assert len(whole.rows) == 7 and whole.after is None
    told = {row["board"]: row for row in found}
    assert told["b-1"]["contact"] == "connected" and told["b-1"]["heard"] == "2026-11-22T05:00:00Z"
    assert told["b-0"]["contact"] == "never" and told["b-0"]["heard"] is None
    assert (told["b-0"]["agency"], told["b-0"]["latitude"]) == ("H12.34", 21.03)
    assert all(set(row) == set(feeds.BOARD_FIELDS) for row in whole.rows), "JSON and CSV have the same fields"


def test_bulletins_in_force_and_all_of_them(store: Store) -> None:
    Place(store)
    notice(store, "a" * 64)
    notice(store, "b" * 64, end=to_ms(NOON - timedelta(hours=1)), start=0)
    notice(store, "c" * 64, withdrawn=to_ms(NOON))
    with store.reading() as connection:
        every = feeds.bulletins(connection, None, most=2)
        rest = feeds.bulletins(connection, None, most=2, after=every.after or "")
        live = feeds.bulletins(connection, None, live=NOON)
        none = feeds.bulletins(connection, frozenset({"20507"}))
    assert [row["statement"][0] for row in every.rows + rest.rows] == ["a", "b", "c"] and rest.after is None
    assert [row["statement"][0] for row in live.rows] == ["a"] and live.rows[0]["boards"] == ["b-1"]
    assert not none.rows and set(live.rows[0]) == set(feeds.BULLETIN_FIELDS)


def test_an_emergency_is_a_cap_message_and_taking_it_back_cancels_it(store: Store) -> None:
    Place(store)
    notice(store, "e" * 64, alert=ALERT, kind="thien-tai", hamlets='["thon-3"]', **{"class": "khan-cap"})
    notice(store, "f" * 64, alert=ALERT, withdrawn=to_ms(NOON + timedelta(hours=1)), **{"class": "khan-cap"})
    with store.reading() as connection:
        alerts = feeds.emergencies(connection, None)
    raised, taken = (ET.fromstring(feeds.cap(alert)) for alert in alerts)
    told = {tag: raised.findtext(f"cap:{tag}", None, CAP) for tag in ("status", "msgType", "sent", "identifier")}
    assert told == {"status": "Actual", "msgType": "Alert", "sent": "2026-11-22T12:00:00+07:00",
                    "identifier": "20506.eeee"}  # fmt: skip
    assert raised.findtext("cap:info/cap:severity", None, CAP) == "Extreme"
    assert raised.findtext("cap:info/cap:category", None, CAP) == "Met"
    assert raised.findtext("cap:info/cap:area/cap:geocode/cap:value", None, CAP) == COMMUNE
    assert taken.findtext("cap:msgType", None, CAP) == "Cancel" and taken.find("cap:info", CAP) is None
    assert taken.findtext("cap:references", None, CAP) == "xa-20506,20506.ffff,2026-11-22T12:00:00+07:00"
    feed = ET.fromstring(feeds.atom(alerts, "https://hub.example", NOON))
    links = [link.get("href") for link in feed.findall("atom:entry/atom:link", CAP)]
    assert links == [f"https://hub.example/v1/feed/alerts/{COMMUNE}/{letter * 64}.xml" for letter in "ef"]


def test_over_http_each_within_its_communes(hub: Any, board: Any, new_board: Any) -> None:
    from signage.hub.people.roles import Role

    new_board("khac", commune="20507").enroll(hub.folder, agency="H12.34")
    hub.post(board.id, board.next())
    theirs = hub.log_in("xa-khac", Role.AUDITOR, frozenset({"20507"}))
    told = json.loads(hub.get("/v1/feed/boards.json")[1])
    assert told["v"] == 1 and told["next"] is None and [b["board"] for b in told["boards"]] == ["cong-xa", "khac"]
    assert [b["agency"] for b in told["boards"]] == [None, "H12.34"]
    assert [b["board"] for b in json.loads(hub.get("/v1/feed/boards.json", theirs)[1])["boards"]] == ["khac"]
    status, text, headers = hub.get("/v1/feed/boards.csv")
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert status == 200 and headers["content-type"].startswith("text/csv")
    assert [row["board"] for row in rows] == ["cong-xa", "khac"] and rows[0]["contact"] == "connected"
    assert hub.get("/v1/feed/alerts.xml")[0] == 200
    assert hub.get(f"/v1/feed/alerts/20506/{'a' * 64}.xml")[0] == 404
    assert hub.get("/v1/feed/boards.json", "")[0] == 401
