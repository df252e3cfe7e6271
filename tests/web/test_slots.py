import pytest

from digitapp.errors import Busy
from digitapp.web.slots import Slots


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
