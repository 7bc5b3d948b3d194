"""A notice's Markdown on its page."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from signage.office import starter
from signage.office.website.wording import plain, quick

PARTS = (
    "xã", "Họp thôn 2 ", " ", "\n", "\n\n", "  \n", "    ", "*", "**", "_", "__", "`", "``", "\\", "[", "]", "(", ")",
    "!", "<", "&", "&amp;", "&lt;", "- ", "1. ", "# ", "> ", "| a | b |\n|---|---|\n| c | d |\n", "<a@b.vn>",
    "<https://a.vn>", "[x]: tep.pdf\n", "![ảnh](a.png)", "[t](b.pdf)", "\x02", "\x03", "---\n",
    "===\n", "   - ", "+ ", "|", ">",
)  # fmt: skip


@given(st.lists(st.sampled_from(PARTS), max_size=24).map("".join))
@example("\n\n".join(path.read_text("utf-8") for path in sorted((starter.sample_root() / "content").rglob("*.md"))))
def test_plain_text_that_takes_the_short_way_reads_the_same(text):
    assert quick().reset().convert(text) == plain().convert(text)
