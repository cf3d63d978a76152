"""One word has one meaning; names say what they hold, docstrings what a thing does or is."""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cache

import pytest

from bnreport.records.code import executed
from bnreport.records.code.definitions import Package
from bnreport.records.provenance import PACKAGE, SOURCES
from tests.phrases import LIST, clumsy, strings
from tests.synthetic import DOCS

MODULES = sorted((SOURCES / PACKAGE).rglob("*.py"))
TEXTS = {path.relative_to(SOURCES).as_posix(): path.read_text(encoding="utf-8") for path in MODULES}
# Names that say nothing of what they hold; "one" may do so beside "other", as one of two equals.
FILLERS = set(
    "asked found got here it made now of one said stands there thing things told what who".split()
)
# Where a filler stays, and why.
KEPT = {
    # Its backward pass, which runs execute, calls the forward pass so.
    "bnreport/reference.py": {"made"},
    # A constructor: `Graph.of(…)`.
    "bnreport/training/graphs.py": {"of"},
}
# A docstring begins with a verb or with what a thing is; only a question may begin otherwise.
INDIRECT = set(
    "After At Between By For How If In Of Over So That Those What When Where Whether Which Who "
    "Why".split()
)
# A question may begin with "Do".
EMPHATIC = re.compile(r"\bDo (?!not )([a-z]+ )[^?]*$")


@cache
def parsed(text: str) -> ast.Module:
    """The tree of a module, which several tests ask for."""
    return ast.parse(text)


@cache
def nodes(text: str) -> Sequence[ast.AST]:
    """All that is in the tree of a module, from outside in."""
    return [*ast.walk(parsed(text))]


def messages(text: str) -> Iterator[str]:
    """The texts of a module as they are written, each with what is filled in left out."""
    parts = {
        id(part) for node in nodes(text) if isinstance(node, ast.JoinedStr) for part in node.values
    }
    for node in nodes(text):
        if id(node) in parts:
            continue
        if isinstance(node, ast.JoinedStr):
            texts = (part.value for part in node.values if isinstance(part, ast.Constant))
            yield "…".join(str(text) for text in texts)
        elif (
            isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts
        ):
            yield node.value


def emphatic(text: str) -> list[str]:
    """The messages of a module that say "Do mend it." for "Fix it."."""
    if "Do " not in text:
        return []
    return [said for said in messages(text) if EMPHATIC.search(said)]


@pytest.mark.parametrize(
    "text",
    [
        'raise ValueError("Expected a name. Received: none. Do mend it.")',
        'raise ValueError(f"Expected {name}. Received: {other}. Do " "run it again.")',
    ],
)
def test_an_emphatic_do_is_found(text: str) -> None:
    assert emphatic(text)


def test_a_question_is_no_emphatic_do() -> None:
    assert not emphatic('QUESTION = "Do deep nets confuse all images at the start, and why?"')


def test_messages_end_in_a_plain_instruction() -> None:
    found = {
        path: said
        for path in (*MODULES, *DOCS.rglob("*.py"))
        if (said := emphatic(path.read_text(encoding="utf-8")))
    }
    assert not found


def unused(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """The private functions and classes that nothing names, by module.

    One that is decorated may be called by what decorates it. Some are named by their neighbors,
    since their names are under the digests of runs.
    """
    within = {module: nodes(text) for module, text in texts.items()}
    every = [node for of_module in within.values() for node in of_module]
    imported = {n.name for node in every if isinstance(node, ast.ImportFrom) for n in node.names}
    defined = {
        module: {
            node.name
            for node in parsed(text).body
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            and node.name.startswith("_")
            and not node.decorator_list
        }
        for module, text in texts.items()
    }
    named = {m: {n.id for n in each if isinstance(n, ast.Name)} for m, each in within.items()}
    return {m: left for m, names in defined.items() if (left := names - named[m] - imported)}


def test_a_function_that_nothing_calls_is_found() -> None:
    one = "def _one(): ...\ndef _two(): _one()\ndef _four(): ...\n@cache\ndef _three(): ..."
    assert unused({"one": one, "other": "from one import _four"}) == {"one": {"_two"}}


def test_no_module_holds_a_private_function_that_nothing_calls() -> None:
    tests = (DOCS.parent / "tests").rglob("*.py")
    paths = (*MODULES, *tests, *DOCS.rglob("*.py"))
    assert unused({str(path): path.read_text(encoding="utf-8") for path in paths}) == {}


def defined_twice(modules: Mapping[str, str]) -> dict[str, list[str]]:
    """The public classes that two modules define, each with these modules."""
    homes = defaultdict(list)
    for module, text in modules.items():
        for node in parsed(text).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(module)
    return {name: named for name, named in homes.items() if len(named) > 1}


def test_a_class_that_two_modules_define_is_found() -> None:
    one = "class Row: ...\nclass _Slot: ..."
    assert defined_twice({"one": one, "other": one}) == {"Row": ["one", "other"]}


def test_no_two_classes_share_a_name() -> None:
    assert not defined_twice(TEXTS)


def named(text: str) -> Iterator[tuple[str, int]]:
    """The variables, arguments, functions and classes that a module names, each with its line."""
    for node in nodes(text):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                yield name, node.lineno
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.MatchAs(name=str() as name) | ast.MatchStar(name=str() as name):
                yield name, node.lineno


def executed_lines() -> dict[str, set[int]]:
    """The lines under the digest of a record, by module: another name would change the digest.

    The benchmark's are left out: its times belong to the code of their day in any case.
    """
    package = Package(TEXTS, {executed.PROBES.name})
    beginnings = executed.entries(package)
    lines: defaultdict[str, set[int]] = defaultdict(set)
    for key in package.reached(
        key for kind, keys in beginnings.items() if kind != "bench" for key in keys
    ):
        whole = package.source(key.module).defined[key.name]
        for node in package.members(key._replace(member=""))[key.member] if key.member else whole:
            lines[key.module].update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def fillers(text: str, aside: Set[int] = frozenset()) -> list[str]:
    """The names of a module that say nothing, but for those in some lines."""
    names = sorted(named(text), key=lambda named: named[1])
    pairs = {line for name, line in names if name == "other"}
    return [
        f"line {line}: {name}"
        for name, line in names
        if name.strip("_") in FILLERS and line not in aside
        if not (name == "one" and line in pairs)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "found = 1",
        "one = nets[0]",
        "def _told(x): ...",
        "def f(*, of): ...",
        "[x for x, what in pairs]",
        "match x:\n    case [made]: ...",
        "class Row:\n    it: int",
    ],
)
def test_a_filler_is_found(text: str) -> None:
    assert len(fillers(text)) == 1


def test_what_says_something_or_is_aside_is_no_filler() -> None:
    assert not fillers("findings = found(x)")
    assert not fillers("one, other = nets")
    assert not fillers("\nfound = 1", {2})


def test_names_say_what_they_hold() -> None:
    aside = executed_lines()
    assert sum(map(len, aside.values())) > 1_000
    nothing = {}
    for path, text in TEXTS.items():
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        names = fillers(text, aside.get(module, frozenset()))
        if kept := [name for name in names if name.split()[-1] not in KEPT.get(path, ())]:
            nothing[path] = kept
    assert not nothing


def documented(text: str) -> Iterator[str]:
    for node in nodes(text):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (
            docstring := ast.get_docstring(node)
        ):
            yield docstring


def indirect(text: str) -> list[str]:
    """The first lines of docstrings that begin with neither a verb nor a thing."""
    return [
        docstring.splitlines()[0]
        for docstring in documented(text)
        if docstring.split()[0].strip(",:") in INDIRECT
        and not docstring.partition("\n\n")[0].endswith("?")
    ]


@pytest.mark.parametrize("docstring", ["What a run leaves.", "By how much it fell.", "How: so."])
def test_a_docstring_that_begins_indirectly_is_found(docstring: str) -> None:
    assert indirect(f'def f():\n    """{docstring}"""') == [docstring]


def test_a_docstring_may_ask_say_or_name() -> None:
    for docstring in ("How deep?", "Say whether it fell.", "The number of runs."):
        assert not indirect(f'"""{docstring}"""')


def test_docstrings_begin_with_a_verb_or_with_what_a_thing_is() -> None:
    assert not {path: lines for path, text in TEXTS.items() if (lines := indirect(text))}


@pytest.mark.parametrize(
    "text",
    [
        "BN learns well over {width.effect} more than raw pixels.",
        "Hidden BN adds no half point.",
        "Three are kept; undecided are {count}.",
        "By an amount worth\nsaying, it is faster.",
        "Whether it is *faster* stays **open**.",
        "<p>Our nets <em>cannot</em> tell.</p>",
        "Statistics that were taken anew.",
        "The printed curve passes for a run at 0.01.",
        "The published BN curve passes for a fresh run.",
        '<a data-said="Statistics taken anew: supported"></a>',
        "All others do the same sum.",
        "BN beside standardized inputs, no.",
        "It ends with an error, as the backend has it.",
        "BN less standardized inputs is 0.1 pp.",
        "It is ahead, {a.effect}; whether by half a point is open.",
        "BN is at {a.signed} against raw pixels, which leaves its sign open.",
        "Training took 2 min of one core in all.",
        "The cost is not half a point at every batch size.",
        "It costs {a.effect}, so that half a point is open.",
        "With ReLU from He, BN makes gradients grow.",
        "BN is ahead, {a.signed}, and a tie is open.",
        "Take the statistics anew before you deploy the net.",
        "A net with BN learns well at {a.effect} more of learning rates.",
        "By fresh statistics BN is sooner, at a rate of its own.",
        "Runs fail at whichever rate.",
        "If it is ever asked in training mode: then this is what it costs.",
        "In one verdict the word shown was corrected since.",
        "Of the few that were seen, two came out otherwise.",
        "For each scale, less that of raw pixels without it it is {a.signed}.",
        "Seeds that judge nothing choose the rate.",
        "Batches of 128 that come again add {a.effect}.",
        "Our runs do not tell that apart from a fresh run.",
        '<button aria-label="Switch colours"></button>',
    ],
)
def test_a_phrase_that_readers_stumble_over_is_found(text: str) -> None:
    assert len([*clumsy(text)]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "BN learns well over a range of rates that is {width.effect} wider.",
        "Hidden BN does not add half a point.",
        "Supported (the curve passes for one of these runs) when p is at least .05.",
        "The claim as it was frozen: “BN is better with statistics taken anew.” It stays.",
        "`cannot tell`",
        "```\ncannot tell\n```",
        "Its verdict is not supported (not in every setting).",
        "A table stands beside the figure, and the same sum comes out.",
    ],
)
def test_other_words_what_is_frozen_and_code_are_no_such_phrase(text: str) -> None:
    assert [*clumsy(text)] == []


def test_what_may_stay_says_why_and_holds_a_banned_phrase() -> None:
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))
    assert all(listed["banned"].values())
    assert all(each["reason"] for each in listed["allowed"])


def test_the_strings_of_a_script_are_read_and_its_comments_are_not() -> None:
    script = """/* The "grey" of old. */
    // `grey`
    const a = "a \\"b\\"", c = `d ${e({ f: "g" })} h`;"""
    assert strings(script).split("\n") == ['a \\"b\\"', "d … h"]
    assert len([*clumsy(strings("say(`Grey is ${x}.`)"))]) == 1


def test_no_source_of_a_page_has_a_phrase_that_readers_stumble_over() -> None:
    paths = [path for kind in ("*.md", "*.svg") for path in DOCS.rglob(kind)]
    paths += [DOCS.parent / "mkdocs.yml", *(DOCS.parent / "theme").rglob("*.html")]
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    texts |= {path: strings(path.read_text(encoding="utf-8")) for path in DOCS.rglob("*.js")}
    for path in DOCS.rglob("*.py"):
        texts[path] = "\n".join(messages(path.read_text(encoding="utf-8")))
    assert not {path: found for path, text in texts.items() if (found := [*clumsy(text)])}
