"""Say what the search index holds of a page, and mend how words are looked up in it."""

import json
from pathlib import Path
from typing import Any

from bnreport.errors import PageError

INDEX = "search/search_index.json"
# The same for a site that is opened from a folder, where no script may fetch it.
INLINE = "search/search_index.js"
# Of pages with the same words, those that explain come before those that measure, and the page of
# symptoms before all. The others of the lessons are lists.
_SYMPTOMS, _LESSONS, _LISTS = "learn/failures.html", "learn/", ("limits", "references", "wrong")
_WORKERS = "assets/javascripts/workers/search.*.js"
# The theme searches with Lunr 2.3.9. What is mended in its script, each with what takes its place:
_MENDS = (
    # It merges the ends of words that have one name, a name that sets the letter of each edge
    # before the number of the node it leads to with nothing in between: 8 to node 12 is 81 to node
    # 2. So `8` could lead to words that are nowhere, and the query failed.
    ("e=e+s+o.id}return e}", 'e=e+s+o.id+","}return e}'),
    # It finds the beginnings of words alone, those of "to" and "not" included: see terms.js.
    (r"map(r=>/(^[+-]|[~^]\d+$)/.test(r)?r:`${r}*`)", "flatMap(asked)"),
    # It asks for every word between quotation marks, and finds nothing for an error that is pasted.
    (r'r.replace(/^\b|^(?![^\x00-\x7F]|$)|\s+/g," +")', '" "+r+" "'),
    # It sets the beginning of a page before the section that answers.
    ("+!c.parent+Object.values(f)", "Object.values(f)"),
)


def finish(site: Path, notebook: str, description: str) -> None:
    """Weigh pages in the index, keep of the notebook its headings alone, mend what reads it.

    Args:
        site: the site that was built.
        notebook: the address of the notebook's page.
        description: what the notebook is, in place of its text.

    Raises:
        PageError: when the theme has no such index, or searches otherwise.
    """
    try:
        index = json.loads((site / INDEX).read_text(encoding="utf-8"))
        index["docs"] = [held_of(entry, notebook, description) for entry in index["docs"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PageError(
            f"Expected the theme to write {INDEX} with `docs`. Received: {error!r}. Compare it "
            "with bnreport/site/search.py."
        ) from error
    text = json.dumps(index, separators=(",", ":"))
    (site / INDEX).write_text(text, encoding="utf-8", newline="\n")
    (site / INLINE).write_text(f"var __index = {text}", encoding="utf-8", newline="\n")
    for path in site.glob(_WORKERS):
        path.write_text(mended(path.read_text(encoding="utf-8")), encoding="utf-8", newline="")


def held_of(entry: dict[str, Any], notebook: str, description: str) -> dict[str, Any]:
    """The entry of a page or of one of its sections as the index holds it."""
    page = entry["location"].partition("#")[0]
    if page == notebook:
        entry = outlined(entry, description)
    boost = weight(page)
    return entry if boost == 1 else entry | {"boost": boost}


def outlined(entry: dict[str, Any], description: str) -> dict[str, Any]:
    """An entry of a notebook without text: its heading, and for the whole page what it is."""
    return entry | {"text": "" if "#" in entry["location"] else description}


def weight(page: str) -> float:
    """The weight of a word on a page, by its address."""
    if page == _SYMPTOMS:
        return 2
    return 1.5 if page.startswith(_LESSONS) and Path(page).stem not in _LISTS else 1


def mended(script: str) -> str:
    """The script that searches, mended, behind the function that says what a query asks for.

    Raises:
        PageError: when it does not hold what is mended.
    """
    for faulty, sound in _MENDS:
        if script.count(faulty) != 1:
            raise PageError(
                f"Expected the theme's search to hold {faulty!r} once. Received: "
                f"{script.count(faulty)} times. Compare it with bnreport/site/search.py."
            )
        script = script.replace(faulty, sound)
    return (Path(__file__).parent / "terms.js").read_text(encoding="utf-8") + script
