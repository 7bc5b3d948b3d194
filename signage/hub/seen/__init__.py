"""What a person sees of the boards: rows of the hub's store, put in order by the store itself.

    axes        contact, content, screen and level of every board, as SQL that says what `alarms.judge` says
    fleet       counts, and one page of boards, worst first; filters
    lately      the last such looks, kept for a moment
    boards      a few boards as they are judged now
    timeline    a board's day and month as cells (pure)
    picture     cells as SVG (pure)
    history     what only a board's own page shows
    posted      notices: which boards showed them, since when
    news        what changed, for pages that are open

Functions take a `Connection` and read; forty thousand boards are counted, filtered and put in order without
one of them coming to Python but those of the page that is asked for.
"""
