"""What one more notice may change: the site's promise to its disk and to its readers' caches, held by a test."""

from __future__ import annotations

MOST_PAGES = 20  # HTML pages printed again, however large the archive
MOST_FILES = 160  # files of the search's index written again: one for each two first letters of the notice's words
RECORD_BYTES = 1_000  # of notices.json, for each notice
ENTRY_BYTES = 2_000  # of van-ban.json and van-ban.csv, for each document, each
ADDRESS_BYTES = 160  # of sitemap.xml, for each page
FEED_BYTES = 60_000  # of one Atom feed; feed.json has texts of 20 notices
JSON_FEED_BYTES = 400_000
SHARD_BYTES = 40_000  # of one file of the search's index: a word that stands in half of ten thousand notices
