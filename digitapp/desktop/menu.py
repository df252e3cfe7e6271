"""The window's menu. The page carries out most of it: its commands go through the inbox."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from digitapp import __version__, config, formats
from digitapp.desktop import system
from digitapp.paths import log_folder
from digitapp.web.inbox import Inbox

if TYPE_CHECKING:
    from webview import Window
    from webview.menu import Menu

ABOUT = f"""\
digitapp {__version__}

Reads handwritten digits. Everything happens on this machine; no picture leaves it.
Under the MIT licence, with Qt and connected-components-3d under the LGPL."""

PICTURES = f"Pictures ({';'.join(f'*{e}' for kind in formats.READ for e in kind.endings)})"


def bar(window: "Window", inbox: Inbox) -> "list[Menu]":
    """The menu bar, from left to right."""
    from webview.menu import Menu, MenuAction, MenuSeparator

    tell = window.create_confirmation_dialog

    def command(title: str, name: str) -> MenuAction:
        return MenuAction(title, partial(inbox.put_command, name))

    menus: dict[str, list[Menu | MenuAction | MenuSeparator]] = {
        "File": [
            MenuAction("Open pictures...", partial(choose, window, inbox)),
            command("Export...", "export"),
            command("Share with my network...", "share"),
            MenuSeparator(),
            MenuAction("Quit", window.destroy),
        ],
        "Edit": [
            command("Undo", "undo"),
            command("Redo", "redo"),
            command("Clear", "clear"),
            MenuSeparator(),
            command("Copy the result", "copy"),
            command("Paste a picture", "paste"),
        ],
        "View": [MenuAction("Full screen", window.toggle_fullscreen)],
        "Help": [
            command("How it works", "help"),
            MenuAction("Logs", partial(show_logs, window)),
            MenuAction("About digitapp", partial(tell, "About digitapp", ABOUT)),
        ],
    }
    return [Menu(title, items) for title, items in menus.items()]


def choose(window: "Window", inbox: Inbox) -> None:
    """Let people choose pictures in the system's own dialog."""
    from webview import FileDialog

    chosen = window.create_file_dialog(
        FileDialog.OPEN, allow_multiple=True, file_types=(PICTURES, "All files (*.*)")
    )
    system.tell(inbox.offer(map(Path, chosen or ())))


def show_logs(window: "Window") -> None:
    """Show the log's folder, or say where it is."""
    folder = log_folder(config.setting("log_dir"))
    if not system.open_folder(folder):
        window.create_confirmation_dialog("Logs", f"The log is in {folder}.")
