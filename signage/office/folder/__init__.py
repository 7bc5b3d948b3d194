"""The officers' door: a shared folder, in which a result card appears beside every notice within a second.

names      what a name means: stage, notice, card, a sync tool's second copy; ids from names (pure)
looking    one walk over the folder, with limits; which files have come to rest
draft      an officer's file read, checked and drawn as it would be submitted
origin     a Word file, a PDF or a poster: its draft is laid beside it (`office.drafting`)
progress   where a notice stands, in words (pure); casebook: what people signed about it
card       the result card; cards: into the folder and out of it; overview: one page about everything in it
placing    into content/, out of it again, and on to the posted ones; away: what is long over, by years
memory     what is known from one round to the next
turn       the work of one round, notice by notice; outcome: what it did; round: one round after another

It holds no key. Whoever can write into the folder can ask; only an author's and an approver's signatures answer.
"""

from .outcome import Outcome
from .round import Folder

__all__ = ["Folder", "Outcome"]
