"""The server: the API, the page, who may ask and how much. `web.app` is what loads Flask."""
