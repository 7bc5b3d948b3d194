"""A board: it takes only what people approved, and shows it for ever, with or without a network.

    identity    who this board is, and whom it trusts
    enrolment   a board from the stick that its office prepared
    welcome     what it shows then, until its first publication
    download    bytes with limits (the only requests)
    unpacking   gzip in pieces, with limits
    link        who spoke in the server's place
    metadata    fresh signed metadata, on the board's own time
    trust       may this replace what the board holds (pure)
    judging     item by item: which statements this board shows (pure)
    lately      readings remembered while they are asked for
    playlist    what trust allows, as values
    shelf       what this board holds, whole after a power cut
    piecemeal   films, last and in pieces: no alarm waits for one
    sync        one round: download, trust, shelve; outcome: what it did
    hints       "look now", heard on a channel that nobody has to believe
    usb         one round from a stick, by hand
    tending     the process with the network: rounds and reports
    notes       what one process leaves for the others
    boot        one life of the machine: its name, its seconds
    clock       trusted, suspect or unknown time, never running backwards past what is proven
    rotation    which slide now and until when (pure)
    screen/     the only pygame
    gallery     slides decoded ahead, each hashed before it is first shown
    film        a slide's film, decoded ahead in a thread
    trial       films that ended the player are not played again
    waking      sleep until the shelf changes
    shots       the kiosk's look at the glass for people far away, in a process of its own
    diary       what the player leaves for others
    voice       what it tells its kiosk, by a pipe
    alone       one player and one kiosk a board
    playlog     what was shown when, hash-chained
    health      what a board can measure
    player      show for ever: the loop, the shelf, what is wrong
    stage       what stands on the glass, and what comes after it
    hand        what the board draws itself, page by page
    light       how bright, and whether dark (pure)
    pattern     the test pattern
    turning     where a part of a turned picture lies (pure)
    power       whether the screen is lit: xset where it works, black pictures always
    verdict     timetable, pixels, heartbeat and cable: what the glass shows (pure)
    witness     looks at the real window, and says what it saw; with sight, xroot (the only libxcb), connector
    kiosk       starts the player again, feeds systemd's watchdog; with budget, systemd
    reporter    makes reports out of all these notes
    glimpse     which of them carry a picture of the glass
    makings     versions, model and wear of the machine
    reporting   carry the record to the hub once, in order, across outages
    standing    how this board is, for people and programs

Three processes meet on disk, one writer per file: `sync`, which alone has a network socket, the
player, and the kiosk, which is its parent and its witness, and hears from it also when the disk is full.
"""
