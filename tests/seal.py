"""Put digests into the committed results, once, and change nothing else: `python -m tests.seal`.

Every line of records gets its digest, every verification that of its record file, and the notebook
that of its outputs. The digest of the code leaves the identities of the runs of Keras.
"""

import json
import sys
from pathlib import Path

from bnreport import checksums, notebooks
from bnreport.layout import Layout
from bnreport.provenance import ROOT
from bnreport.records import read, write_text
from bnreport.studies import all_studies
from bnreport.trials import canonical, digest
from bnreport.verification import believed, write_verified

LAYOUT = Layout(ROOT)
# What the digest of the code is in the identities of the runs of Keras, by file.
GONE = {
    "bnreport/dictionary.py": (
        '        ("facts_code", "string", "digest of the code that finds the facts"),\n',
        ', ("facts", "code"): "facts_code"',
    ),
    "bnreport/settings.py": (', "code"',),
    "bnreport/studies/keras/runs.py": (
        "from bnreport.provenance import code_digest\n",
        '                "code": code_digest(CODE)[:16],\n',
    ),
    "bnreport/trials.py": (
        "        code: the digest of the code that finds it. The training code is not a part of "
        "it.\n",
        "    code: str\n",
    ),
    "tests/test_trials.py": (', code="c"',),
}


def sealed(line: str, ids: dict[str, str]) -> str:
    """The line with its digest; notes a new run id under the old one."""
    content = json.loads(line)
    if canonical(content) != line:
        raise ValueError(f"expected a canonical line, received {line[:80]}")
    if content["identity"]["trial"].pop("code", None):
        ids[content["id"]] = digest(content["identity"])[:16]
        content["id"] = ids[content["id"]]
    return canonical(content | {"digest": digest(content)})


def main() -> None:
    """Do it all, and print the run ids that change."""
    ids: dict[str, str] = {}
    for path in sorted(LAYOUT.results.rglob("*.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        write_text(path, "".join(f"{sealed(line, ids)}\n" for line in lines))
    for name, study in all_studies().items():
        file = LAYOUT.committed(name, "full")
        path = LAYOUT.verified(name)
        if not path.exists():
            continue
        # The records of Keras, which read otherwise from now on, were never verified.
        if verified := believed(path, file, study, read(file, print)):
            records = checksums.file_digest(file)
            write_verified(path, verified.model_copy(update={"records": records}))
    seal_notebook(LAYOUT.notebook)
    for name, gone in GONE.items():
        source = (ROOT / name).read_text(encoding="utf-8")
        for words in gone:
            if source.count(words) != 1:
                raise ValueError(f"expected {words!r} once in {name}")
            source = source.replace(words, "")
        write_text(ROOT / name, source)
    checksums.update(LAYOUT.results)
    sys.stdout.write("".join(f"{old} -> {new}\n" for old, new in ids.items()))


def seal_notebook(path: Path) -> None:
    """Put the digest of its outputs into an executed notebook."""
    notebook = notebooks._read(path)
    made = notebooks.Execution.model_validate(notebook.metadata["bnreport"])
    write_text(path, notebooks.sealed(notebook, made))


if __name__ == "__main__":
    main()
