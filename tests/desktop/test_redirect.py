"""A file opens the page, and nobody else can read it."""

import os
import time
from pathlib import Path

import pytest

from digitapp.desktop import redirect
from digitapp.web.tickets import LIFE_S

ADDRESS = "http://127.0.0.1:8000/#ticket=a-b_c&desktop=1"


def test_it_sends_the_browser_to_the_address(tmp_path: Path) -> None:
    path = redirect.new(tmp_path)
    redirect.write(path, ADDRESS)
    page = path.read_text()
    assert f'location.replace("{ADDRESS}")' in page
    assert 'href="http://127.0.0.1:8000/#ticket=a-b_c&amp;desktop=1"' in page


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps rights in another way")
def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = redirect.new(tmp_path)
    redirect.write(path, ADDRESS)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_waits_there_is_not_written_to(tmp_path: Path) -> None:
    path = redirect.new(tmp_path)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="exists"):
        redirect.write(path, ADDRESS)
    assert not (tmp_path / "elsewhere").exists()


def test_an_address_cannot_end_the_script(tmp_path: Path) -> None:
    path = redirect.new(tmp_path)
    redirect.write(path, 'http://127.0.0.1/#"</script><script>alert(1)//')
    assert path.read_text().count("<script>") == 1
    assert path.read_text().count("</script>") == 1


def test_files_that_nobody_came_for_are_removed(tmp_path: Path) -> None:
    old, fresh = redirect.new(tmp_path), redirect.new(tmp_path)
    for path in (old, fresh):
        redirect.write(path, ADDRESS)
    os.utime(old, (time.time() - LIFE_S - 1,) * 2)
    assert redirect.new(tmp_path) not in {old, fresh}
    assert (old.exists(), fresh.exists()) == (False, True)
