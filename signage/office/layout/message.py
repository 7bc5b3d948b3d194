"""A matrix of a few lines: headline or kind of the notice stand still, and everything it says scrolls below.

Four lines of sixteen letters would cut a notice into a dozen slides. The board scrolls the signed
words through an area that the slide leaves plain; nothing shrinks below what can be read.
"""

from __future__ import annotations

from dataclasses import replace

from ...notice import CLASSES, KINDS, LEVELS, Notice
from ...notice.vocabulary import DRILL, EMERGENCY, NORMAL, SLOGAN
from ...phrases import NBSP
from ...review.slide import MAX_TICKER, Ticker
from ...settings import Commune
from ..typesetting import Ruler, largest
from ..words import sentences
from .design import LED_FLOOR, STEPS, Look
from .flow import Hand, TextBlock, text_block
from .frame import bare_title, moment
from .palette import PRIORITY, SAMPLE_WORDS, Colours, colours_of
from .sheet import Fill, Mark, Placed, Sheet

TALLEST = 96  # px: rows of a matrix below which its words scroll
ENOUGH = 320  # characters that one passer-by waits for; an emergency says everything
INK = 1.5  # of a letter's size: rows that it takes with the marks above and below it (measured: Ẫ to ự)
STILL = 34  # px: rows of two lines that stand still, where there are as many again for the ticker
RULE = 2  # px between letters that grow and the rule below them
BREAK = " • "  # between what a ticker says


def scrolls(look: Look) -> bool:
    """Whether every notice is a ticker on this shape."""
    return look.led and look.shape.height < TALLEST


def message(notice: Notice, commune: Commune, look: Look, ruler: Ruler) -> list[Sheet]:
    """The notice's one sheet; an emergency of very many words has several."""
    colours = colours_of(notice, look.shape)
    width, height = look.shape.width, look.shape.height
    banner = notice.kind == SLOGAN and not notice.alert  # nothing but its sentence, and that large
    still = 0 if banner else height * 5 // 8 if look.low else STILL if height >= 2 * STILL - 8 else 0
    level = _level_width(notice, look, ruler, colours) if not still else 0
    blocks: list[Placed] = []
    stands = ""
    if still:
        block, stands = _still(notice, look, ruler, colours, still)
        blocks.append(block)
    if level:
        blocks = [_number(notice, look, ruler, colours, level)]
    area = (level, still, width - level, height - still)
    size = max(LED_FLOOR, int(area[3] / INK))
    urgent = bool(notice.alert) and _level(notice) in stands
    texts = words(notice, commune, headline=stands != notice.title, klass=not urgent)
    ground: list[Mark] = [Fill((0, 0, width, still or height), colours.band)] if notice.alert else []
    ground.append(Fill(area, colours.paper))
    return [
        Sheet(width, height, colours.paper, tuple(ground), tuple(blocks), None, text,
              ticker=Ticker(area, colours.ink, colours.paper, text, size))
        for text in texts
    ]  # fmt: skip


def words(notice: Notice, commune: Commune, *, headline: bool = True, klass: bool = True) -> list[str]:
    """What scrolls: class and headline unless they stand still, facts, summary, telephone.

    The least important is left out first, and nothing of an emergency.
    """
    until = "" if notice.prepared else f"Hiệu lực đến {moment(notice.end)}"
    urgent = CLASSES[notice.klass].upper() if notice.klass != NORMAL else ""
    if notice.alert:
        urgent = f"{DRILL if notice.alert.drill else urgent} – {_level(notice)}"
    title = bare_title(notice) if headline else ""
    said = [urgent if klass else "", title, *(f"{label}: {value}" for label, value in notice.facts)]
    body = sentences(notice.board_summary or notice.summary)
    if alert := notice.alert:
        source = f"Nguồn: {alert.source}, bản tin {moment(alert.bulletin_time)}"
        return _filled([*said[:2], *body, *said[2:], until, source], commune)
    chosen = [piece for piece in said if piece]
    for sentence in body:
        if len(BREAK.join([*chosen, sentence])) <= ENOUGH:
            chosen.append(sentence)
    return _filled([*chosen, until, f"ĐT {commune.phone}"], commune)


def _filled(pieces: list[str], commune: Commune) -> list[str]:
    """The pieces in as few texts as their limit allows; each says when its data are invented."""
    mark = f"{SAMPLE_WORDS}{BREAK}" if commune.sample else ""
    texts: list[str] = []
    for piece in filter(None, pieces):
        longer = f"{texts[-1]}{BREAK}{piece}" if texts else mark + piece
        if texts and len(longer) <= MAX_TICKER:
            texts[-1] = longer
        else:
            texts.append((mark + piece)[:MAX_TICKER])
    return texts


def _level(notice: Notice) -> str:
    """CẤP 3 – LỚN"""
    assert notice.alert is not None
    return f"CẤP {notice.alert.level} – {LEVELS[notice.alert.level].word.upper()}"


def _still(notice: Notice, look: Look, ruler: Ruler, colours: Colours, rows: int) -> tuple[Placed, str]:
    """An emergency's class and level, else the headline if it is short, else the kind; and which it is."""
    ink, paper = (colours.band_ink, colours.band) if notice.alert else (colours.headline, colours.paper)
    if notice.klass != NORMAL and not notice.alert:
        paper, ink = PRIORITY
    width = look.shape.width - 4

    def block(text: str, step: int) -> TextBlock:
        by = Hand.of(ruler, replace(look, capital=0, step=step), "headline", ink, even=True)
        return text_block("kind", text, by, width, 0, centred=True)

    def fits(made: TextBlock, spare: int = 0) -> bool:
        return made.height + spare < rows and len(made.text) == sum(len(line.words) for line in made.set_lines)

    said = [notice.title, KINDS[notice.kind], KINDS[notice.kind].split(",")[0]]
    if alert := notice.alert:
        klass = (DRILL if alert.drill else CLASSES[EMERGENCY].upper()).replace(" ", NBSP)
        # the class above, the level below
        levels = (_level(notice), f"CẤP {alert.level}")
        said = [f"{klass} {level.replace(' ', NBSP)}" for level in levels]
    text = next((text for text in said if fits(block(text, 0))), said[-1])
    largest_one = block(text, largest(STEPS, lambda step: fits(block(text, step), RULE)))
    y = max(0, (rows - 1 - largest_one.height) // 2)
    rule = Fill((0, rows - 1, look.shape.width, 1), colours.strip)
    fill = Fill((0, 0, look.shape.width, rows), paper)
    marks = (fill, rule, *largest_one.marks(2, y))
    return Placed("kind", (0, 0, look.shape.width, rows), marks), text.replace(NBSP, " ")


def _level_width(notice: Notice, look: Look, ruler: Ruler, colours: Colours) -> int:
    if not notice.alert:
        return 0
    return Hand.of(ruler, look, "name", colours.band_ink).word_width("5") + 6


def _number(notice: Notice, look: Look, ruler: Ruler, colours: Colours, width: int) -> Placed:
    """The level's number on its colour, and as many bars as its word has steps, beside the ticker."""
    assert notice.alert is not None
    by = Hand.of(ruler, replace(look, capital=0), "name", colours.band_ink)
    rect = (0, 0, width, look.shape.height)
    cap = by.ruler.cap(by.style)
    baseline = (look.shape.height + cap) // 2
    marks: list[Mark] = [Fill(rect, colours.band), *by.marks(by.rich(((str(notice.alert.level), False),), width), 3,
                                                             baseline, by.lead)]  # fmt: skip
    return Placed("level", rect, tuple(marks))
