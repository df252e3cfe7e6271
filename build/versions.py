"""How the systems are told what the program is: its version, its icon, the files that it opens."""

import re
import sys
from pathlib import Path
from typing import Any

NAME = "digitapp"
DOCUMENTS = "Picture"
PICTURES = ("png", "jpeg", "gif", "bmp", "webp")
"""Kinds of files that the program offers to open."""

COPYRIGHT = "MIT licence"


def version(root: Path) -> str:
    """The program's version, for example `0.1.0`; it is not imported, which would leave caches."""
    source = (root / "digitapp" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "(.+)"', source)
    if found is None:
        raise ValueError("digitapp/__init__.py names no version")
    return found[1]


def mime_types() -> list[str]:
    """The kinds of files as Linux's desktops know them."""
    return [f"image/{kind}" for kind in PICTURES]


def entry(root: Path, program: str, icon: str) -> str:
    """The entry in Linux's menus: the program's path or name, its icon, the files that it opens."""
    text = (root / "build" / "linux" / "digitapp.desktop").read_text(encoding="utf-8")
    types = "".join(f"{kind};" for kind in mime_types())
    return text.format(program=program, icon=icon, types=types)


def icon(assets: Path) -> str:
    """The icon in the system's own format."""
    ending = {"win32": "ico", "darwin": "icns"}.get(sys.platform, "png")
    return str(assets / f"icon.{ending}")


def resource(root: Path, system: str = sys.platform) -> Any:
    """What Windows shows under Properties, Details; None on other systems."""
    if system != "win32":
        return None
    from PyInstaller.utils.win32 import versioninfo as v

    text = version(root)
    number = (*map(int, text.split(".")), 0)
    said = {
        "FileDescription": NAME,
        "FileVersion": text,
        "LegalCopyright": COPYRIGHT,
        "OriginalFilename": f"{NAME}.exe",
        "ProductName": NAME,
        "ProductVersion": text,
    }
    strings = [v.StringStruct(name, value) for name, value in said.items()]
    english, unicode = 0x0409, 1200
    return v.VSVersionInfo(
        ffi=v.FixedFileInfo(filevers=number, prodvers=number),
        kids=[
            v.StringFileInfo([v.StringTable(f"{english:04x}{unicode:04x}", strings)]),
            v.VarFileInfo([v.VarStruct("Translation", [english, unicode])]),
        ],
    )


def info_plist(root: Path) -> dict[str, Any]:
    """What macOS is told in Info.plist, the documents that it may open with the program too."""
    return {
        "CFBundleShortVersionString": version(root),
        "CFBundleDisplayName": NAME,
        "CFBundleDocumentTypes": [
            {
                "CFBundleTypeName": DOCUMENTS,
                "CFBundleTypeRole": "Viewer",
                "LSHandlerRank": "Alternate",
                "LSItemContentTypes": [
                    *("public.png", "public.jpeg", "com.compuserve.gif"),
                    *("com.microsoft.bmp", "org.webmproject.webp"),
                ],
            }
        ],
        "LSApplicationCategoryType": "public.app-category.utilities",
        "LSMinimumSystemVersion": "12.0",
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": COPYRIGHT,
    }
