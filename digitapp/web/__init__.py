"""The recogniser over HTTP, and the page. Flask is not loaded before `digitapp.web.app` is."""
