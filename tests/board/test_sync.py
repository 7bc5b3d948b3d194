def test_a_board_shows_what_two_people_approved(office, kiosk):
    office.show(office.statement("Họp thôn"))
    office.publish()
    outcome = kiosk.sync()
    assert (outcome.error, outcome.number, outcome.switched) == (None, 1, True)
    assert kiosk.shown() == {"Họp thôn"}


def test_a_round_without_news_asks_for_two_small_files(office, kiosk, wire):
    office.show(office.statement())
    office.publish()
    kiosk.sync()
    wire.asked.clear()
    outcome = kiosk.sync()
    assert not outcome.switched and outcome.error is None
    assert wire.asked == ["/board/metadata/2.root.json", "/board/metadata/timestamp.json"]
