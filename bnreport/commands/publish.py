"""Put a finished site in the place of an earlier one."""

import shutil
from pathlib import Path

from bnreport.errors import GateError


def refuse_folder(site: Path, known_by: str) -> None:
    """Refuse a folder that holds other files than an earlier site."""
    # What is there is deleted in the end.
    if site.exists() and any(site.iterdir()) and not (site / known_by).exists():
        raise GateError(
            f"Expected an empty folder or an earlier site in {site}. Received: other files, which "
            "the build would delete. Name another folder with --site-dir."
        )


def restore(site: Path) -> None:
    """Put an earlier site back where a call was killed between the two steps of `publish`."""
    former = _former(site)
    if former.exists() and not site.exists():
        former.rename(site)


def _former(site: Path) -> Path:
    return site.with_name(site.name + ".former")


def publish(partial: Path, site: Path) -> None:
    """Put a finished site in the place of an earlier one, for everyone to read.

    A web server runs as another user; the umask of the one who builds is no reason to refuse it.
    """
    for path in (partial, *partial.rglob("*")):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    if site.is_mount():
        # A mounted folder stays where it is, so its content changes.
        for path in site.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        shutil.copytree(partial, site, dirs_exist_ok=True)
        shutil.rmtree(partial)
        return
    former = _former(site)
    shutil.rmtree(former, ignore_errors=True)
    if site.exists():
        site.rename(former)
    partial.rename(site)
    shutil.rmtree(former, ignore_errors=True)
