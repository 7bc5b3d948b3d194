"""Restarts within a budget, words to systemd, and the files that make a machine a board."""

import configparser
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from signage.board import install, kiosk, systemd
from signage.board.boot import Boot
from signage.board.budget import RESTARTS, SPAN_S, Budget
from signage.cli import main


def boot(folder: Path, ident: str = "one") -> Path:
    (folder / "boot_id").write_text(ident + "\n")
    return folder / "boot_id"


def test_the_budget_is_of_one_boot_and_outlives_the_kiosk(tmp_path):
    first = Budget(tmp_path, boot(tmp_path))
    assert first.first and first.open()
    assert [first.spend(100.0 + n) for n in range(RESTARTS + 2)] == [True] * RESTARTS + [False] * 2
    again = Budget(tmp_path, boot(tmp_path))
    assert not again.first and not again.spend(200.0)
    assert again.recent(50.0, 120.0) == RESTARTS
    assert Budget(tmp_path, boot(tmp_path, "two")).spend(5.0), "another boot has its own"


def test_a_day_later_there_is_a_new_budget(tmp_path):
    one = Budget(tmp_path, boot(tmp_path))
    assert all(one.spend(100.0) for _ in range(RESTARTS))
    assert not one.spend(100.0 + SPAN_S - 1)
    assert one.spend(100.0 + SPAN_S + 1)


def test_what_cannot_be_counted_is_refused(tmp_path):
    assert not Budget(tmp_path, tmp_path / "none").spend(1.0), "no boot id"
    blocked = Budget(tmp_path / "state", boot(tmp_path))
    (tmp_path / "state").write_text("a file where the folder should be")
    assert not blocked.open() and not blocked.spend(1.0)


@pytest.mark.parametrize(
    "junk", ["", "{", '{"boot":"one","used":"x"}', '{"boot":"one","used":[true,"a",null,5]}', "[]"]
)
def test_a_damaged_count_is_survived(tmp_path, junk):
    (tmp_path / "restarts.json").write_text(junk)
    assert Budget(tmp_path, boot(tmp_path)).spend(10.0)


class Started(kiosk.Kiosk):
    """A kiosk whose players end at once: only the decisions are looked at."""

    def __init__(self, state, clock):
        super().__init__(state, ["/bin/false"], state / "no-drm")
        self.starts, self.clock = [], clock

    def _start(self):
        self._started_at, self._ill_at = self.clock[0], None
        self.starts.append(self.clock[0])


def test_restarts_are_quick_then_slow_and_never_end(tmp_path, monkeypatch):
    """A player that dies at once, for five hours."""
    clock = [1000.0]
    monkeypatch.setattr(kiosk.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(Boot, "seconds", lambda _: clock[0])
    state = tmp_path / "state"
    state.mkdir()
    one = Started(state, clock)
    one._start()
    while clock[0] < 1000.0 + 5 * 3600:
        one._step()
        clock[0] += 0.5 if not one._slow else 20.0
    gaps = [b - a for a, b in zip(one.starts, one.starts[1:], strict=False)]
    assert gaps[:4] == [0.0, 1.0, 3.0, 7.0] and max(gaps[:RESTARTS]) <= kiosk.LONGEST_GAP_S + 1
    slow = gaps[RESTARTS:]
    assert min(slow) >= kiosk.SLOW_S and max(slow) <= kiosk.SLOW_S + 20
    assert len(slow) > 20 and sum(gaps) > 4 * 3600, "never given up"
    assert "restarts-spent" in (state / "witness.json").read_text()
    one._waker.close()


def test_a_kiosk_that_cannot_have_its_lock_starts_its_player(tmp_path):
    for name in ("kiosk.lock", "restarts.json", "witness.json"):
        (tmp_path / "state" / name).mkdir(parents=True)
    mark = tmp_path / "started"
    assert kiosk.run(tmp_path / "state", ["/bin/sh", "-c", f"touch {mark}; sleep 9"], seconds=0.5) == 0
    assert mark.exists()


def test_words_to_systemd(tmp_path, monkeypatch):
    for address in (str(tmp_path / "s"), f"@bangtin-test-{os.getpid()}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
            heard.bind(address.replace("@", "\0", 1))
            monkeypatch.setenv("NOTIFY_SOCKET", address)
            systemd.tell(systemd.READY, systemd.watchdog(1.5))
            assert heard.recv(100) == b"READY=1\nWATCHDOG_USEC=1500000"
    for deaf in ("", "nonsense", str(tmp_path / "nobody")):
        monkeypatch.setenv("NOTIFY_SOCKET", deaf)
        systemd.tell(systemd.FED)


def test_the_kiosk_loads_nothing_that_checks_signatures():
    code = (
        "import sys, signage.cli.board, signage.board.kiosk\n"
        "heavy = {'tuf', 'cryptography', 'requests', 'psutil', 'pygame', 'PIL'}\n"
        "print(sorted(heavy & {m.split('.')[0] for m in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


# ── install ──────────────────────────────────────────────────────────────────────────────────────


def unit(path: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)  # systemd: an option may stand twice
    read.optionxform = str
    read.read_string(path.read_text("utf-8"))
    return read


@pytest.fixture
def tree(tmp_path, capsys):
    root = tmp_path / "root"
    assert (
        main(["board", "install", "--dir", "/srv/bang", "--root", str(root), "--program", "/opt/bangtin/bin/bangtin"])
        == 0
    )
    told = capsys.readouterr().out
    for word in (*install.PACKAGES, "systemd-sysusers", "systemctl enable"):
        assert word in told
    return root


def test_what_is_installed(tree):
    there = sorted("/" + str(p.relative_to(tree)) for p in tree.rglob("*") if p.is_file())
    assert there == sorted(install._FILES)
    chieu = unit(tree / "etc/systemd/system/bangtin-kiosk.service")["Service"]
    assert chieu["Type"] == "notify" and chieu["NotifyAccess"] == "all" and int(chieu["WatchdogSec"]) == 30
    assert chieu["Restart"] == "always" and chieu["User"] == "bangtin" and chieu["IPAddressDeny"] == "any"
    assert "/opt/bangtin/bin/bangtin board kiosk --dir /srv/bang -- :0 vt7" in chieu["ExecStart"]
    assert unit(tree / "etc/systemd/system/bangtin-kiosk.service")["Unit"]["StartLimitIntervalSec"] == "0"
    dong_bo = unit(tree / "etc/systemd/system/bangtin-sync.service")["Service"]
    assert dong_bo["ExecStart"] == "/opt/bangtin/bin/bangtin board sync --dir /srv/bang --watch"
    assert dong_bo["ReadWritePaths"] == "/srv/bang" and dong_bo["User"] == "bangtin"


def test_print_writes_nothing_and_shows_all(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["board", "install", "--dir", "bang", "--print"]) == 0
    told = capsys.readouterr().out
    assert all(f"### {path}\n" in told for path in install._FILES) and list(tmp_path.iterdir()) == []
    assert f"--dir {tmp_path}/bang" in told, "units need absolute paths"


@pytest.mark.parametrize("folder", ["/srv/bảng", "/srv/a b", "/srv/%h", "/srv/$HOME", "/srv/a;b"])
def test_paths_that_systemd_reads_otherwise_are_refused(folder, capsys):
    assert main(["board", "install", "--dir", folder, "--print"]) == 2
    assert "install-path" in (told := capsys.readouterr().err) or folder in told


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_itself_finds_nothing_wrong(tmp_path):
    made = install.plan(Path("/srv"), Path("/bin/true"))
    install.write(made, tmp_path)
    units = sorted(str(p) for p in (tmp_path / "etc/systemd/system").iterdir())
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, timeout=60
    )  # fmt: skip
    said = [
        line for line in (done.stdout + done.stderr).splitlines() if "/usr/bin/startx is not executable" not in line
    ]
    assert said == [], "startx alone may be missing here"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@pytest.mark.parametrize(("unit", "most"), [("bangtin-sync", 20), ("bangtin-kiosk", 80)])
def test_systemd_finds_the_units_no_more_open_than_we_say(tmp_path, unit, most):
    """Ten times the score of docs/engineering.md, rounded up; the kiosk starts an X server that is root's."""
    install.write(install.plan(Path("/srv"), Path("/bin/true")), tmp_path)
    path = tmp_path / f"etc/systemd/system/{unit}.service"
    words = ["systemd-analyze", "security", "--offline=true", f"--threshold={most}", "--no-pager", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout
