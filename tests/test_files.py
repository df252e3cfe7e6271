"""From paths to the bytes of pictures."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from digitapp import files
from digitapp.config import MAX_BODY
from digitapp.errors import NotFound, TooLarge, UnreadableImage


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_a_folder_stands_for_its_pictures_in_order(tmp_path: Path) -> None:
    _touch(tmp_path, "b.PNG", "a.jpeg", "notes.txt", "sub/c.webp", ".hidden.png", ".cache/d.png")
    found = [path.relative_to(tmp_path).as_posix() for path in files.pictures(tmp_path)]
    assert found == ["a.jpeg", "b.PNG", "sub/c.webp"]


def test_a_file_stands_for_itself_whatever_its_ending(tmp_path: Path) -> None:
    assert files.pictures(tmp_path / "scan.dat") == [tmp_path / "scan.dat"]


def test_a_folder_that_holds_itself_is_searched_once(tmp_path: Path) -> None:
    _touch(tmp_path, "a.png")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert files.pictures(tmp_path) == [tmp_path / "a.png"]


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    (only,) = files.pictures(tmp_path)
    with pytest.raises(NotFound, match="no picture in this folder"):
        files.read(only)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no such file"):
        files.read(tmp_path / "gone.png")


def test_a_file_at_the_bound_is_read_and_one_over_it_is_not(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.touch()
    os.truncate(path, MAX_BODY)
    assert len(files.read(path)) == MAX_BODY
    os.truncate(path, MAX_BODY + 1)
    with pytest.raises(TooLarge):
        files.read(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "7.png")
    with pytest.raises(UnreadableImage, match="pipe or a device"):
        files.read(tmp_path / "7.png")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless device")
def test_a_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "7.png").symlink_to("/dev/zero")
    with pytest.raises(UnreadableImage, match="pipe or a device"):
        files.read(tmp_path / "7.png")


LEFT = """
import os, sys
from pathlib import Path
from digitapp import files
before = os.open(".", os.O_RDONLY)
for _ in range(3):
    files.read(Path(sys.argv[1]))
print(os.open(".", os.O_RDONLY) - before)
"""


@pytest.mark.skipif(os.name != "posix", reason="opens a folder as POSIX does")
def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """In a process of its own: here other threads open some too."""
    (tmp_path / "7.png").write_bytes(b"7")
    line = [sys.executable, "-c", LEFT, str(tmp_path / "7.png")]
    assert subprocess.run(line, capture_output=True, text=True, check=True).stdout == "1\n"


def test_a_stream_without_end_is_left_at_the_bound() -> None:
    class Endless(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            assert size > 0
            self.taken += size
            return bytes(size)

    stream = Endless()
    with pytest.raises(TooLarge):
        files.read_bounded(stream)
    assert stream.taken <= MAX_BODY + 1


def test_a_file_that_the_system_withholds_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreadableImage, match="cannot be read: Permission denied"):
        files.read(tmp_path / "a.png")


def test_a_locked_subfolder_is_told_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _touch(tmp_path, "a.png", "locked/b.png", "open/c.png")
    scan = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = [path.relative_to(tmp_path).as_posix() for path in files.pictures(tmp_path)]
    assert found == ["a.png", "locked", "open/c.png"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Größe 7.png", "Größe 7.png"),
        ("a\n\x1b[2J\u2028\udcff", "a\\n\\x1b[2J\\u2028\\udcff"),
        ("", ""),
    ],
)
def test_a_text_is_shown_as_one_harmless_line(text: str, shown: str) -> None:
    assert files.printable(text) == shown


def test_a_pattern_stands_for_what_fits_it_in_order(tmp_path: Path) -> None:
    _touch(tmp_path, "b.png", "a.png", "sub/c.png", "[x].png")
    pattern = str(tmp_path / "*.png")
    assert [path.name for path in files.expanded(pattern)] == ["[x].png", "a.png", "b.png"]
    deep = files.expanded(str(tmp_path / "**" / "*.png"))
    assert [path.name for path in deep] == ["[x].png", "a.png", "b.png", "c.png"]


def test_what_is_there_is_no_pattern(tmp_path: Path) -> None:
    _touch(tmp_path, "[x].png", "x.png")
    assert files.expanded(str(tmp_path / "[x].png")) == [tmp_path / "[x].png"]
    nothing = str(tmp_path / "*.gif")
    assert files.expanded(nothing) == [Path(nothing)]


def test_a_list_has_a_name_a_line() -> None:
    assert files.listed(io.StringIO("a b.png\n\r\n c.png\r\nd.png")) == [
        "a b.png",
        " c.png",
        "d.png",
    ]
