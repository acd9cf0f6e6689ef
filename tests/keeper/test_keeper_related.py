"""A call's page offers what is probably the same call: transferred to another line, rung again, called back."""

from appliance.link.messages.call import GetCall
from appliance.model.calls import Direction


def _to_midnight(now):
    return 86400 - (now.hour * 3600 + now.minute * 60 + now.second)


def related(box, token, call):
    return [(one.call_id, one.line_name, one.why) for one in box.ask(GetCall(token, call)).related]


def test_who_rings_again_and_is_called_back_is_linked_and_another_caller_is_not(box, token):
    first = box.taken()
    box.clock.advance(200)
    other = box.taken(number="02079460123")
    box.clock.advance(200)
    back = box.taken(direction=Direction.OUT, dialled="+441632960846")
    assert related(box, token, first) == [(back, "Reception", "same_number")]
    assert related(box, token, back) == [(first, "Reception", "same_number")]
    assert related(box, token, other) == []


def test_a_call_that_arrives_on_the_other_line_as_this_one_ends_is_linked(box, token):
    first = box.taken(duration_s=60.0)
    box.clock.advance(75)
    passed_on = box.taken(number=None, line=2)
    assert related(box, token, first) == [(passed_on, "Back office", "at_its_end")]


def test_a_missed_call_and_one_that_goes_on_are_linked_too(box, token):
    missed = box.missed()
    box.stores.intake.take(frozenset())
    box.clock.advance(120)
    going_on, _ = box.begin()
    assert related(box, token, missed) == [(going_on.call_id, "Reception", "same_number")]
    assert related(box, token, going_on.call_id) == [(missed, "Reception", "same_number")]


def test_parts_of_one_recording_are_not_told_twice(box, token):
    first = box.taken()
    box.clock.advance(15)
    second = box.taken(continues=first)
    told = box.ask(GetCall(token, second))
    assert (told.continues, told.related) == (first, ())
    assert box.ask(GetCall(token, first)).related == ()


def test_calls_around_midnight_are_found(box, token):
    box.clock.advance(_to_midnight(box.clock.now().at) - 90)
    token = box.sign_in()
    box.clock.advance(_to_midnight(box.clock.now().at) - 30)
    late = box.taken()
    box.clock.advance(120)
    early = box.taken()
    assert late[:10] < early[:10]
    assert [one[0] for one in related(box, token, late)] == [early]
    assert [one[0] for one in related(box, token, early)] == [late]


def test_at_most_five_are_offered(box, token):
    calls = []
    for _ in range(8):
        calls.append(box.taken())
        box.clock.advance(20)
    assert len(related(box, token, calls[0])) == 5


def test_a_call_whose_sheet_is_damaged_is_linked_to_nothing_by_its_number(box, token):
    first = box.taken()
    box.clock.advance(60)
    second = box.taken()
    box.stores.vault.meta(second).write_bytes(b"\0" * 200)
    assert related(box, token, first) == []
