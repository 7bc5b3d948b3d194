"""From a notice to sheets: where everything stands, before anything is drawn.

design    sizes; palette: colours
sheet     what a slide is made of
flow      paragraphs and facts; table; picture; kinds: tags above a headline; icons, ornament
frame     header, clock; rail: what stands beside the words of a screen; foot: below those of a matrix
article   a notice on as many slides as it needs; photo: where its picture hangs; content: its words
slogan    one sentence on one slide; message: a ticker; film
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
