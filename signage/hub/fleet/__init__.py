"""The fleet: boards taken in by one-time codes, set from one file, taken out of use, replaced in their place.

codes      a code authorises one key for one place; the board brings its own card
file       the settings file of the fleet: read and written
plan       what a file would change (pure)
changing   do it, with its rows of the audit; boards out of use and back
door       where boards bring their cards: `POST /v1/cards`
"""
