"""A new commune: its folder, settings, keys and first notices (`bangtin init`, `bangtin new`).

The theme and the plugins stay in the package, so that an upgrade repairs every commune; a commune
owns its settings, its content and its keys.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from string import Template

from .. import durable
from ..errors import Refused, Unavailable
from ..keys import PrivateKey, PublicKey
from ..notice.fields import DEFAULT_VALIDITY
from ..notice.reading import REVIEW_BOOK
from ..publication import BOARD_FOLDER
from ..schedule import VIETNAM_TIME
from ..settings import PEOPLE_FILE, SETTINGS, Settings, load
from ..settings.reading import KEY_LIFE
from ..wire import when
from . import keyring
from .hooks import guard_bytes, hook
from .peoplefile import PeopleFile, people_toml
from .repository import Offline, Repository

SIGNING = frozenset(("author", "approver", "duty"))  # roles that need a key of their own
HOOKS = ".githooks"
MOST_HAMLETS = 12  # that a template names to choose from
_GITIGNORE = "/keys/\n/publication/\n/state/\n*.pem\n"
_SEEDED = {
    "trang/gioi-thieu.md": "gioi-thieu.md",
    "trang/lien-he.md": "lien-he.md",
    "trang/thu-tuc.md": "thu-tuc.md",
    "khau-hieu/thuong-truc.md": "thuong-truc.md",
}


@dataclass(frozen=True)
class RootKey:
    """A root key to make: its name, who keeps it, and the file it goes to (a USB stick's)."""

    name: str
    holder: str
    file: Path


@dataclass(frozen=True)
class NewCommune:
    """What `bangtin init` asks for."""

    code: str
    name: str
    province: str
    phone: str
    site: str
    people: Mapping[str, tuple[str, tuple[str, ...]]]  # id → name, roles


def sample_root() -> Path:
    """Where the sample commune, the theme and the plugins lie: the checkout, or inside the wheel."""
    package = Path(str(resources.files("signage")))
    for root in (package / "sample", package.parent):
        if (root / "theme").is_dir() and (root / "plugins").is_dir():
            return root
    raise Unavailable("package-broken", folder=str(package))


def theme_folder() -> Path:
    return sample_root() / "theme"


def plugins_folder() -> Path:
    return sample_root() / "plugins"


def make(folder: Path, new: NewCommune) -> None:
    """Settings and first content of a new commune; raises `Refused` (`folder-taken`) over an old one."""
    _fresh(folder)
    words = {
        "name": new.name, "short": new.name.partition(" ")[2] or new.name,
        "authority": f"ỦY BAN NHÂN DÂN {new.name}".upper(),
        "province": new.province, "phone": new.phone, "site": new.site, "code": new.code,
        "now": f"{datetime.now(VIETNAM_TIME):%Y-%m-%d %H:%M}",
    }  # fmt: skip
    quoted = {key: json.dumps(value, ensure_ascii=False) for key, value in words.items()}
    durable.write(folder / SETTINGS, _seed("bangtin.toml", quoted))
    durable.write(folder / "pelicanconf.py", (sample_root() / "pelicanconf.py").read_bytes())
    _git_files(folder)
    for target, source in _SEEDED.items():
        durable.write(folder / "content" / target, _seed(source, words))
    people = [{"id": i, "name": name, "roles": list(roles)} for i, (name, roles) in new.people.items()]
    durable.write(folder / PEOPLE_FILE, people_toml(people))


def copy_sample(folder: Path) -> None:
    """The sample commune, whole; raises `Refused` (`folder-taken`)."""
    _fresh(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (SETTINGS, PEOPLE_FILE, "pelicanconf.py"):
        shutil.copyfile(sample_root() / name, folder / name)
    ignore = shutil.ignore_patterns(REVIEW_BOOK, ".*", "__pycache__")
    shutil.copytree(sample_root() / "content", folder / "content", ignore=ignore)
    _git_files(folder)


def _git_files(folder: Path) -> None:
    durable.write(folder / HOOKS / "pre-commit", hook("pre-commit", ".", "bangtin"), mode=0o755)
    durable.write(folder / ".gitignore", _GITIGNORE.encode())
    guard_bytes(folder / "content")


def guard_git(folder: Path) -> bool:
    """Switch the hook on that keeps private keys out, when the folder is the top of a git repository."""
    if not (folder / ".git").exists() or shutil.which("git") is None:
        return False
    done = subprocess.run(["git", "-C", str(folder), "config", "core.hooksPath", HOOKS], check=False)
    return done.returncode == 0


def make_keys(
    folder: Path, passphrases: Mapping[str, str | None], now: datetime,
    roots: Sequence[RootKey] = (), threshold: int = 1,
) -> Repository:  # fmt: skip
    """A key for each person without one, and the repository's; `passphrases` by person id or name of the key.

    Private keys go to `keys/people/<id>.pem`, public ones into people.toml, which is then signed. Without
    `roots` there is one root key, `keys/root.pem`.
    """
    settings = load(folder)
    keys, roots = settings.keys, roots or (RootKey("root", "", settings.keys / "root.pem"),)
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    people = PeopleFile(folder)
    for person in people.persons:
        if person.get("key") or not set(person["roles"]) & SIGNING:
            continue
        key = PrivateKey.generate()
        key.save(person_key(folder, person["id"]), passphrases.get(person["id"]))
        people.add_key(person["id"], key_table(key.public, now))
    people.write()
    made = [(root, PrivateKey.generate()) for root in roots]
    targets = PrivateKey.generate()
    for root, key in made:
        key.save(root.file, passphrases.get(root.name))
        keyring.note(keys, key.public, root.file.name, root.holder or root.name)
    targets.save(keys / "targets.pem", passphrases.get("targets"))
    keyring.note(keys, targets.public, "targets.pem", keyring.SAFE)
    return Repository.create(
        settings.publication / BOARD_FOLDER, keys, commune=settings.commune.code,
        people=load(folder).people.to_bytes(), now=now,
        offline=Offline(tuple(key for _, key in made), threshold, targets),
    )  # fmt: skip


def person_key(folder: Path, person: str) -> Path:
    """Where a person's private key lies on the machine of that person."""
    return folder / "keys" / "people" / f"{person}.pem"


def key_table(key: PublicKey, now: datetime, until: datetime | None = None) -> dict[str, str]:
    """A key as people.toml has it, for three years unless said otherwise."""
    return {"public": key.public, "from": when(now), "until": when(until or now + KEY_LIFE)}


def notice_template(kind: str, settings: Settings, now: datetime) -> str:
    """A notice of this kind to fill in: each blank is `[điền: what, ví dụ an example]`."""
    local, hamlets = now.astimezone(VIETNAM_TIME), [hamlet.id for hamlet in settings.hamlets]
    days = {"today": 0, "tomorrow": 1, "later": DEFAULT_VALIDITY.days + 1}
    words = {name: f"{local + timedelta(days=count):%Y-%m-%d}" for name, count in days.items()} | {
        "now": f"{local:%Y-%m-%d %H:%M}", "emergency_end": f"{local + timedelta(hours=12):%Y-%m-%d %H:%M}",
        "hamlet": hamlets[0] if hamlets else "", "hamlets": ", ".join(hamlets[:MOST_HAMLETS]),
        "name": settings.commune.name, "authority": settings.commune.authority, "phone": settings.commune.phone,
    }  # fmt: skip
    text = _seed(f"new-{kind}.md", words).decode()
    return text if hamlets else re.sub(r"^Hamlets:.*\n", "", text, flags=re.MULTILINE)


def _seed(name: str, words: Mapping[str, str]) -> bytes:
    text = resources.files("signage.office").joinpath("seed", name).read_text(encoding="utf-8")
    return Template(text).safe_substitute(words).encode()


def _fresh(folder: Path) -> None:
    if any((folder / name).exists() for name in (SETTINGS, PEOPLE_FILE, "content")):
        raise Refused("folder-taken", folder=str(folder))
