"""One round: download, trust, shelve. The only process of a board with a network socket.

`metadata` come fresh, without rollback or freezing; `trust` and `judging` then decide from the
bytes, and the shelf switches only to what was decided. A file that the server
has wrong is left out and asked for again; a line that breaks stops the round, and what was held
stays. An emergency, or something taken down, does not wait for slides: it is shelved first.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta

from ..dossier import MAX_DOSSIER, MAX_ENVELOPE
from ..errors import BangtinError, Refused, Unavailable
from ..publication import Manifest
from ..review import Film, SlideFile
from ..wire import sha256
from . import metadata, notes, piecemeal, trust
from .alone import alone
from .clock import Clock
from .download import Line
from .hints import Listener
from .identity import Board
from .judging import judge
from .outcome import Outcome
from .playlist import NOTHING_KNOWN, Memory, Playlist, urgent
from .shelf import Generation, Holding, Shelf
from .wants import inline_slides, statement_of

TOLD_S = 86_400.0  # seconds for which a disk that rots is told of
MADE_AHEAD = timedelta(days=1)  # that an office's clock may be ahead of a trusted time


class Syncer:
    """Rounds of one process. What is held is verified once, not at every round."""

    def __init__(
        self, board: Board, line: Line, clock: Clock, patience_s: float = 0.0, hints: Listener | None = None
    ) -> None:
        """`patience_s`: seconds that a round waits for another process's, one from a stick say."""
        self._board, self._line, self._clock = board, line, clock
        self._patience_s, self._hints = patience_s, hints or Listener([], 0)
        self._shelf, self._source = Shelf(board.shelf), metadata.Source(board, line, clock, self._hints.rang)
        line.pressing = self._hints.rang
        self._held: Holding | None = None
        self._seen: tuple[int, int] | None = None
        self._rehash = True  # the first round reads every slide that is held
        self._rotten_at: float | None = None

    def round(self) -> Outcome:
        """One round; what the network or a publication does wrong is told, not raised."""
        heard = self._line.heard
        with alone(self._board.state / "sync.lock", self._patience_s):
            work = self._once()
            while work.superseded or work.misled:
                before, work = work.outcome, self._once(follow=not work.misled)
                work.outcome.fetched += before.fetched
                work.outcome.switched |= before.switched
                work.outcome.mended |= before.mended
            if work.outcome.switched:
                self._holding()  # verified anew now, and not when the next emergency comes
        if work.outcome.mended:
            self._rotten_at = time.monotonic()
        work.outcome.mended = self._rotten_at is not None and time.monotonic() - self._rotten_at < TOLD_S
        work.outcome.offset_ms = self._line.offset_ms
        if heard == self._line.heard and work.outcome.error is None:  # the hint had it all: nobody has told us the time
            return work.outcome
        self._clock.keep(
            offset_ms=self._line.offset_ms,
            secure=_secure(self._board),
            until=work.outcome.until if work.outcome.error is None else None,
        )
        return work.outcome

    def _once(self, *, follow: bool = True) -> _Round:
        work = _Round(self._board, self._line, self._clock, self._shelf, self._source)
        work.hint = self._hints.take() if follow else None
        self._source.hint_was_true = self._source.was_news = False  # when it does not come to asking
        try:
            held = self._holding()
            work.look_over(held, self._rehash)
            self._rehash = False
            work.run(held)
        except BangtinError as error:
            work.outcome.error, work.outcome.why = error.code, error.told("en")
            work.outcome.refusal = not isinstance(error, Unavailable)
        except OSError as error:
            work.outcome.error, work.outcome.why = "disk", str(error)
        if work.hint is not None:
            self._line.bring({})
            with suppress(OSError):  # the shelf has it, and tells of a disk that fails
                self._source.keep()
            work.misled = work.outcome.refusal
            good = not work.misled
            self._hints.judge(was_true=good and self._source.hint_was_true, was_news=good and self._source.was_news)
        return work

    def _holding(self) -> Holding | None:
        mark = self._shelf.mark()
        if self._held is None or mark != self._seen:
            held = self._shelf.holding(self._board.root(), self._board.identity, self._clock.now())
            self._held, self._seen = held, mark
        return self._held


class _Round:
    def __init__(self, board: Board, line: Line, clock: Clock, shelf: Shelf, source: metadata.Source) -> None:
        self._board, self._line, self._clock, self._shelf, self._source = board, line, clock, shelf, source
        self.outcome = Outcome()
        self.superseded = False  # by something newer on the server, while slides were fetched
        self.hint: Mapping[str, bytes] | None = None  # that this round follows
        self.misled = False  # by the hint: once more without it
        self._expired: Refused | None = None  # see `metadata.Fresh`

    def look_over(self, held: Holding | None, rehash: bool) -> None:
        """What is held: its word about time, what it says, what of it is damaged."""
        if rehash:
            self.outcome.mended = self._board.mend_root()
        if held:
            self._clock.prove(held.floor)
            self._tell(held.playlist)
            if rehash:
                self.outcome.mended |= self._shelf.mend(held)
            self._drop_damaged(held.playlist, rehash)

    def run(self, held: Holding | None) -> None:
        fresh = self._source.fetch(self.hint)
        self.outcome.until, self._expired, chain = fresh.until, fresh.expired, fresh.chain
        files = self._files(chain, held)
        if held is None or not held.says(chain, files) or held.incomplete:
            self._accept(chain, files, held)
            return
        if self._expired:
            raise self._expired
        self._fetch_slides(held.playlist)
        if self.outcome.fetched:
            self._shelf.touch()
        if not self.superseded:
            self._fetch_films(held.playlist)

    # ── what came ────────────────────────────────────────────────────────────────────────────────

    def _files(self, chain: trust.Chain, held: Holding | None) -> dict[str, bytes]:
        """The signed files: from what is held when unchanged, else from the server."""
        authority = trust.authority(chain, self._board.identity, self._clock.now())
        files = {}
        for signed in authority.files:
            data = held.generation.files.get(signed.name) if held else None
            if data is None or sha256(data) != signed.sha256:
                data = self._get(f"targets/{signed.hashed_name}", signed.size, signed.sha256)
            files[signed.name] = data
        return files

    def _get(self, path: str, size: int, sha: str) -> bytes:
        return self._line.file(f"{self._board.url}/board/{path}", size=size, sha256=sha)

    # ── what is made of it ───────────────────────────────────────────────────────────────────────

    def _accept(self, chain: trust.Chain, files: dict[str, bytes], held: Holding | None) -> None:
        identity, now = self._board.identity, self._clock.now()
        authority = trust.authority(chain, identity, now)
        floor = trust.floor(chain, held.generation.chain, held.publication) if held else trust.ANY_NUMBER
        publication = trust.opened(authority, files, identity, floor)
        self._check_time(publication)
        before, memory = (held.playlist, held.generation.memory) if held else (None, NOTHING_KNOWN)
        # Emergencies have their words with them, and what is taken down needs none: on a slow line a dozen notices do.
        playlist = self._judged(publication, memory)
        early = urgent(before, playlist, publication.manifest)
        if early:
            self._switch_early(Generation(chain, files, playlist.memory), held, publication)
        self._make_room(publication)
        self._fetch_texts(publication.manifest)
        if self.outcome.fetched:
            playlist = self._judged(publication, memory)
        self._clock.prove(publication.proof)
        self._tell(playlist)
        generation = Generation(chain, files, playlist.memory)
        if held and not self.outcome.fetched and held.says(chain, files):
            return  # what is missing is missing still
        if urgent(before, playlist, publication.manifest) and (self.outcome.fetched or not early):
            self._switch(generation, held)
        self._fetch_slides(playlist)
        if self.superseded:
            return
        if not self.outcome.switched:
            self._switch(generation, held)
        elif self.outcome.fetched:
            self._shelf.touch()
        self._fetch_films(playlist)

    def _judged(self, publication: trust.Publication, memory: Memory) -> Playlist:
        """What it allows, by the dossiers and records that are here."""
        texts = self._shelf.texts(publication.manifest)
        # No online key can make a board forget a withdrawal: what it says of time does not count here.
        return judge(publication, texts, self._board.identity, self._clock.unsaid(), memory)

    def _check_time(self, publication: trust.Publication) -> None:
        """Raises `Refused` (`made-in-future`; `tuf-expired` when it takes nothing back)."""
        if self._expired and not self._clock.takes_back(publication.proof.made):
            raise self._expired
        if time := self._clock.trusted(offset_ms=self._line.offset_ms, secure=_secure(self._board)):
            trust.not_made_after(time + MADE_AHEAD, publication)

    def _switch(self, generation: Generation, held: Holding | None) -> None:
        self._shelf.switch(generation, held.number if held else None)
        self.outcome.switched = True

    def _switch_early(self, generation: Generation, held: Holding | None, publication: trust.Publication) -> None:
        """Room is made only when there is none: an emergency waits for nothing else."""
        try:
            self._switch(generation, held)
        except OSError:
            self._make_room(publication)
            self._switch(generation, held)

    def _tell(self, playlist: Playlist) -> None:
        self.outcome.number = playlist.number
        self.outcome.expired = playlist.expired
        self.outcome.refused = {r.statement: r.code for r in playlist.refused}

    # ── files named by their content ─────────────────────────────────────────────────────────────

    def _fetch_texts(self, manifest: Manifest) -> None:
        """Dossiers and records have limits rather than known sizes."""
        for item in manifest.items:
            self._fetch_text("dossiers", item.dossier, MAX_DOSSIER)
        for removed in manifest.withdrawn:
            for record in removed.records:
                self._fetch_text("records", record, MAX_ENVELOPE)

    def _fetch_text(self, folder: str, sha: str, limit: int) -> None:
        if self._shelf.get(sha) is None:
            self.outcome.mended |= self._shelf.rotten(sha)
            name = f"{folder}/{sha}.json"
            with self._left_out(name):
                data = self._line.named(f"{self._board.url}/board/{name}", limit=limit, sha256=sha)
                if statement := statement_of(data):  # when it is taken back, its own end must be known
                    self._shelf.put(sha256(statement), statement)
                self._put(sha, data)

    def _fetch_slides(self, playlist: Playlist) -> None:
        missing = [s for s in playlist.slides() if not self._shelf.has(s.file, s.size)]
        self._shelf.room_for(sum(slide.size for slide in missing))
        for slide in missing:
            if self._source.superseded():
                self.superseded = True
                break
            name = f"slides/{slide.name}"
            with self._left_out(name):
                self._put(slide.file, self._get(name, slide.size, slide.file))

    def _fetch_films(self, playlist: Playlist) -> None:
        """Last: an alarm may come meanwhile, and a slide shows its poster without them."""
        films = piecemeal.fetch(playlist.films(), self._shelf, self._line, self._board.url)
        self.outcome.fetched += films.done
        self.outcome.wrong += films.wrong
        self.outcome.films_late = films.late

    @contextmanager
    def _left_out(self, name: str) -> Iterator[None]:
        """What the server has wrong must not hold up the rest."""
        try:
            yield
        except Refused:
            self.outcome.wrong.append(name)

    def _put(self, sha: str, data: bytes) -> None:
        self._shelf.put(sha, data)
        self.outcome.fetched += 1

    # ── the shelf's health ───────────────────────────────────────────────────────────────────────

    def _drop_damaged(self, playlist: Playlist, rehash: bool) -> None:
        """What the player found damaged, or what a full reading finds, is fetched again."""
        damaged = set(notes.damaged(self._board.state))
        files: list[SlideFile | Film] = [*playlist.slides(), *playlist.films()]
        for slide in files:
            doubted = rehash or slide.file in damaged
            if doubted and self._shelf.has(slide.file, slide.size) and not self._shelf.whole(slide.file):
                self._shelf.drop(slide.file)
                self.outcome.mended = True

    def _make_room(self, publication: trust.Publication) -> None:
        """Before anything is fetched; what the kept generations need stays."""
        live = self._shelf.kept_objects(self._board.root(), self._board.identity)
        live |= self._shelf.needed(publication.manifest) | inline_slides(publication.emergencies)
        self._shelf.collect(live)


def _secure(board: Board) -> bool:
    """Whether TLS vouches for what the server says of time."""
    return board.url.startswith("https:")
