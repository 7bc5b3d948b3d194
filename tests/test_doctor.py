"""`bangtin doctor`: what is unsafe is said, worst first, with what to type; what is safe is not accused."""

import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from jsonschema import Draft202012Validator

from signage import keys, machine, sbom
from signage.board import identity
from signage.cli import main
from signage.errors import Problem
from signage.office import doctor, keyring, starter
from signage.settings import load

Office = Any  # tests/conftest.py's
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
SECRET = "chim bồ câu trắng"


def codes(found: list[Problem]) -> dict[str, str]:
    return {p.code: p.severity for p in found}


def examined(folder: Path, now: datetime = NOW) -> dict[str, str]:
    return codes(doctor.examine(load(folder), now)[1])


@pytest.fixture
def careful(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commune whose keys are where they should be: three root keys and the targets key on sticks."""
    monkeypatch.setattr(keys, "ROUNDS", 1000)  # nobody guesses these
    folder, sticks = tmp_path / "xa", tmp_path / "usb"
    people = {"p1": ("Lan", ("author",)), "p3": ("Nam", ("approver",)), "p4": ("Hà", ("approver",)),
              "p5": ("Thắng", ("duty",))}  # fmt: skip
    starter.make(folder, starter.NewCommune("12345", "xã An Bình", "tỉnh Mẫu", "0299 000 0000",
                                            "https://anbinh.example", people))  # fmt: skip
    roots = [starter.RootKey(f"root-{n}", f"Người {n}", sticks / f"root-{n}.pem") for n in (1, 2, 3)]
    starter.make_keys(folder, dict.fromkeys([*people, "root-1", "root-2", "root-3", "targets"], SECRET), NOW, roots, 2)
    for path in (folder / "keys/targets.pem", *(folder / "keys/people").glob("p[345].pem")):
        path.unlink()
    return folder


def test_a_careful_commune_is_not_accused(careful: Path) -> None:
    assert examined(careful) == {}


def test_everything_in_one_place_is_unsafe(office: Office) -> None:
    found = examined(office.folder)
    assert found["doctor-key-plain"] == found["doctor-offline-key"] == found["doctor-keys-together"] == "error"
    assert found["doctor-root-alone"] == "warning"


def test_two_locked_keys_together_are_a_warning(careful: Path) -> None:
    key = careful / "keys/people/p1.pem"
    (careful / "keys/people/p3.pem").write_bytes(key.read_bytes())
    (careful / "keys/people/p3.pem").chmod(0o600)
    assert examined(careful) == {"doctor-keys-together": "warning"}


@pytest.mark.skipif(os.name == "nt", reason="modes")
def test_a_key_that_others_read(careful: Path) -> None:
    (careful / "keys/lich.pem").chmod(0o640)
    (careful / "keys").chmod(0o755)
    assert examined(careful) == {"doctor-key-mode": "error", "doctor-folder-mode": "warning"}


def test_a_key_in_git_even_in_its_past(careful: Path) -> None:
    def git(*words: str) -> None:
        who = ("-c", "user.name=A", "-c", "user.email=a@x.example", "-c", "core.hooksPath=/dev/null")
        subprocess.run(["git", *who, *words], cwd=careful, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "một")
    assert examined(careful) == {}, "what .gitignore keeps out is not there"
    git("add", "-f", "keys/lich.pem")
    git("commit", "-qm", "hai")
    assert examined(careful) == {"doctor-key-git": "error"}
    git("rm", "-q", "--cached", "keys/lich.pem")
    git("commit", "-qm", "ba")
    assert examined(careful) == {"doctor-key-git": "error"}, "history keeps it"


def test_keys_in_a_folder_that_is_synchronised(careful: Path) -> None:
    (careful / ".stfolder").mkdir()
    assert examined(careful) == {"doctor-keys-shared": "error"}
    (careful / ".stfolder").rmdir()
    there = careful.rename(careful.parent / "OneDrive - UBND xã")
    assert examined(there) == {"doctor-keys-shared": "error"}


def test_who_is_missing(careful: Path) -> None:
    people = careful / "people.toml"
    text = people.read_text("utf-8")
    later = NOW + timedelta(days=4 * 365)
    found = examined(careful, later)
    assert found["doctor-approver-none"] == "error" and found["doctor-duty-none"] == "warning", "keys have ended"
    assert text == people.read_text("utf-8"), "nothing is changed"


def test_no_deputy(office: Office) -> None:
    found = examined(office.folder)
    assert "doctor-deputy-none" not in found, "p2 and p3"
    facts, problems = doctor.examine(load(office.folder), NOW + timedelta(days=3 * 365 - 60))
    told = [p.values["who"] for p in problems if p.code == "person-key-ends"]
    assert "Người Duyệt" in told, "keys that end soon have a name"
    assert {p["id"] for p in doctor.may_sign(facts) if "approver" in p["roles"]} == {"p2", "p3"}
    people = doctor.signed_people(office.settings)
    alone = type(people)(tuple(p for p in people.people if p.id != "p2"))
    assert codes(list(doctor._deputies(alone, NOW))) == {"doctor-deputy-none": "warning"}


def test_the_report_holds_no_secret(careful: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--json"], ["--lang", "en"]):
        main(["doctor", "--dir", str(careful), *words])
        told = capsys.readouterr().out
        assert "PRIVATE KEY" not in told and SECRET not in told
        for path in machine.private_keys(careful):
            assert path.read_text().splitlines()[1] not in told
    facts = json.loads(subprocess.run([sys.executable, "-m", "signage", "doctor", "--json", "--dir", careful],
                                      capture_output=True, text=True).stdout)  # fmt: skip
    assert facts["roles"][0] | {"keys": []} == facts["roles"][0] | {"keys": [], "threshold": 2, "role": "root"}
    assert "Người 1" in facts["roles"][0]["who"] and facts["commune"] == "12345"
    assert {p["id"] for p in facts["people"]} == {"p1", "p3", "p4", "p5"}


def test_worst_first_and_the_exit_code(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--dir", str(office.folder)]) == 1
    told = capsys.readouterr().out
    assert told.startswith("KHÔNG AN TOÀN") and told.index("✗") < told.index("CẦN LÀM") < told.index("! ")
    assert "bangtin people rotate" in told and "AI ĐƯỢC KÝ" in told


# ── a board ──────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def board(office: Office, tmp_path: Path) -> Path:
    folder = tmp_path / "bang"
    root = (office.settings.publication / "board/metadata/1.root.json").read_bytes()
    identity.enroll(folder, board="cong-xa", url="https://xa.example", root=root)
    return folder


def test_a_board_answers_nobody(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A port that others reach is unsafe, unless it is expected; one of this machine alone is not."""
    with socket.create_server(("0.0.0.0", 0)) as others, socket.create_server(("127.0.0.1", 0)) as own:
        port, mine = others.getsockname()[1], own.getsockname()[1]
        assert main(["board", "doctor", "--dir", str(board), "--json"]) == 1
        told = json.loads(capsys.readouterr().out)
        named = {p["file"] for p in told["problems"] if p["code"] == "doctor-port-board"}
        assert f"tcp/{port}" in named and f"tcp/{mine}" not in named
        assert {"board": "cong-xa", "url": "https://xa.example"}.items() <= told.items() and len(told["words"]) == 4
        main(["doctor", "--dir", str(board), "--json", "--port", str(port)])
        told = json.loads(capsys.readouterr().out)
        assert f"tcp/{port}" not in {p["file"] for p in told["problems"]}


def test_a_boards_doctor_loads_no_office(board: Path) -> None:
    code = (
        "import sys; from signage.cli import main; main(sys.argv[1:]);"
        "bad = [m for m in sys.modules if m.startswith(('signage.office', 'signage.hub', 'PIL', 'pelican'))];"
        "sys.exit(bool(bad) and str(bad))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "board", "doctor", "--dir", board], capture_output=True, text=True
    )
    assert done.returncode == 0 and "cong-xa" in done.stdout, done.stderr


def test_a_board_whose_folder_anybody_writes(board: Path, capsys: pytest.CaptureFixture[str]) -> None:
    board.chmod(0o777)
    (board / "key.pem").chmod(0o644)
    assert main(["board", "doctor", "--dir", str(board), "--json"]) == 1
    told = {p["code"] for p in json.loads(capsys.readouterr().out)["problems"]}
    assert {"doctor-board-folder", "doctor-key-mode"} <= told


# ── TLS, SBOM ────────────────────────────────────────────────────────────────────────────────────


def certificate(folder: Path, until: datetime) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(7).not_valid_before(until - timedelta(days=90)).not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "tls.txt"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + plain)
    return path


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Callable[[datetime], tuple[str, Path]]]:
    """Starts a TLS server on loopback whose certificate ends then; its address, and the certificate."""
    servers = []

    def start(until: datetime) -> tuple[str, Path]:
        path = certificate(tmp_path, until)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def serve() -> None:
            while True:
                try:
                    line, _ = server.accept()
                    with context.wrap_socket(line, server_side=True) as secured:
                        secured.recv(1)
                except ssl.SSLError:
                    continue
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        return f"https://127.0.0.1:{server.getsockname()[1]}", path

    yield start
    for server in servers:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def test_the_published_address(secure: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime.now(UTC)
    url, path = secure(now + timedelta(days=10))
    assert codes(machine.tls(url, now)[1]) == {"doctor-tls-bad": "error"}, "nobody vouches for it"
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    facts, found = machine.tls(url, now)
    assert facts["tls"] is True and codes(found) == {"doctor-tls-ends": "warning"}
    assert codes(machine.tls(secure(now + timedelta(days=60))[0], now)[1]) == {}
    assert codes(machine.tls("http://xa.example", now)[1]) == {"doctor-tls-none": "warning"}
    assert codes(machine.tls("https://127.0.0.1:1", now)[1]) == {"doctor-tls-away": "warning"}


COMPONENT = {
    "type": "object", "required": ["type", "name", "bom-ref"], "additionalProperties": False,
    "properties": {
        "type": {"enum": ["application", "library", "platform"]}, "name": {"type": "string", "minLength": 1},
        "version": {"type": "string"}, "bom-ref": {"type": "string", "minLength": 1},
        "purl": {"type": "string", "pattern": "^pkg:pypi/[a-z0-9-]+@[^ ]+$"},
        "licenses": {"type": "array", "minItems": 1, "maxItems": 1},
    },
}  # fmt: skip
BILL = {  # the part of CycloneDX 1.6 that we write, no field beside it
    "type": "object", "additionalProperties": False,
    "required": ["$schema", "bomFormat", "specVersion", "serialNumber", "version", "metadata", "components"],
    "properties": {
        "$schema": {"const": "http://cyclonedx.org/schema/bom-1.6.schema.json"}, "bomFormat": {"const": "CycloneDX"},
        "specVersion": {"const": "1.6"}, "version": {"const": 1},
        "serialNumber": {"pattern": "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"},
        "metadata": {
            "type": "object", "required": ["timestamp", "component"],
            "properties": {"timestamp": {"type": "string"}, "component": COMPONENT},
        },
        "components": {"type": "array", "uniqueItems": True, "items": COMPONENT},
        "dependencies": {"type": "array", "items": {
            "type": "object", "required": ["ref", "dependsOn"], "additionalProperties": False,
            "properties": {"ref": {"type": "string"}, "dependsOn": {"type": "array", "uniqueItems": True}},
        }},
    },
}  # fmt: skip


def test_the_bill_of_materials(careful: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sbom.json"
    main(["doctor", "--dir", str(careful), "--sbom", str(file)])
    bill = json.loads(file.read_text("utf-8"))
    Draft202012Validator(BILL).validate(bill)
    refs = {c["bom-ref"] for c in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert len(refs) == len(bill["components"]) + 1
    needs = {d["ref"]: set(d["dependsOn"]) for d in bill["dependencies"]}
    assert set(needs) <= refs and set().union(*needs.values()) <= refs
    (ours,) = (ref for ref in refs if ref.startswith("pkg:pypi/bangtin@"))
    for name in ("tuf", "securesystemslib", "requests", "nh3", "pillow", "starlette"):
        assert f"pkg:pypi/{name}@{sbom.version(name)}" in needs[ours]
    assert sbom.bill(NOW)["serialNumber"] != bill["serialNumber"]


def test_a_library_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.lacking() == []
    known = sbom.version
    monkeypatch.setattr(sbom, "version", lambda name: None if name == "tuf" else known(name))
    (problem,) = machine.lacking(("tuf", "requests"))
    assert problem.code == "doctor-library" and problem.values["name"] == "tuf"


def test_a_network_disk_under_the_keys(careful: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Mount:
        mountpoint, fstype = str(careful), "cifs"

    monkeypatch.setattr(machine.psutil, "disk_partitions", lambda **_: [Mount])
    assert machine.shared_folder(careful / "keys") == "cifs"
    assert keyring.files(careful / "keys", "root") == [], "the root is on its sticks"
