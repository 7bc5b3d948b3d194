"""The hub: a small server that hears what boards say about themselves and tells people.

    roster    which boards there are, and the key that each one signs with
    keyring   the boards' keys at hand
    intake    accept only from the board that signed it
    heard     a report opened, its signature checked, its fields read
    ledger    every report accepted, written before it is acknowledged, within named limits
    keeping   a batch of reports into the store, with a few statements
    chain     where a report stands in its board's chain (pure)
    tally     what two reports say of the time between: hours, spans, changes (pure)
    hours, spans, plays, marks    what a batch adds to each of them
    retention what is rolled up, archived and forgotten, each day
    store     the tables, on SQLite or PostgreSQL
    alarms    which silences and faults a person must hear about, and when; what was done about them
    watchman  looks at every board every few seconds, so that silence is noticed; one for each store
    delivery  tells people: mail, webhooks, a digest each morning, the dead man's ping
    duty      watchman and postman with their settings (hub.toml), started and stopped together
    meanwhile what is done again and again while the hub serves, and never ends by itself
    origin    where a request comes from, behind a proxy too
    metrics   the last look in numbers, for Prometheus
    fleet     one-time codes for new boards, settings of many from one file, boards out of use
    pages     the same, for people, in words
    hints     passes on to boards that something new is published

Nothing that a board says is trusted beyond its own board: every text is shown as text.
"""
