"""List what the elements of a page lead to, load, run, or say in place of a picture."""

import hashlib
from collections.abc import Iterator
from typing import Any

from bnreport.site.checks.active import ADDRESSES
from bnreport.site.policy import DATA, Tree

# What a reader follows, loads or hears, and never reads on the page.
SAID = frozenset({"alt", "aria-label", "placeholder", "srcdoc", "srcset", "title"})


def reached(tree: Tree) -> Iterator[str]:
    """Yield each address, alternative text, order to the browser and script, in their order."""
    for element in tree.iter():
        if isinstance(element.tag, str):
            yield from _attributes(element)
            if element.tag == "script" and (element.get("type") or "").lower() not in DATA:
                yield from _script(element.text or "")


def _attributes(element: Any) -> Iterator[str]:
    ordered = element.tag == "meta" and element.get("http-equiv") is not None
    for full, value in element.attrib.items():
        name = full.rpartition("}")[2].rpartition(":")[2].lower()
        if name in ADDRESSES | SAID or name.startswith("on") or ordered:
            yield f"{element.tag} {name}: {' '.join(value.split())}"


def _script(text: str) -> Iterator[str]:
    """Yield a script that stands in the page, with a digest, as its end may not be shown."""
    if text.strip():
        digest = hashlib.sha256(text.encode()).hexdigest()[:12]
        yield f"script {digest}: {' '.join(text.split())}"
