"""Write the skeleton of a new study: its file, its page and its test, with places to fill in."""

import ast
import json
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jinja2
from pydantic import ValidationError

from bnreport import studies
from bnreport.errors import BnreportError
from bnreport.protocol.nets import Net
from bnreport.protocol.trials import Trial
from bnreport.records.layout import Layout
from bnreport.studies import all_studies

FOLDER = Path(__file__).parent / "skeleton"
# A longer text would not fit in its line of the file.
LONGEST = {"title": 60, "question": 76}
# What a trial has that the skeleton sets for both arms.
SET = {"kind", "name", "net", "learning_rate", "epochs", "batch_size", "score_epochs", "split"}
SET |= {"evaluated", "checks"}
# What differs where nobody says what: the momentum of BN's moving averages.
VARIED = "momentum=0.9,0.99"

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_TEMPLATES.filters["literal"] = lambda value: (
    json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
)


@dataclass(frozen=True)
class Difference:
    """The one field of a net or of its training in which two arms differ, and what it is in each.

    Attributes:
        field: its name in `Net` or in `Trial`.
        of_net: whether it is one of `Net`.
        values: what it is in the arm that the claim predicts to be ahead, and in the other.
    """

    field: str
    of_net: bool
    values: tuple[object, object]

    @property
    def words(self) -> str:
        """The field as it is named in prose."""
        return self.field.replace("_", " ")

    @property
    def arms(self) -> list[dict[str, object]]:
        """The two arms: the value, its text, and the name of the arm."""
        texts = [_text(value) for value in self.values]
        slug = re.sub(r"[^a-z0-9.]+", "-", self.words)
        return [
            {
                "value": value,
                "text": text,
                "name": f"{slug}-{re.sub(r'[^a-z0-9.]+', '-', text.lower()).strip('-')}",
            }
            for value, text in zip(self.values, texts, strict=True)
        ]


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")


def difference(text: str) -> Difference:
    """Read the difference between two arms from a text such as "momentum=0.9,0.99".

    Raises:
        BnreportError: when there is no such field, or it cannot have these values.
    """
    field, _, rest = text.partition("=")
    values = [_value(part.strip()) for part in rest.split(",")]
    known = [name for name in (*Net.model_fields, *Trial.model_fields) if name not in SET]
    if field not in known:
        raise BnreportError(
            f"Expected a field of a net or of a trial to vary. Received: {field!r}. Use one of: "
            f"{', '.join(known)}."
        )
    if len(values) != 2 or values[0] == values[1]:
        raise BnreportError(
            f"Expected two different values of {field}. Received: {rest!r}. Write "
            f"--vary {field}=ONE,OTHER."
        )
    of_net = field in Net.model_fields
    for value in values:
        try:
            net = Net.model_validate({"normalizer": "batch"} | ({field: value} if of_net else {}))
            own = {} if of_net else {field: value}
            Trial.model_validate({"name": "x", "net": net, "learning_rate": 1, "epochs": 1} | own)
        except ValidationError as error:
            (first, *_) = error.errors()
            raise BnreportError(
                f"Expected a value that {field} can have. Received: {value!r}. Use another: "
                f"{first['msg'][0].lower()}{first['msg'][1:]}."
            ) from error
    return Difference(field, of_net, (values[0], values[1]))


def _value(text: str) -> object:
    """A number where the text is one; the text itself elsewhere."""
    try:
        return ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text


def skeleton(name: str, title: str, question: str, varied: Difference) -> dict[str, str]:
    """The files of a new study by their path in a checkout.

    Args:
        name: the name of the study.
        title: the title of its page.
        question: what it asks.
        varied: what its two arms differ in.
    """
    given = {
        "name": name,
        "title": title,
        "question": question,
        "varied": varied,
        "first": varied.arms[0],
        "second": varied.arms[1],
    }
    return {
        path: _TEMPLATES.get_template(template).render(given)
        for path, template in _paths(name).items()
    }


def _paths(name: str) -> dict[str, str]:
    """The files of a study by path, and the template of each."""
    return {
        f"bnreport/studies/{name}.py": "study.py.j2",
        f"docs/studies/{name}.md": "page.md.j2",
        f"tests/studies/test_{name}.py": "test.py.j2",
    }


def write(
    layout: Layout, name: str, title: str = "", question: str = "", vary: str = VARIED
) -> list[Path]:
    """Write the files of a new study, all or none, and return their paths.

    Args:
        layout: the checkout.
        name: the name of the study.
        title: the title of its page; made of what varies when it is empty.
        question: what it asks; made of what varies when it is empty.
        vary: what its two arms differ in, as `difference` reads it.

    Raises:
        BnreportError: when the name is taken or fits no study, or another text does not fit.
    """
    _refuse_name(layout, name)
    varied = difference(vary)
    title = title or varied.words.capitalize()
    question = question or f"Does the {varied.words} of a net with BN matter?"
    for kind, text in (("title", title), ("question", question)):
        _refuse_text(kind, text)
    if not question.endswith("?"):
        raise BnreportError(
            f"Expected a question. Received: {question!r}. End it with a question mark."
        )
    return _write_all(layout.root, skeleton(name, title, question, varied))


def _refuse_name(layout: Layout, name: str) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9]*", name) or keyword.iskeyword(name):
        raise BnreportError(
            f"Expected a name of small letters and digits that begins with a letter and is no word "
            f"of Python. Received: {name!r}. Use one such as momentum."
        )
    files = [layout.root / path for path in _paths(name) if (layout.root / path).exists()]
    owners: list[Path | str] = [*files, *layout.results.glob(f"**/{name}.*")]
    if name in all_studies():
        owners = [f"the study {name}"]
    # A study of such a name would take the place of what its package calls so.
    elif hasattr(studies, name):
        owners.append(Path(str(studies.__file__)))
    if owners:
        raise BnreportError(
            f"Expected a name that is free. Received: {name!r}, which {owners[0]} has. Use another "
            "name."
        )


def _refuse_text(kind: str, text: str) -> None:
    if len(text) > LONGEST[kind] or re.search(r'["\\\n\[\]:{}]', text):
        raise BnreportError(
            f"Expected a {kind} of at most {LONGEST[kind]} letters, without quotation marks, "
            f"colons, brackets and line ends. Received: {text!r}. Write another; it can be "
            "changed in the files later."
        )


def _write_all(root: Path, files: Mapping[str, str]) -> list[Path]:
    """Write files that do not exist yet; where one fails, none stays."""
    written: list[Path] = []
    try:
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            with (root / path).open("x", encoding="utf-8") as file:
                written.append(root / path)
                file.write(text)
    except BaseException:
        for path_ in written:
            path_.unlink()
        raise
    return written
