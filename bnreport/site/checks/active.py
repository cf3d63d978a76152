"""Refuse what a page runs, or leads to, that it may not."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bnreport.site.policy import Tree, digest, plain, scripts

Fault = tuple[str, str, str]

# The sources that a directive of the content security policy may name; a script also by its digest.
POLICY: Mapping[str, frozenset[str]] = {
    "default-src": frozenset({"'self'", "file:"}),
    "script-src": frozenset({"'self'", "file:"}),
    "style-src": frozenset({"'self'", "file:", "'unsafe-inline'"}),
    "img-src": frozenset({"'self'", "file:", "data:"}),
    "base-uri": frozenset({"'none'"}),
    "form-action": frozenset({"'none'"}),
    "object-src": frozenset({"'none'"}),
}
POLICIES = (
    "//meta[translate(@http-equiv,'CENORTUISPLY-','cenortuisply-')='content-security-policy']"
)
# An address may begin with control characters and hold line ends: browsers drop them.
DROPPED = re.compile(r"[\x00-\x20]")
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
FOLLOWED = {"http", "https", "mailto"}
ADDRESSES = {"action", "cite", "data", "formaction", "href", "longdesc", "ping", "poster", "src"}
# A browser shows such an address as a picture, in which no script runs.
PICTURES = {("img", "src"), ("image", "href")}
WITHIN = {"applet", "embed", "fencedframe", "frame", "frameset", "iframe", "object", "portal"}
# They may set an address, or show HTML within a drawing.
MOVING = {"animate", "animatemotion", "animatetransform", "foreignobject", "handler", "set"}
# What a browser shows, or reads out, and never follows.
TEXTS = {"alt", "aria-label", "content", "placeholder", "title"}
RUNNING = {"javascript", "vbscript"}


def findings(tree: Tree, theme: Collection[str]) -> Iterator[Fault]:
    """Yield what a page runs, or leads to, that it may not.

    Args:
        tree: the page.
        theme: the scripts that it may hold, from `known`.
    """
    policy = _policy(tree)
    yield from _loose(policy)
    for script in scripts(tree):
        if plain(script) not in theme:
            do = "Take it out: a page runs the theme's scripts and those of assets/"
            yield "script that is not the theme's", _short(script), do
        elif digest(script) not in policy.get("script-src", set()):
            do = "Add its digest to the page's policy, as bnreport/site/mkdocs.py does"
            yield "script that the policy stops", _short(script), do
    yield from dangers(tree)


def dangers(tree: Tree) -> Iterator[Fault]:
    """Yield what may run or lead away in elements and attributes, scripts of the page aside."""
    for element in tree.iter():
        if isinstance(element.tag, str):
            yield from _element(element)


def _policy(tree: Tree) -> dict[str, set[str]]:
    text = ";".join(meta.get("content") or "" for meta in tree.xpath(POLICIES))
    directives = [part.split() for part in text.split(";") if part.strip()]
    return {name.lower(): set(sources) for name, *sources in directives}


def _loose(policy: Mapping[str, set[str]]) -> Iterator[Fault]:
    do = "Restore the content security policy in theme/main.html"
    if missing := POLICY.keys() - policy.keys():
        yield "no content security policy", f"without {', '.join(sorted(missing))}", do
    for name, sources in policy.items():
        allowed = POLICY.get(name, frozenset())
        loose = {
            source
            for source in sources - allowed
            if name != "script-src" or not source.startswith("'sha256-")
        }
        if loose:
            yield "loose content security policy", f"{name} {' '.join(sorted(loose))}", do


def _element(element: Any) -> Iterator[Fault]:
    tag = element.tag.rpartition("}")[2].lower()
    yield from _as_a_whole(element, tag)
    for full, value in element.attrib.items():
        name = full.rpartition("}")[2].rpartition(":")[2].lower()
        if name.startswith("on"):
            yield "script in an attribute", f"{name}={value[:80]}", "Move it to assets/site.js"
        if name in {"action", "formaction"} and value.strip():
            yield "form that sends", value[:120], "Take the address out: nothing here is sent"
        scheme = _scheme(value)
        if scheme in RUNNING and name not in TEXTS:
            yield "script in an address", value[:120], "Name an address"
        elif name in ADDRESSES and scheme and scheme not in FOLLOWED:
            if scheme == "data" and "image/" in value[:12] and _is_picture(element, tag, name):
                continue
            yield "address of a strange scheme", value[:120], "Use http, https or mailto"


def _as_a_whole(element: Any, tag: str) -> Iterator[Fault]:
    if tag == "base":
        yield "base element", element.get("href") or "<base>", "Take it out: it moves every address"
    if tag == "meta" and (element.get("http-equiv") or "").strip().lower() == "refresh":
        yield "page that leaves by itself", element.get("content") or "", "Take the refresh out"
    if tag in WITHIN or element.get("srcdoc") is not None:
        yield "page within the page", f"<{tag}>", "Take it out, or link to it"
    if tag in MOVING:
        yield "drawing that changes itself", f"<{tag}>", "Draw it without"


def _is_picture(element: Any, tag: str, name: str) -> bool:
    return (tag, name) in PICTURES or (tag == "link" and element.get("rel") == "icon")


def _scheme(address: str) -> str:
    match = SCHEME.match(DROPPED.sub("", address[:200]))
    return match[1].lower() if match else ""


def _short(script: str) -> str:
    return " ".join(script.split())[:80] or "<script>"
