"""Files arrive whole and verified, or nothing stays behind."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pooch
import pytest

from bnreport.errors import DataError
from bnreport.training import download
from bnreport.training.download import STALL_SECONDS
from tests.images import CONTENT, NAMES, alter, filled, lose, put_in_place, sha


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in_place(monkeypatch)
    # However busy the machine: no test waits so long for anything that comes.
    monkeypatch.setattr(download, "STALL_SECONDS", 600.0)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Once it is set nothing has arrived for longer than anyone waits, and before for no time."""
    event = threading.Event()
    monkeypatch.setattr(download._Watch, "idle", lambda _: float("inf") if event.is_set() else 0.0)
    return event


@pytest.fixture
def said() -> list[str]:
    return []


@contextlib.contextmanager
def served(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """The address of a server on the loopback that answers like that."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def send(handler: BaseHTTPRequestHandler, content: bytes, promised: int | None = None) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(promised or len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def right(handler: BaseHTTPRequestHandler) -> None:
    send(handler, CONTENT[handler.path.strip("/")])


def test_a_named_folder_comes_first_then_the_variable_then_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    named, variable, cache = (filled(tmp_path / name) for name in ("named", "variable", "cache"))
    assert download.find(None, cache, said.append) == cache
    monkeypatch.setenv("BNREPORT_DATA", str(variable))
    assert download.find(None, cache, said.append) == variable
    assert download.find(named, cache, said.append) == named
    assert said == []


@pytest.mark.parametrize("name", ["named", "variable"])
def test_a_named_folder_without_the_files_is_an_error_though_the_cache_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    cache, empty = filled(tmp_path / "cache"), tmp_path / name
    if name == "variable":
        monkeypatch.setenv("BNREPORT_DATA", str(empty))
    with pytest.raises(DataError, match=re.escape(str(empty))):
        download.find(empty if name == "named" else None, cache, print)


def test_missing_and_altered_files_of_the_cache_are_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    cache = filled(tmp_path / "cache")
    alter(cache / NAMES[0])
    lose(cache / NAMES[3])
    with served(right) as address:
        monkeypatch.setattr(download, "ADDRESS", address)
        assert download.find(None, cache, said.append) == cache
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == CONTENT
    assert NAMES[0] in said[0]
    assert said[0].endswith("Downloading it again.")
    assert said[1:] == [f"Downloading {NAMES[0]}.", f"Downloading {NAMES[3]}."]


def test_an_empty_cache_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with served(right) as address:
        monkeypatch.setattr(download, "ADDRESS", address)
        download.find(None, tmp_path / "new" / "cache", lambda _: None)
    found = {path.name: path.read_bytes() for path in (tmp_path / "new" / "cache").iterdir()}
    assert found == CONTENT


def give_wrong_bytes(handler: BaseHTTPRequestHandler) -> None:
    send(handler, b"<html>Sign in to this network.</html>")


def answer_404(handler: BaseHTTPRequestHandler) -> None:
    handler.send_error(404)


def break_off(handler: BaseHTTPRequestHandler) -> None:
    send(handler, CONTENT[NAMES[0]][:20], promised=len(CONTENT[NAMES[0]]))


@pytest.mark.parametrize("answer", [give_wrong_bytes, answer_404, break_off])
def test_a_download_that_fails_leaves_nothing_behind_and_says_what_to_do(
    tmp_path: Path, answer: Callable[[BaseHTTPRequestHandler], None], said: list[str]
) -> None:
    path = tmp_path / NAMES[0]
    with served(answer) as address, pytest.raises(DataError) as caught:
        download.download(address + path.name, path, sha(CONTENT[path.name]), said.append)
    text = str(caught.value)
    assert text.startswith(f"Expected {path.name} from {address}{path.name}. Received: ")
    assert text.endswith("name it with --data-dir or BNREPORT_DATA.")
    assert list(tmp_path.iterdir()) == []


def test_a_failed_download_leaves_the_file_of_the_cache_alone(tmp_path: Path) -> None:
    path = tmp_path / NAMES[0]
    path.write_bytes(b"old")
    with served(give_wrong_bytes) as address, pytest.raises(DataError):
        download.download(address, path, sha(CONTENT[path.name]), lambda _: None)
    assert path.read_bytes() == b"old"


def test_a_refused_connection_is_an_error(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DataError, match=rf"127\.0\.0\.1:{port}/.*Received: .*refused"):
        download.download(f"http://127.0.0.1:{port}/a", tmp_path / "a", "0" * 64, lambda _: None)
    assert list(tmp_path.iterdir()) == []


@contextlib.contextmanager
def silent(seen: threading.Event, first: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """The address of a server that answers so far and no further."""
    over = threading.Event()

    def stall(handler: BaseHTTPRequestHandler) -> None:
        first(handler)
        seen.set()
        over.wait()

    with served(stall) as address:
        try:
            yield address
        finally:
            over.set()


@pytest.mark.parametrize("first", [lambda _: None, break_off], ids=["at once", "in the middle"])
def test_a_server_that_stops_answering_is_given_up(
    tmp_path: Path, seen: threading.Event, first: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    with silent(seen, first) as address, pytest.raises(DataError, match="no answer for"):
        download.download(address, tmp_path / "a", "0" * 64, lambda _: None)
    assert list(tmp_path.iterdir()) == []


def test_the_library_has_the_same_time_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float] = []
    monkeypatch.setattr(
        pooch, "retrieve", lambda *_, downloader, **__: limits.append(downloader.kwargs["timeout"])
    )
    with pytest.raises(FileNotFoundError):
        download.download("http://127.0.0.1:9/a", tmp_path / "a", "0" * 64, lambda _: None)
    assert limits == [download.STALL_SECONDS]


def test_whatever_arrives_starts_the_time_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 5.0, 6.0, 8.0])
    monkeypatch.setattr(download, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    watch = download._Watch()
    assert watch.idle() == 5
    watch.update(1)
    assert watch.idle() == 2


def test_a_library_that_never_returns_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: threading.Event
) -> None:
    # As a name server does that never answers: no time limit of the library covers it.
    over = threading.Event()

    def retrieve(*_: object, **__: object) -> None:
        seen.set()
        over.wait()

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    try:
        with pytest.raises(DataError, match="no answer for"):
            download.download("http://127.0.0.1:9/a", tmp_path / "a", "0" * 64, lambda _: None)
    finally:
        over.set()
    assert list(tmp_path.iterdir()) == []


def test_a_download_that_gives_up_does_so_within_ten_seconds() -> None:
    assert STALL_SECONDS < 10
