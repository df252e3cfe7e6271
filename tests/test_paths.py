"""The one way to an asset, and the user's folders."""

import os
import stat
import sys
from pathlib import Path

import pytest

from digitapp import paths

posix = pytest.mark.skipif(sys.platform == "win32", reason="asks for POSIX' permissions")


class TestAsset:
    @pytest.fixture
    def package(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A folder that `paths` takes for its own, `.../digitapp`, with no assets anywhere."""
        package = tmp_path / "somewhere" / "digitapp"
        package.mkdir(parents=True)
        monkeypatch.setattr(paths, "PACKAGE", package)
        monkeypatch.delattr(sys, "_MEIPASS", raising=False)
        return package

    def put(self, folder: Path) -> Path:
        """An asset in `folder`."""
        folder.mkdir(parents=True)
        path = folder / "digits.tflite"
        path.write_bytes(b"model")
        return path

    def test_the_installed_packages_comes_first(self, package: Path) -> None:
        self.put(package.parent / "assets")
        path = self.put(package / "assets")
        assert paths.asset("digits.tflite") == path

    def test_a_checkouts_lies_beside_the_package(self, package: Path) -> None:
        path = self.put(package.parent / "assets")
        assert paths.asset("digits.tflite") == path

    @pytest.mark.usefixtures("package")
    def test_a_frozen_programs_lies_in_its_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path / "frozen"), raising=False)
        path = self.put(tmp_path / "frozen" / "digitapp" / "assets")
        assert paths.asset("digits.tflite") == path

    def test_a_missing_one_is_told_with_the_places(self, package: Path) -> None:
        with pytest.raises(FileNotFoundError, match="install again") as caught:
            paths.asset("digits.tflite")
        assert str(package / "assets") in str(caught.value)
        assert str(package.parent / "assets") in str(caught.value)

    def test_this_package_is_the_one_that_runs(self) -> None:
        assert (paths.PACKAGE / "paths.py").samefile(paths.__file__)
        assert paths.asset("digits.tflite").stat().st_size > 1_000


class TestUserFolders:
    def test_logs_go_where_they_are_told_or_to_the_users_own(self, tmp_path: Path) -> None:
        assert paths.log_folder(str(tmp_path)) == tmp_path
        assert "digitapp" in paths.log_folder().parts

    @posix
    def test_what_is_remembered_lies_in_the_users_state(self) -> None:
        assert paths.state_folder() == Path(os.environ["XDG_STATE_HOME"]) / "digitapp"


class TestPrivateFolder:
    @posix
    def test_it_is_the_users_alone(self) -> None:
        (Path(os.environ["XDG_RUNTIME_DIR"]) / "digitapp").mkdir(exist_ok=True, mode=0o777)
        folder = paths.private_folder()
        assert folder == Path(os.environ["XDG_RUNTIME_DIR"]) / "digitapp"
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    @posix
    def test_a_session_of_somebody_else_is_left_alone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shared, own = tmp_path / "shared", tmp_path / "own"
        shared.mkdir()
        (shared / "digitapp").symlink_to(tmp_path)
        shared.chmod(0o700)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(shared))
        monkeypatch.setenv("XDG_STATE_HOME", str(own))
        assert paths.private_folder() == own / "digitapp"

    @posix
    @pytest.mark.parametrize(("mode", "is_taken"), [(0o777, False), (0o1777, True), (0o755, True)])
    def test_nobody_else_can_exchange_a_folder_above_it(
        self, mode: int, is_taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        open_to_all, own = tmp_path / "open", tmp_path / "own"
        (open_to_all / "session").mkdir(parents=True)
        (open_to_all / "session").chmod(0o700)
        open_to_all.chmod(mode)
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(open_to_all / "session"))
        monkeypatch.setenv("XDG_STATE_HOME", str(own))
        folder = paths.private_folder()
        assert (folder == open_to_all / "session" / "digitapp") is is_taken
        assert paths._is_private(open_to_all / "session") is is_taken

    @posix
    def test_a_machine_without_such_a_folder_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
            monkeypatch.setenv(name, str(tmp_path))
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
        with pytest.raises(OSError, match="no folder belongs to this user alone"):
            paths.private_folder()
