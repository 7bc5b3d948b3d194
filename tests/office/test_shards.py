"""A word's places, kept as the very text that is written."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signage.office.website.pages.shards import Posting


@given(st.sampled_from([1, 8]), st.lists(st.tuples(st.integers(0, 40), st.integers(1, 7)), max_size=60))
def test_places_come_and_go_anywhere_and_the_text_is_as_if_made_in_order(step, moves):
    kept, wanted = Posting(step), {}
    for place, where in moves:
        if place in wanted:
            kept.remove(place)
            del wanted[place]
        else:
            wanted[place] = where if step > 1 else 1
            kept.add(place, wanted[place])
        made = Posting(step)
        for one in sorted(wanted):
            made.add(one, wanted[one])
        assert (kept.text, kept.last, kept.count) == (made.text, made.last, made.count)
        assert kept.places() == dict(sorted(wanted.items()))
