"""The hub: a small server that hears what boards say about themselves and tells people.

    roster    which boards there are, and the key that each one signs with
    chain     where a report stands in its board's chain (pure)
    ledger    every report accepted, written before it is acknowledged, within named limits
    intake    accept only from the board that signed it
    alarms    which silences and faults a person must hear about (pure)
    pages     the same, for people, in words
    hints     passes on to boards that something new is published

Nothing that a board says is trusted beyond its own board: every text is shown as text.
"""
