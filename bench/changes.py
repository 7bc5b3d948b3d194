"""A commune's archive that lives at random: notices, clock, look, settings and theme change, files are spoilt.

For `build.py` and the tests: whatever happens, the site that is kept up to date must equal one that is built clean.
"""

from __future__ import annotations

import copy
import hashlib
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from signage.errors import BadInput
from signage.notice import CATEGORIES, KINDS, Notice, canonical_text, parse, read_all
from signage.notice.canonical import SourceFile
from signage.office import starter
from signage.office.showing import Picture, Showing, Turn
from signage.office.website.press import Press
from signage.office.website.site import Changes, Site
from signage.office.website.views import Published
from signage.schedule import VIETNAM_TIME
from signage.settings import Settings, load

KEEP = "bang"  # a folder of the output that is not the site's
WORDS = [
    "nước",
    "điện",
    "họp",
    "thôn",
    "lịch",
    "tiêm",
    "chủng",
    "rừng",
    "cháy",
    "đường",
    "dân",
    "chợ",
    "trạm",
    "loa",
    "phí",
    "đất",
]
START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@dataclass
class World:
    """Everything that a site is made of."""

    settings: Settings
    now: datetime = START
    texts: dict[str, tuple[dict[str, str], str]] = field(default_factory=dict)  # id → fields, body
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)  # id → attachments
    approved: dict[str, datetime] = field(default_factory=dict)
    gone: dict[str, tuple[datetime, str]] = field(default_factory=dict)  # id → taken back when, why
    cards: dict[str, bytes] = field(default_factory=dict)
    conf: str = ""
    theme: dict[str, str] = field(default_factory=dict)  # file below the theme → what is added at its end
    shown: list[str] = field(default_factory=list)  # what the first board shows

    def notice(self, ident: str) -> Notice:
        """Raises `ValueError` for what is no notice."""
        fields, body = self.texts[ident]
        files = self.files.get(ident, {})
        named = [SourceFile(name, hashlib.sha256(data).hexdigest(), len(data)) for name, data in sorted(files.items())]
        return parse(ident, canonical_text(fields, body), tuple(named))


class Life:
    """One random life in `folder`, the same for the same seed. `close` it."""

    def __init__(self, folder: Path, seed: int, *, least: int = 0) -> None:
        self.folder, self.draw = folder, random.Random(seed)
        self.output, self.theme = folder / "site", folder / "theme"
        sample = starter.sample_root()
        self.world = World(load(sample))
        self._shipped, self._folder_of_theme = starter.theme_folder(), starter.theme_folder
        shutil.copytree(self._shipped, self.theme)
        starter.theme_folder = lambda: self.theme
        self.told: list[str] = []  # what happened
        for notice in read_all(sample / "content", self.world.settings.places).notices.values():
            if not notice.prepared and not notice.film:
                self._take(notice, sample)
        for number in range(least):
            self._add(number)
        self._clean = Press(folder / "clean-work")
        self._site = self._opened()

    def _take(self, notice: Notice, sample: Path) -> None:
        head, _, body = notice.text.decode().partition("\n\n")
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        self.world.texts[notice.id] = fields, body
        beside = (sample / "content" / notice.id).parent
        self.world.files[notice.id] = {file.name: (beside / file.name).read_bytes() for file in notice.files}
        self.world.approved[notice.id] = notice.date + timedelta(hours=2)

    def _opened(self) -> Site:
        return Site(self.output, Press(self.folder / "work"), state=self.folder / "state/site.sqlite3", keep=KEEP)

    def close(self) -> None:
        """End both Pelicans."""
        self._site.close()
        self._clean.close()
        starter.theme_folder = self._folder_of_theme

    # ── one state ────────────────────────────────────────────────────────────────────────────────

    def step(self, times: int = 1) -> None:
        """Let something happen; what the program refuses does not happen."""
        for _ in range(times):
            before = copy.deepcopy(self.world)
            act = self.draw.choice(ACTS)
            try:
                act(self)
                for ident in self.world.texts:
                    self.world.notice(ident)
            except (ValueError, LookupError):
                self.world = before
                continue
            self.told.append(act.__name__.strip("_"))
            try:
                self.update()
            except BadInput:
                self.world = before
                self.told.append("refused")
                self.update()

    def items(self) -> list[Published]:
        """What the office hands over."""
        found = []
        for ident in self.world.texts:
            notice = self.world.notice(ident)
            statement = hashlib.sha256(f"{ident} {notice.digest}".encode()).hexdigest()
            beside = {}
            for name, data in self.world.files.get(ident, {}).items():
                beside[name] = self.folder / "signed" / hashlib.sha256(data).hexdigest()
                beside[name].parent.mkdir(exist_ok=True)
                beside[name].write_bytes(data)
            at, why = self.world.gone.get(ident, (None, ""))
            card = None if at else self.world.cards.get(ident)
            found.append(Published(notice, statement, self.world.approved[ident], beside, at, why, card))
        return found

    def _given(self, items: list[Published]) -> dict[str, Any]:
        conf = self.folder / "pelicanconf.py"
        conf.write_text(self.world.conf, encoding="utf-8")
        statements = {i.notice.id: i for i in items if not i.withdrawn_at}
        turns = tuple(
            Turn(ident, statements[ident].notice.title, statements[ident].statement,
                 Picture(f"hinh/{statements[ident].statement[:16]}.webp", ident.encode(), 480, 270), 1)
            for ident in self.world.shown if ident in statements
        )  # fmt: skip
        boards = self.world.settings.boards
        return {"conf": conf, "shown": [Showing(board, turns if board is boards[0] else ()) for board in boards]}

    def _laid_theme(self) -> None:
        for path, added in self.world.theme.items():
            text = (self._shipped / path).read_text("utf-8") + added
            (self.theme / path).write_text(text, encoding="utf-8")

    def update(self) -> Changes:
        """Bring the site up to date."""
        self._laid_theme()
        items = self.items()
        return self._site.update(self.world.settings, items, self.world.now, **self._given(items))

    def differences(self) -> list[str]:
        """Files in which the site differs from a clean build."""
        fresh, items = self.folder / "clean", self.items()
        shutil.rmtree(fresh, ignore_errors=True)
        clean = Site(fresh, self._clean)
        clean.update(self.world.settings, items, self.world.now, **self._given(items))
        wanted, found = contents(fresh), contents(self.output)
        return sorted(path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path))

    # ── what may happen ──────────────────────────────────────────────────────────────────────────

    def _one(self) -> str:
        return self.draw.choice(sorted(self.world.texts))

    def _field(self, ident: str, **values: str) -> None:
        fields, body = self.world.texts[ident]
        changed = {**fields, **{name.replace("_", "-"): value for name, value in values.items()}}
        self.world.texts[ident] = {name: value for name, value in changed.items() if value}, body
        self.world.approved[ident] = self.world.now - timedelta(minutes=self.draw.randrange(600))
        self.world.gone.pop(ident, None)

    def _some_words(self, count: int) -> str:
        return " ".join(self.draw.choices(WORDS, k=count))

    def _edit(self) -> None:
        ident = self._one()
        fields, body = self.world.texts[ident]
        more = self._some_words(self.draw.randrange(1, 9))
        other = self.world.notice(self._one())
        link = f"[{more}]({other.url})" if self.draw.random() < 0.4 else more
        self.world.texts[ident] = fields, f"{body}\n\n{link}\n" if self.draw.random() < 0.8 else f"{more}\n"
        self._field(ident)

    def _title(self) -> None:
        self._field(self._one(), title=self._some_words(5).capitalize())

    def _summary(self) -> None:
        self._field(self._one(), summary=self._some_words(8).capitalize())

    def _slug(self) -> None:
        self._field(self._one(), slug=f"ten-moi-{self.draw.randrange(10_000)}")

    def _rename(self) -> None:
        old, new = self._one(), f"tin/doi-ten-{self.draw.randrange(10_000)}"
        for of in (self.world.texts, self.world.files, self.world.approved, self.world.gone, self.world.cards):
            if old in of:
                of[new] = of.pop(old)  # type: ignore[attr-defined]

    def _category(self) -> None:
        self._field(self._one(), category=self.draw.choice([*CATEGORIES]))

    def _kind(self) -> None:
        self._field(self._one(), kind=self.draw.choice([kind for kind in KINDS if kind != "trang"]))

    def _hamlets(self) -> None:
        names = [hamlet.id for hamlet in self.world.settings.hamlets]
        self._field(self._one(), hamlets=", ".join(self.draw.sample(names, self.draw.randrange(3))))

    def _class(self) -> None:
        self._field(self._one(), **{"class": self.draw.choice(["thong-thuong", "uu-tien"])})

    def _date(self) -> None:
        at = self.world.now.astimezone(VIETNAM_TIME) - timedelta(hours=self.draw.randrange(2000))
        self._field(self._one(), date=f"{at:%Y-%m-%d %H:%M}", start="", end="")

    def _document(self) -> None:
        number = f"{self.draw.randrange(1, 400)}/{self.draw.choice(['TB', 'QĐ', 'KH'])}-UBND"
        day = self.world.now.date() - timedelta(days=self.draw.randrange(500))
        self._field(self._one(), number=number, issuer="UBND xã Đồng Mẫu", issued=f"{day}", kind="van-ban")

    def _attach(self) -> None:
        ident = self._one()
        name = f"tep-{self.draw.randrange(3)}.txt"
        self.world.files.setdefault(ident, {})[name] = self._some_words(4).encode()
        old = [one.strip() for one in self.world.texts[ident][0].get("attachments", "").split(";") if one.strip()]
        self._field(ident, attachments="; ".join(dict.fromkeys([*old, name])))

    def _detach(self) -> None:
        ident = self.draw.choice([one for one, files in self.world.files.items() if any("tep-" in n for n in files)])
        self.world.files[ident] = {n: data for n, data in self.world.files[ident].items() if "tep-" not in n}
        old = self.world.texts[ident][0].get("attachments", "").split(";")
        self._field(ident, attachments="; ".join(one.strip() for one in old if "tep-" not in one))

    def _add(self, number: int | None = None) -> None:
        ident = f"tin/moi-{self.draw.randrange(10**6) if number is None else number}"
        at = self.world.now.astimezone(VIETNAM_TIME) - timedelta(hours=self.draw.choice([0, 0, 0, 30, 3000]))
        kind = self.draw.choice([kind for kind in KINDS if kind not in ("trang", "van-ban")])
        fields = {"title": self._some_words(6).capitalize(), "date": f"{at:%Y-%m-%d %H:%M}", "kind": kind,
                  "category": "an-sinh", "summary": self._some_words(7).capitalize()}  # fmt: skip
        self.world.texts[ident] = fields, self._some_words(40) + "\n"
        self.world.approved[ident] = self.world.now

    def _own_page(self) -> None:
        slug = self.draw.choice(["lien-he", "en-contact", "en-index", "noi-quy", "tiep-can"])
        fields = {"title": self._some_words(3).capitalize(), "date": "2026-01-05 08:00", "kind": "trang", "slug": slug}
        self.world.texts[f"trang/{slug}"] = fields, self._some_words(20) + "\n"
        self.world.approved[f"trang/{slug}"] = self.world.now
        self.world.gone.pop(f"trang/{slug}", None)

    def _withdraw(self) -> None:
        self.world.gone[self._one()] = self.world.now, self._some_words(2)

    def _vanish(self) -> None:
        ident = self._one()
        for of in (self.world.texts, self.world.files, self.world.approved, self.world.gone, self.world.cards):
            of.pop(ident, None)  # type: ignore[attr-defined]

    def _card(self) -> None:
        self.world.cards[self._one()] = self._some_words(3).encode()

    def _boards(self) -> None:
        self.world.shown = [self._one() for _ in range(self.draw.randrange(3))]

    def _clock(self) -> None:
        self.world.now += timedelta(minutes=self.draw.choice([1, 7 * 60, 24 * 60, 40 * 24 * 60]))

    def _edge(self) -> None:
        notice = self.world.notice(self._one())
        self.world.now = self.draw.choice([notice.start, notice.end]) + timedelta(minutes=self.draw.choice([-1, 0]))

    def _look(self) -> None:
        self.world.conf = self.draw.choice([
            "", f"DEFAULT_PAGINATION = {self.draw.randrange(2, 30)}\n", f"SITESUBTITLE = '{self._some_words(3)}'\n",
            f"HOME_NOTICES = {self.draw.randrange(1, 9)}\n", "LINKS = [('Tỉnh', 'https://tinh.example')]\n",
        ])  # fmt: skip

    def _settings(self) -> None:
        settings = self.world.settings
        hamlets = list(settings.hamlets)
        place = self.draw.randrange(len(hamlets))
        hamlets[place] = replace(hamlets[place], name=f"Thôn {self._some_words(1)}")
        phone = f"0299 000 {self.draw.randrange(10_000):04}"
        self.world.settings = self.draw.choice([
            replace(settings, hamlets=tuple(hamlets)), replace(settings, hamlets=tuple(reversed(hamlets))),
            replace(settings, commune=replace(settings.commune, phone=phone)),
        ])  # fmt: skip

    def _theme(self) -> None:
        name = self.draw.choice(["list.html", "notice.html", "base.html", "parts.html", "atom.xml", "missing.html"])
        added = f"\n<!-- {self._some_words(2)} -->\n" if name != "parts.html" else "\n{# khác #}\n"
        style = {"static/site.css": f"/* {self._some_words(2)} */\n"}
        self.world.theme |= style if self.draw.random() < 0.2 else {f"templates/{name}": added}

    def _spoil(self) -> None:
        path = self.draw.choice(sorted(p for p in self.output.rglob("*") if p.is_file() and KEEP not in p.parts))
        how = self.draw.randrange(5)
        path.unlink()
        if how == 0:
            path.write_bytes(b"spoilt")
        elif how == 1:
            path.symlink_to("/etc/hostname")
        elif how == 2:
            (path / "ben-trong").mkdir(parents=True)
            (path / "ben-trong/la.txt").write_text("la")
        elif how == 3:
            (path.parent / "la.html").write_text("la")
            (self.output / "thu-muc-rong/nua").mkdir(parents=True, exist_ok=True)

    def _restart(self) -> None:
        self._site.close()
        self._site = self._opened()

    def _damage(self) -> None:
        self._site.close()
        file = self.folder / "state/site.sqlite3"
        how = self.draw.randrange(3)
        if how == 0:
            file.unlink(missing_ok=True)
        elif file.exists():
            data = bytearray(file.read_bytes())
            data = data[: len(data) // 2] if how == 1 else bytearray(len(data))
            file.write_bytes(data)
        self._site = self._opened()


ACTS: list[Callable[[Life], None]] = [
    Life._edit, Life._edit, Life._edit, Life._title, Life._summary, Life._slug, Life._rename, Life._category,
    Life._kind,
    Life._hamlets, Life._class, Life._date, Life._document, Life._attach, Life._attach, Life._detach, Life._add,
    Life._add,
    Life._own_page, Life._withdraw, Life._withdraw, Life._vanish, Life._card, Life._boards, Life._clock, Life._clock,
    Life._edge, Life._look, Life._settings, Life._theme, Life._spoil, Life._spoil, Life._restart, Life._damage,
]  # fmt: skip


def contents(folder: Path) -> dict[str, str]:
    """Every file by its path, but for what is not the site's; folders that are empty too."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name.split("/")[0] == KEEP:
            continue
        if path.is_symlink():
            found[name] = "link"
        elif path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        elif not any(path.iterdir()):
            found[name] = "empty"
    return found
