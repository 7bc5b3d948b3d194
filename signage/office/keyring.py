"""The files of private keys: where they lie, which of them count for a role, who keeps the others.

Names of holders stay in the office, in `keys/nguoi-giu.json`: `{"<key id>": {"file": …, "holder": …}}`. It is
a note for people and holds no secret; nothing is judged by it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import durable
from ..errors import Refused
from ..keys import PrivateKey, PublicKey
from .repository import Role

REGISTER = "nguoi-giu.json"
RETIRED = "thoi-dung"  # folder below `keys/` of root and targets keys that count no more, until they are destroyed
SAFE = "tủ của cơ quan"  # who keeps the targets key, unless somebody is named
Passphrase = Callable[[Path], str | None]


@dataclass(frozen=True)
class Noted:
    """A key's file by name, wherever it lies now, and who keeps it."""

    file: str
    holder: str


def find(
    keys: Path, wanted: Mapping[str, Role], passphrase: Passphrase, named: Sequence[Path] = ()
) -> dict[str, list[PrivateKey]]:
    """As many keys as each role needs: from the files that are named (on sticks), then from `keys/`.

    Raises `Refused`: `key-not-of-role` for a named file that counts for none of the roles, `keys-few`.
    """
    found: dict[str, dict[str, PrivateKey]] = {name: {} for name in wanted}

    def taken(path: Path, names: Iterable[str]) -> bool:
        key = PrivateKey.load(path, passphrase(path))
        its = [name for name in names if key.public in wanted[name].keys]
        for name in its:
            found[name][key.public.keyid] = key
        return bool(its)

    for path in named:
        if not taken(path, wanted):
            raise Refused("key-not-of-role", file=str(path), role=", ".join(wanted))
    for name, role in wanted.items():
        for path in files(keys, name):
            if len(found[name]) < role.threshold and path not in named:
                taken(path, [name])
        have = len(found[name])
        if have < role.threshold:
            raise Refused("keys-few", role=name, have=have, need=role.threshold, who=holders(keys, role.keys))
    return {name: list(keys.values()) for name, keys in found.items()}


def files(keys: Path, name: str) -> list[Path]:
    """`root.pem`, `root-1.pem` …: the files that this machine has for a role."""
    return sorted({*keys.glob(f"{name}.pem"), *keys.glob(f"{name}-[0-9]*.pem"), *keys.glob(f"{name}-next.pem")})


def new_file(keys: Path, name: str) -> Path:
    """A name that no key of the role has had: `root-4.pem`."""
    used = [p.name for p in keys.rglob(f"{name}*.pem")] + [noted.file for noted in register(keys).values()]
    numbers = [int(n) for f in used if (n := f.removeprefix(f"{name}-").removesuffix(".pem")).isdigit()]
    return keys / f"{name}-{max([*numbers, 1 if f'{name}.pem' in used else 0], default=0) + 1}.pem"


def retire(keys: Path, path: Path) -> Path | None:
    """Put a key that counts no more aside, if it lies in `keys/`; where it is now."""
    if path.parent != keys or not path.exists():
        return None
    target = keys / RETIRED / path.name
    while target.exists():
        target = target.with_stem(f"{target.stem}-1")
    durable.take(path, target)
    return target


def register(keys: Path) -> dict[str, Noted]:
    """What is noted of each key, by key id; what cannot be read is nobody's."""
    try:
        noted = json.loads((keys / REGISTER).read_text("utf-8"))
        return {str(k): Noted(str(v["file"]), str(v["holder"])) for k, v in noted.items()}
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return {}


def note(keys: Path, key: PublicKey, file: str, holder: str) -> None:
    """Remember who keeps this key, and the name of its file."""
    every = {**register(keys), key.keyid: Noted(file, holder)}
    text = json.dumps({k: vars(v) for k, v in every.items()}, ensure_ascii=False, indent=1, sort_keys=True)
    durable.write(keys / REGISTER, text.encode(), mode=durable.SECRET)


def holders(keys: Path, publics: Iterable[PublicKey]) -> str:
    """Whose turn it is: names where they are known, else fingerprints."""
    known = register(keys)
    return ", ".join(known[k.keyid].holder if k.keyid in known else k.fingerprint for k in publics)
