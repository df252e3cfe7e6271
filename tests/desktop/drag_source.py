"""A small window from which files are dragged: `python -m tests.desktop.drag_source FILE...`.

It covers the screen's top left 150x100 pixels and prints `ready` when it is there.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget


class Source(QWidget):
    """Carries `paths` wherever the mouse is dragged to."""

    def __init__(self, paths: list[str]) -> None:
        super().__init__()
        self._urls = [QUrl.fromLocalFile(str(Path(path).resolve())) for path in paths]
        self.setWindowFlags(Qt.WindowType.BypassWindowManagerHint)
        self.setGeometry(0, 0, 150, 100)

    def mouseMoveEvent(self, _: QMouseEvent) -> None:  # noqa: N802
        data = QMimeData()
        data.setUrls(self._urls)
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    source = Source(sys.argv[1:])
    source.show()
    QTimer.singleShot(300, lambda: print("ready", flush=True))
    raise SystemExit(app.exec())
