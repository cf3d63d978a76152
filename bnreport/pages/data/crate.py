"""Describe a data package once more, for others who read data: an RO-Crate, and checksums."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bnreport.pages.data.resource import LICENCE
from bnreport.pages.library.citation import Citation

PROFILE = "https://w3id.org/ro/crate/1.2"
PACKAGE, CRATE, SUMS = "datapackage.json", "ro-crate-metadata.json", "SHA256SUMS.txt"
RECORDS, SCHEMA, LICENCE_FILE = ".jsonl", "record.schema.json", "LICENSE.txt"


def described_again(package: str, citation: Citation | None) -> dict[str, str]:
    """The files that describe a package once more, by name; all that they say stands in it.

    Args:
        package: the text of datapackage.json.
        citation: who made the data and when, where that is known.
    """
    described: dict[str, Any] = json.loads(package)
    content = package.encode()
    own = {
        "path": PACKAGE,
        "description": "the same as a Frictionless Data Package, with every column",
        "mediatype": "application/json",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }
    resources = [*described["resources"], own]
    crate = _crate(described, resources, citation)
    digests = {each["path"]: each["hash"].removeprefix("sha256:") for each in resources}
    digests[CRATE] = hashlib.sha256(crate.encode()).hexdigest()
    lines = (f"{digest}  {path}\n" for path, digest in sorted(digests.items()))
    return {CRATE: crate, SUMS: "".join(lines)}


def _crate(
    package: Mapping[str, Any], resources: Sequence[Mapping[str, Any]], citation: Citation | None
) -> str:
    authors = citation.authors if citation else ()
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": package["title"],
        "description": package["description"],
        "license": {"@id": LICENCE["path"]},
        "author": [{"@id": f"#author-{place}"} for place, _ in enumerate(authors, start=1)],
        "hasPart": [{"@id": resource["path"]} for resource in resources],
        **({"version": citation.version} if citation else {}),
        **({"datePublished": citation.date} if citation and citation.date else {}),
        **({"identifier": f"commit {citation.commit}"} if citation and citation.commit else {}),
        **({"url": citation.address} if citation and citation.address else {}),
    }
    graph = [
        {
            "@id": CRATE,
            "@type": "CreativeWork",
            "conformsTo": {"@id": PROFILE},
            "about": {"@id": "./"},
        },
        root,
        {
            "@id": LICENCE["path"],
            "@type": "CreativeWork",
            "name": LICENCE["title"],
            "identifier": LICENCE["name"],
        },
        *(
            {"@id": f"#author-{place}", "@type": "Organization", "name": name}
            for place, name in enumerate(authors, start=1)
        ),
        *map(_file, resources),
    ]
    text = {"@context": f"{PROFILE}/context", "@graph": graph}
    return json.dumps(text, indent=1, ensure_ascii=False) + "\n"


def _file(resource: Mapping[str, Any]) -> dict[str, object]:
    title, description = resource.get("title"), resource["description"]
    records = resource["path"].endswith(RECORDS)
    return {
        "@id": resource["path"],
        "@type": "File",
        "name": f"{title}: {description}" if title else description,
        "encodingFormat": resource["mediatype"],
        **({"contentSize": str(resource["bytes"])} if "bytes" in resource else {}),
        "sha256": resource["hash"].removeprefix("sha256:"),
        **({"conformsTo": {"@id": SCHEMA}} if records else {}),
    }
