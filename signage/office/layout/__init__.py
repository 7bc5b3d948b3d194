"""From a notice to sheets: where everything stands, before anything is drawn.

design    sizes; palette: colours
sheet     what a slide is made of
flow      paragraphs and facts; table: tables; kinds: the line above a headline; icons
frame     header, clock, rail or foot
article   a notice on as many slides as it needs; slogan: one sentence on one; message: a ticker; film
"""

from .article import MATRIX_SLIDES, MAX_NOTICE_SLIDES, article, unshortened
from .design import VERSION, Look
from .film import film
from .message import message, scrolls
from .sheet import Photo, Placed, Sheet
from .slogan import slogan

__all__ = [
    "MATRIX_SLIDES", "MAX_NOTICE_SLIDES", "VERSION", "Look", "Photo", "Placed", "Sheet",
    "article", "film", "message", "scrolls", "slogan", "unshortened",
]  # fmt: skip
