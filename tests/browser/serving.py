"""Serve a folder on the loopback, as long as it is asked for."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, *_: object) -> None:
        """Return nothing and print nothing."""


@contextmanager
def served(site: Path, how: type[Quiet] = Quiet) -> Iterator[str]:
    """Serve a site, and yield its address with a slash at its end.

    Args:
        site: its folder.
        how: what answers a request.
    """
    handler = functools.partial(how, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
