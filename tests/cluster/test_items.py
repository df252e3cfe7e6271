"""Items: every picture is in one of them and in no two, whoever makes them and is killed."""

import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digitapp.cluster import items
from digitapp.cluster.items import EVEN, SIZE, Index, Items, Mark
from digitapp.cluster.places import Found, Unreachable, place
from digitapp.errors import Unavailable


def found(numbers: Iterable[int]) -> list[Found]:
    return [Found(f"{number}.png", number) for number in numbers]


def all_of(made: Items) -> list[Found]:
    return [each for some in made.all_pictures(made.numbers()) for each in some]


@pytest.fixture
def made(tmp_path: Path) -> Items:
    return Items(place(str(tmp_path)))


def fill(made: Items, pictures: list[Found], workers: int = 1) -> Index:
    index = Index(made)
    index.add(pictures, workers, lambda _: None)
    return index


def test_every_picture_is_in_one_item(made: Items) -> None:
    pictures = found(range(2 * EVEN * SIZE + 7))
    index = fill(made, pictures, workers=2)
    assert all_of(made) == pictures
    assert index.pictures == len(pictures)
    assert max(len(made.pictures(number)) for number in made.numbers()) == SIZE


def test_a_small_job_keeps_all_workers_busy(made: Items) -> None:
    fill(made, found(range(40)), workers=5)
    assert [len(each) for each in made.all_pictures(made.numbers())] == [2] * 20


def test_again_only_what_is_new(made: Items) -> None:
    fill(made, found(range(0, 50, 2)))
    before = made.numbers()
    index = fill(made, found(range(50)))
    assert index.pictures == 50
    assert sorted(all_of(made)) == sorted(found(range(50)))
    assert made.numbers()[: len(before)] == before


def test_the_told_number_grows_to_the_end(made: Items) -> None:
    told: list[int] = []
    Index(made).add(found(range(30)), 1, told.append)
    assert told == sorted(told)
    assert told[-1] == 30


def test_two_at_the_same_time_make_no_picture_twice(tmp_path: Path) -> None:
    pictures = found(range(200))
    gate = threading.Barrier(4)

    def add() -> None:
        index = Index(Items(place(str(tmp_path))))
        gate.wait()
        index.add(pictures, 10, lambda _: None)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(all_of(Items(place(str(tmp_path))))) == Counter(pictures)


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("first", [0, 7])
def test_two_that_cut_differently_make_no_picture_twice(
    made: Items, workers: int, first: int
) -> None:
    pictures = found(range(200))
    one, other = Index(made), Index(made)  # neither knows of the other's items
    one.add(pictures[first:], 2, lambda _: None)
    other.add(pictures, workers, lambda _: None)
    assert Counter(all_of(made)) == Counter(pictures)


def test_who_lost_the_answer_of_a_store_takes_its_own_item(
    made: Items, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Items.create

    def lost(self: Items, number: int, pictures: list[Found]) -> bool:
        create(self, number, pictures)
        return False  # as if another had been first

    monkeypatch.setattr(Items, "create", lost)
    index = fill(made, found(range(40)))
    assert all_of(made) == found(range(40))
    assert index.pictures == 40


def test_killed_while_making_items(made: Items, monkeypatch: pytest.MonkeyPatch) -> None:
    create = Items.create

    def dies(self: Items, number: int, pictures: list[Found]) -> bool:
        if number == 3:
            raise Unreachable("killed")
        return create(self, number, pictures)

    monkeypatch.setattr(Items, "create", dies)
    with pytest.raises(Unreachable):
        fill(made, found(range(40)))
    monkeypatch.undo()
    fill(made, found(range(40)))
    assert sorted(all_of(made)) == sorted(found(range(40)))


def test_names_that_are_no_text(made: Items) -> None:
    odd = [Found("\udcff\n.png", 1), Found("ü 'x'.png", 2)]
    fill(made, odd)
    assert all_of(made) == odd
    assert fill(made, odd).pictures == 2


def test_what_is_done(made: Items) -> None:
    fill(made, found(range(40)))
    mark = Mark(10, 12, 3, Counter({"not-found": 2}))
    made.finish(2, mark)
    assert made.done() == [2]
    assert list(made.marks([2])) == [mark]


def test_other_files_beside_the_items_count_for_nothing(made: Items, tmp_path: Path) -> None:
    fill(made, found(range(4)))
    (tmp_path / "items" / "notes.txt").write_text("mine")
    assert made.numbers() == [1, 2, 3, 4]


@pytest.mark.parametrize("folder", ["items", "done"])
@pytest.mark.parametrize("text", ["", '[["1.png', '{"a": 1}', "[1]", "7"])
def test_a_damaged_file_is_told_and_can_be_removed(
    made: Items, tmp_path: Path, folder: str, text: str
) -> None:
    fill(made, found(range(40)))
    made.finish(2, Mark(10))
    (tmp_path / folder / "000002.json").write_text(text)
    with pytest.raises(Unavailable, match=rf"{folder}/000002\.json at the destination is damaged"):
        made.pictures(2) if folder == "items" else list(made.marks([2]))
    for each in ("items", "done"):
        (tmp_path / each / "000002.json").unlink()
    fill(made, found(range(40)))
    assert Counter(all_of(made)) == Counter(found(range(40)))


def test_marks_add_up() -> None:
    one = Mark(10, 11, 2, Counter({"not-found": 1}))
    two = Mark(1, 1, 0, Counter({"not-found": 2, "too-large": 1}))
    assert one + two == Mark(11, 12, 2, Counter({"not-found": 3, "too-large": 1}))
    assert Mark.from_json(one.to_json()) == one


@given(st.lists(st.text(min_size=1), unique=True))
def test_known_names_are_found_and_no_others(names: list[str]) -> None:
    known = items._Names()
    known.add(names[::2])
    known.sort()
    assert [name in known for name in names] == [at % 2 == 0 for at in range(len(names))]
