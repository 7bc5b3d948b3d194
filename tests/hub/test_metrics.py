"""`/metrics`: numbers of the last look for whoever may have them; and the alert rules, run by Prometheus' own tool."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.requests import Request

from signage.hub.delivery.settings import HubSettings
from signage.hub.metrics import Metrics, render
from signage.hub.store import Store, open_store
from tests.hub.turned import COMMUNE, NOON, Place

DEPLOY = Path(__file__).parents[2] / "deploy" / "prometheus"
TOKEN = "x" * 32


def series(text: bytes) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def test_the_numbers_are_those_of_the_last_look(store: Store) -> None:
    place = Place(store)
    for code in ("a", "b", "c"):
        place.add(code)
    place.hear("a", "b")
    place.wait(timedelta(minutes=8), "a")
    with store.reading() as connection:
        now = place.now + timedelta(seconds=7)
        some, every = series(render(connection, now)), series(render(connection, now, boards=True, unwell=["x"]))
    contact = {state: some["bangtin_boards_contact", COMMUNE, state] for state in ("connected", "lost", "never")}
    assert contact == {"connected": 1, "lost": 1, "never": 1}
    assert some["bangtin_boards_screen", COMMUNE, "foreign"] == 0, "a state without boards is a zero, not a gap"
    assert some["bangtin_watchman_age_seconds",] == 7
    assert not [name for name, *_ in some if name.startswith("bangtin_board_")]
    assert every["bangtin_board_heard_seconds", "b", COMMUNE] == 8 * 60 + 7
    assert every["bangtin_board_alarms", "b", COMMUNE, "alarm"] == 1 and every["bangtin_hub_unwell", "x"] == 1
    assert ("bangtin_board_heard_seconds", "c", COMMUNE) not in every, "never heard: no number"


@pytest.mark.parametrize(
    ("token", "client", "headers", "status"),
    [
        ("", "127.0.0.1", {}, 200),
        ("", "::1", {}, 200),
        ("", "192.0.2.7", {}, 401),
        ("", "127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 401),
        (TOKEN, "127.0.0.1", {}, 401),
        (TOKEN, "192.0.2.7", {"Authorization": f"Bearer {TOKEN}"}, 200),
        (TOKEN, "192.0.2.7", {"Authorization": f"Bearer {TOKEN}y"}, 401),
        (TOKEN, "192.0.2.7", {"Authorization": TOKEN}, 401),
    ],
)
def test_numbers_are_for_the_token_or_for_this_machine(
    tmp_path: Path, token: str, client: str, headers: dict[str, str], status: int
) -> None:
    with open_store(tmp_path / "hub") as store:
        metrics = Metrics(store, lambda: HubSettings(metrics_token=token), lambda: ["settings-bad"])
        told = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        asked = {"type": "http", "method": "GET", "path": "/metrics", "headers": told, "client": (client, 1)}
        answer = metrics.answer(Request(asked))
    assert answer.status_code == status
    assert (b'bangtin_hub_unwell{reason="settings-bad"} 1.0' in bytes(answer.body)) == (status == 200)


def test_the_alert_rules_ring_when_they_must() -> None:
    tool = shutil.which("promtool")
    if tool is None:
        pytest.skip("no promtool (apt-get install prometheus)")
    for command in (["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml"],
                    ["check", "config", "--syntax-only", "prometheus.yml"]):  # fmt: skip
        done = subprocess.run([tool, *command], cwd=DEPLOY, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_ask_for_series_that_there_are(tmp_path: Path) -> None:
    with open_store(tmp_path / "hub") as store:
        Place(store).add("a")
        with store.reading() as connection:
            text = render(connection, NOON, boards=True, unwell=["x"]).decode()
    made = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}
    asked = set(re.findall(r"\bbangtin_\w+", (DEPLOY / "rules.yml").read_text("utf-8")))
    assert asked and asked <= made
