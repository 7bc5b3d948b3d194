"""The glass: the only part of a board that knows pygame.

sdl        what SDL is told before it is loaded
letters    the shipped fonts, texts that fit a box
panels     what the board draws itself: clock, safe slide
words      an emergency's signed words
pattern    the test pattern
picture    slides and panels in the form that the glass needs, with their digests
fade       from one picture to the next
strip      the ticker
window     the output as SDL opens it; driver and x11 say how
frames     a film's frame as a surface
shot       one look at the glass as a small JPEG, in a process of its own
glass      what stands at the viewport: shown, moved, read back, photographed
"""

from . import sdl
from .driver import DRIVER_NOTE
from .frames import surface_of
from .glass import Cue, Expected, Glass
from .letters import faults as font_faults
from .panels import clock_text, safe_panel
from .picture import Form, Picture, Undecodable, decoded, panel
from .words import Words, laid_out

Surface = sdl.pygame.Surface
SDL_VERSION = ".".join(map(str, sdl.pygame.get_sdl_version()))

__all__ = [
    "DRIVER_NOTE", "SDL_VERSION", "Cue", "Expected", "Form", "Glass", "Picture", "Surface", "Undecodable", "Words",
    "clock_text", "decoded", "font_faults", "laid_out", "panel", "safe_panel", "surface_of",
]  # fmt: skip
