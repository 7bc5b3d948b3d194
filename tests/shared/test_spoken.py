"""Four words: alike for all who compute them, and none to be mistaken for another over the telephone."""

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from signage.lettering import folded
from signage.spoken import COUNT, LIST, every_word, words

HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)
# Syllables that are coarse, or are read so without their marks.
NEVER = {"lon", "buoi", "cac", "cut", "deo", "dit", "du", "ngu", "chet", "cu", "vu", "dam", "diem", "tang", "hon"}


def sound(word: str) -> str:
    """As an ear may take it that parts neither tr from ch, x from s, l from n, nor the ends n, ng and nh."""
    heard = []
    for one in folded(word).replace("y", "i").split():
        first = re.sub(r"^l", "n", re.sub(r"^(gi|r|d|v)", "d", re.sub(r"^tr", "ch", re.sub(r"^x", "s", one))))
        heard.append(re.sub(r"(ng|nh|n)$", "n", re.sub(r"(ch|c|t)$", "t", first)))
    return " ".join(heard)


def test_the_list_is_as_long_as_is_said_and_no_two_are_alike() -> None:
    found = every_word()
    assert len(found) == LIST == 2**10
    assert len({folded(word) for word in found}) == len({sound(word) for word in found}) == LIST
    assert all(unicodedata.is_normalized("NFC", word) and word == word.lower() for word in found)
    assert all(len(word.split(" ")) == 2 and len(word) <= 10 for word in found)
    assert not [word for word in found if NEVER & set(folded(word).split())]


def test_the_words_are_the_same_on_every_machine_and_for_ever() -> None:
    assert words("ab" * 32, "cd" * 32) == ("mũ vải", "cành đào", "áo mưa", "mắt kính")


@settings(max_examples=3, deadline=None)
@given(HEX, HEX, st.integers(0, 255))
def test_one_bit_of_key_or_root_gives_other_words(key: str, root: str, bit: int) -> None:
    def flipped(value: str) -> str:
        return f"{int(value, 16) ^ (1 << bit):064x}"

    told = words(key, root)
    assert len(told) == COUNT and set(told) <= set(every_word())
    assert words(flipped(key), root) != told != words(key, flipped(root))
