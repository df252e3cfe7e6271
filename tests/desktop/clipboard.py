"""The clipboard as another program sees it.

`python -m tests.desktop.clipboard` prints its text; with a PICTURE it offers that, prints `ready`
and stays, since under X11 the clipboard's content is with the program that offers it.
"""

import sys

from PySide6.QtGui import QGuiApplication, QImage

if __name__ == "__main__":
    app = QGuiApplication(sys.argv[:1])
    if len(sys.argv) == 1:
        print(app.clipboard().text())
        raise SystemExit
    app.clipboard().setImage(QImage(sys.argv[1]))
    print("ready", flush=True)
    raise SystemExit(app.exec())
