"""Find the Fashion-MNIST files, or download them; every file is verified however it came."""

import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pooch

from bnreport.errors import DataError
from bnreport.protocol.datasets import FILES
from bnreport.training.images import verified

ADDRESS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
STALL_SECONDS = 9.0

Say = Callable[[str], None]


def find(named: Path | None, cache: Path, say: Say) -> Path:
    """The folder that holds verified Fashion-MNIST files, downloaded if need be.

    In this order: the named folder, the folder in BNREPORT_DATA, the cache, a download to it.

    Raises:
        DataError: when a named folder lacks a file or holds an altered one, or when the files are
            nowhere and the download fails.
    """
    if named is None and os.environ.get("BNREPORT_DATA"):
        named = Path(os.environ["BNREPORT_DATA"])
    if named is not None:
        for name, (sha, _) in FILES.items():
            verified(named / name, sha)
        return named
    for name, (sha, _) in FILES.items():
        _cached(cache / name, sha, say)
    return cache


def _cached(path: Path, sha: str, say: Say) -> None:
    if path.exists():
        try:
            verified(path, sha)
        except DataError as error:
            say(f"{error} Downloading it again.")
        else:
            return
    download(ADDRESS + path.name, path, sha, say)


def download(address: str, path: Path, sha: str, say: Say) -> None:
    """Download one verified file; give up when nothing arrives for nine seconds.

    A thread downloads and this one watches: no library's time limit covers a name server or a
    proxy that never answers. The file appears under its name only when it is whole and right.

    Raises:
        DataError: when the server cannot be reached, stops answering, or sends another file.
    """
    watch = _Watch()
    failure: list[Exception] = []
    say(f"Downloading {path.name}.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, ignore_cleanup_errors=True) as folder:

        def fetch() -> None:
            try:
                pooch.retrieve(
                    address,
                    f"sha256:{sha}",
                    path.name,
                    folder,
                    downloader=pooch.HTTPDownloader(timeout=STALL_SECONDS, progressbar=watch),
                )
            except Exception as error:  # noqa: BLE001 - handed to the watching thread, whole
                failure.append(error)

        pooch.get_logger().setLevel("ERROR")
        thread = threading.Thread(target=fetch, daemon=True)
        thread.start()
        while thread.is_alive() and watch.idle() < STALL_SECONDS:
            thread.join(0.05)
        if thread.is_alive() or failure:
            reason = failure[0] if failure else f"no answer for {STALL_SECONDS:.0f} seconds"
            raise DataError(
                f"Expected {path.name} from {address}. Received: {reason}. Put the four "
                "Fashion-MNIST files into a folder and name it with --data-dir or BNREPORT_DATA."
            )
        os.replace(Path(folder) / path.name, path)


class _Watch:
    """The progress bar that pooch writes to; it only remembers when it was last written to."""

    def __init__(self) -> None:
        self.total = 0
        self.last = time.monotonic()

    def idle(self) -> float:
        return time.monotonic() - self.last

    def update(self, _: int) -> None:
        self.last = time.monotonic()

    def reset(self) -> None:
        self.last = time.monotonic()

    def close(self) -> None:
        self.last = time.monotonic()
