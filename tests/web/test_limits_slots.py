import pytest

from digitapp.errors import Busy
from digitapp.web.limits import Slots


def test_a_slot_is_given_back_even_after_an_error() -> None:
    slots = Slots(1, wait_s=0)
    with pytest.raises(ZeroDivisionError), slots.take():
        raise ZeroDivisionError
    with slots.take():
        pass


def test_no_more_than_the_slots_are_taken() -> None:
    slots = Slots(2, wait_s=0.01)
    with slots.take(), slots.take():
        with pytest.raises(Busy), slots.take():
            pass
        with pytest.raises(Busy):
            slots.check()
    slots.check()


def test_guests_leave_one_to_the_owner() -> None:
    room = Slots(3, wait_s=0)
    guests = room.for_guests()
    with guests.take(), guests.take():
        with pytest.raises(Busy), guests.take():
            pass
        with room.take(), pytest.raises(Busy):
            room.check()
        room.check()
    with room.take(), room.take(), room.take():
        with pytest.raises(Busy):
            guests.check()
        with pytest.raises(Busy), guests.take():
            pass
    guests.check()


def test_the_only_slot_is_shared() -> None:
    room = Slots(1, wait_s=0)
    with room.for_guests().take(), pytest.raises(Busy), room.take():
        pass
