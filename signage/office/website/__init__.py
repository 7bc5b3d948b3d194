"""The website: exactly what was approved, or nothing; kept up to date by what changed, the same as built clean.

views       what the site says of one notice, every value ready to print; wording: its Markdown as HTML
look        the commune's own choices, from pelicanconf.py
pages/      which pages there are, each with a key of all that it prints (pure)
plate       what holds for every run of Pelican; closure: what a template can depend on
press       Pelican in an isolated process, believed in nothing; ledger: what it wrote, judged
wanted      what must be printed this time
site        plan, print, place: one served folder; served: what lies there; state: what is remembered of it
clean       the same from nothing
"""
