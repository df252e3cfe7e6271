"""`digitapp serve`: the page and the API, until a signal ends them."""

import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import combinations
from typing import TYPE_CHECKING, Any

import click

from digitapp import config
from digitapp.cli import options

if TYPE_CHECKING:
    from digitapp.web.http.server import Server

UNENCRYPTED = (
    "Other devices can reach this server, and what they send is not encrypted. To encrypt it, put "
    "a TLS proxy in front (caddy reverse-proxy --from NAME --to 127.0.0.1:{port}) and give "
    "--allow-host NAME here."
)

OPEN = "Every {who} can use this server: it asks for no token (--no-token)."

LOOK_S = 1.0
"""Seconds between two looks at whether SIGTERM came: what its handler raises is lost if Python runs
that in a callback of its own, such as a finalizer's."""


@click.command()
@options.setting("host")
@click.option("--lan", is_flag=True, help="Serve the local network too, and show a QR code.")
@options.setting("port")
@options.setting("token")
@options.setting("token_file")
@options.setting("no_token")
@options.setting("allow_host")
@options.setting("trusted_proxies")
@options.setting("engine")
@options.setting("slots")
@options.setting("threads")
@options.setting("wait_s")
@options.setting("drain_s")
@options.setting("rate")
@options.setting("log_dir")
@options.setting("log_format")
@click.pass_context
def serve(
    context: click.Context,
    /,
    token: str,
    token_file: str,
    no_token: bool,
    drain_s: float,
    **service: Any,
) -> int:
    """Serve the page and the API until Ctrl-C or SIGTERM."""
    options.exclude(context, "lan", "host")
    for one, other in combinations(("token", "token_file", "no_token"), 2):
        options.exclude(context, one, other)
    from digitapp import logs
    from digitapp.paths import STREAM
    from digitapp.web.serve import running

    stop = _Stop()
    signal.signal(signal.SIGTERM, stop)
    key = _key(context, token, token_file, no_token)
    log_dir = service.pop("log_dir")
    log = logs.start("serve", log_dir, service.pop("log_format"))
    is_shown = log_dir == STREAM  # what is printed lies beside the log, with whoever keeps it
    service |= {"names": service.pop("allow_host"), "proxies": service.pop("trusted_proxies")}
    with suppress(KeyboardInterrupt), log, running(token=key, **service) as servers:
        for warning in _warnings(servers, key):
            if is_shown:
                logs.log.warning(warning)
            else:
                print(warning, file=sys.stderr)
        # What goes to no terminal is kept, for example as a container's log.
        is_kept = is_shown or not sys.stdout.isatty()
        is_hidden = is_kept if token_file else is_shown and bool(token)
        told = None if is_hidden else key
        own, *others = (server.address(told) for server in servers)
        print(f"Open {own}  (Ctrl-C stops it)")
        for address in others:
            _invite(address)
        _wait(servers, drain_s, stop)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return 0


def _key(context: click.Context, token: str, token_file: str, no_token: bool) -> str | None:
    """What the API asks for. A token that is set somewhere counts more than DIGITAPP_NO_TOKEN."""
    if no_token and options.is_given(context, "no_token"):
        return None
    return token or options.first_line(token_file) or (None if no_token else config.new_token())


class _Stop:
    """The handler of SIGTERM. It ends what runs as Ctrl-C does, and remembers the call."""

    is_told = False

    def __call__(self, *_: object) -> None:
        self.is_told = True
        raise KeyboardInterrupt


def _wait(servers: "Sequence[Server]", drain_s: float, stop: _Stop) -> None:
    """Return when a signal ends the servers: at once on Ctrl-C, `drain_s` after SIGTERM.

    A second signal ends the drain at once, and what still runs is given up.
    """

    def hurry(*_: object) -> None:
        for server in servers:
            server.hurry()

    with suppress(KeyboardInterrupt):
        while not stop.is_told:
            time.sleep(LOOK_S)
    try:
        if stop.is_told and drain_s:
            _drain(servers, drain_s)
    except KeyboardInterrupt:
        hurry()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, hurry)


def _drain(servers: "Sequence[Server]", seconds: float) -> None:
    """Have `/readyz` refuse for so long, so that balancers send their requests elsewhere."""
    from digitapp.logs import log

    log.info("serve drains for %g s", seconds)
    for server in servers:
        server.drain()
    time.sleep(seconds)


def _invite(address: str) -> None:
    """Print the address for other devices, and its QR code if the terminal can show one."""
    from digitapp.web.share import drawing

    print(f"In your network: {address}")
    if sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower():
        print(drawing(address))


def _warnings(servers: "Sequence[Server]", token: str | None) -> Iterator[str]:
    """What is risky about these servers, a sentence each."""
    is_local = all(server.is_loopback for server in servers)
    if not is_local:
        yield UNENCRYPTED.format(port=servers[0].port)
    if token is None:
        yield OPEN.format(who="program on this machine" if is_local else "device in reach")
