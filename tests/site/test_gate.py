"""Each rule of the gate refuses one broken page, and lets a sound site through."""

import ast
import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bnreport.errors import GateError, PageError
from bnreport.pages.cache import Cache
from bnreport.site.checks import gate
from bnreport.site.checks.active import POLICY
from bnreport.site.checks.fault import SiteFault
from bnreport.site.checks.files import findings
from bnreport.site.checks.gate import check, inspect
from bnreport.site.policy import ROOM, digest, plain, sealed
from tests.synthetic import DOCS

SOUND = """
<p id="top-part">Text with <a href="studies/a.html#part">a part</a>, <a href="#top-part">here</a>,
<a href="https://example.org/">elsewhere</a> and <a href="mailto:a@example.org">mail</a>.</p>
<p>It costs $5 or {x}; <math alttext="x"><mi>x</mi><annotation>\\frac{1}{2}</annotation></math></p>
<pre>if [[ -f x ]]; then echo "{{ name }}"; fi</pre><code>{% if %}</code>
<img src="figures/a.svg" srcset="figures/a.svg 1x, figures/a.svg 2x" alt="A rising line.">
<img src="data:image/png;base64,AA==" aria-hidden="true">
<svg role="img"><title>A dot</title></svg>
<table><tr><th scope="col"><math alttext="y"><mi>y</mi></math></th></tr><tr><td>1</td></tr></table>
"""
LINE = '<path d="M0 0"/>'
SVG = '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
FEED = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:a</id><title>Errata</title>'
    "<updated>2031-01-02T00:00:00Z</updated>"
    '<link rel="alternate" href="https://a.example/b/studies/a.html#part"/>'
    '<link rel="self" href="https://a.example/b/errata.atom"/><entry><id>urn:b</id><title>A</title>'
    '<updated>2031-01-02T00:00:00Z</updated><link rel="alternate" href="https://a.example/b/'
    'studies/a.html"/></entry></feed>'
)
COLUMNS = {"seed": "integer", "loss": "number"}
CITATION = "cff-version: 1.2.0\nmessage: Cite\ntitle: A\nauthors: []\nlicense: MIT\n"
PROGRAM = """import sys

from b import c as d


class A:
    def e(self, *f, g=1):
        return [h for h in f if h], g


def main():
    try:
        return A().e(*d)
    except ValueError as error:
        print(error)


if __name__ == "__main__":
    sys.exit(main())
"""


def package(*names: str, columns: Mapping[str, str] = COLUMNS) -> str:
    """A data package of these files, of which a table has these columns."""
    fields = [{"name": name, "type": kind} for name, kind in columns.items()]
    resources = [{"path": name, "schema": {"fields": fields}} for name in names]
    return json.dumps({"resources": resources})


ENTRIES = [
    {"location": "index.html", "title": "Home", "text": "<p>A &lt;b&gt;.</p>"},
    {"location": "studies/a.html#part", "title": "<code>{{ a }}</code>", "text": ""},
]
INDEX = json.dumps({"docs": ENTRIES})


def indexed(**changes: str) -> str:
    """The index of the search with another first entry."""
    return json.dumps({"docs": [ENTRIES[0] | changes, ENTRIES[1]]})


def mapped(*places: str, root: str = "https://example.org/bn/") -> str:
    """A sitemap that names these places."""
    urls = "".join(f"<url><loc>{root}{place}</loc></url>" for place in places)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'


def png(*parts: tuple[bytes, bytes]) -> bytes:
    """A file in the format PNG of these parts, by name and content."""
    found = b"\x89PNG\r\n\x1a\n"
    for name, content in parts:
        checksum = zlib.crc32(name + content).to_bytes(4)
        found += len(content).to_bytes(4) + name + content + checksum
    return found


PARTS = ((b"IHDR", b"0" * 13), (b"IDAT", b"1"), (b"IEND", b""))
ABOUT = '<meta name="description" content="What it is about.">'
HEAD = f"""<title>Home</title>{ABOUT}<link rel="canonical" href="https://example.org/">
<link rel="stylesheet" href="assets/site.css"><script src="assets/site.js"></script>"""


# What the theme puts into every page, by its depth, and what the error page shows.
SCRIPT = 'scope=new URL("{}",location)'


def page(body: str, head: str = HEAD, policy: str = "", depth: str = ".") -> str:
    script = SCRIPT.format(depth)
    policy = policy or "; ".join(
        [*(f"{name} {' '.join(sorted(sources))}" for name, sources in POLICY.items())]
    ).replace("script-src", f"script-src {digest(script)}")
    guard = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return (
        f'<!doctype html><html lang="en"><head>{guard}{head}<script>{script}</script></head>'
        f"<body><h1>A heading</h1>{body}</body></html>"
    )


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site without a fault."""
    files: dict[str, str | bytes] = {
        "index.html": page(SOUND),
        "studies/a.html": page('<h2 id="part">Part</h2>', f"<title>A</title>{ABOUT}", depth=".."),
        "404.html": page(
            '<a href="/somewhere/index.html">Home</a>', f"<title>Lost</title>{ABOUT}", depth="/"
        ),
        "assets/site.css": '@import "print.css"; a { background: url("../figures/a.svg#b") }',
        "assets/print.css": "a { background: url(data:image/png;base64,AA==) }",
        "assets/site.js": "fetch('search/search_index.json')\n",
        "figures/a.svg": SVG.format('<path d="M0 0"/>'),
        "data/a.csv": "seed,loss\n1,-0.5\n2,\n3,-INF\n",
        "data/a.jsonl": '{"seed": 1}\n',
        "data/claims.json": "[]",
        "search/search_index.json": INDEX,
        "search/search_index.js": f"var __index = {INDEX}",
        "errata.atom": FEED,
        "sitemap.xml": mapped("", "studies/a.html"),
        "sitemap.xml.gz": gzip.compress(mapped().encode()),
        "assets/card.png": png(*PARTS),
        "data/README.txt": "What there is.\n",
        "data/datapackage.json": package("a.csv", "a.jsonl", "claims.json"),
        "CITATION.cff": CITATION,
        "downloads/a.py": PROGRAM,
    }
    listed = {name.removeprefix("data/"): text for name, text in files.items() if "data/" in name}
    files["data/SHA256SUMS.txt"] = "".join(
        f"{hashlib.sha256(str(text).encode()).hexdigest()}  {name}\n"
        for name, text in listed.items()
    )
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return tmp_path


def faults(site: Path) -> list[tuple[str, str]]:
    return [(problem.page, problem.rule) for problem in inspect(site, ["index.html"])]


def test_a_sound_site_has_no_fault(site: Path) -> None:
    assert inspect(site, ["index.html", "studies/a.html"]) == []
    check(site, ["index.html"])


@pytest.mark.parametrize(
    ("what", "body"),
    [
        (
            "link within a link",
            '<a href="studies/a.html">1 <b>of <a class="b" href="studies/a.html">2</a></b></a>',
        ),
        ("broken address", '<a href="studies/b.html">b</a>'),
        ("broken address", '<a href="studies/">a folder has no page when opened as a file</a>'),
        ("broken address", '<a href="../index.html">outside the site</a>'),
        ("broken address", '<img src="figures/b.svg" alt="A line.">'),
        ("broken address", '<img src="figures/a.svg" srcset="figures/b.svg 2x" alt="A line.">'),
        ("broken address", '<script src="assets/b.js"></script>'),
        ("broken address", '<p style="background: url(b.png)">text</p>'),
        ("address from the root", '<a href="/index.html">home</a>'),
        ("missing anchor", '<a href="studies/a.html#other">part</a>'),
        ("missing anchor", '<a href="#other">part</a>'),
        ("leftover template mark", "<p>n = {{ runs }}</p>"),
        ("leftover template mark", "<p>{% if runs %}</p>"),
        ("leftover template mark", "<p>n = [[ runs ]]</p>"),
        ("leftover template mark", "<p>[% if runs %]</p>"),
        ("leftover template mark", '<img src="figures/a.svg" alt="Mean [[ value ]]">'),
        ("traceback", "<pre>Traceback (most recent call last):</pre>"),
        ("picture without alt text", '<img src="figures/a.svg">'),
        ("picture without alt text", '<img src="figures/a.svg" alt=" ">'),
        (
            "picture without alt text",
            '<img src="figures/a.svg" alt="No description has been provided for this image">',
        ),
        ("picture without alt text", '<svg role="img"><path d="M0 0"/></svg>'),
        ("third-party address", '<script src="https://cdn.example.org/a.js"></script>'),
        ("third-party address", '<img src="//cdn.example.org/a.png" alt="A line.">'),
        ("third-party address", '<input type="image" src="https://example.org/a.png">'),
        ("third-party address", '<p background="https://example.org/a.png">text</p>'),
        ("third-party address", '<a href="index.html" ping="https://example.org/">text</a>'),
        ("page within the page", '<iframe src="studies/a.html"></iframe>'),
        ("third-party address", "<style>@import 'https://example.org/a.css';</style>"),
        ("third-party address", "<style>p { src: url(https://example.org/a.woff2) }</style>"),
        ("script that is not the theme's", '<script>import m from "./m.js"</script>'),
        ("script that is not the theme's", "<script>alert(1)</script>"),
        ("script that is not the theme's", '<script type="module">alert(1)</script>'),
        ("script in an attribute", '<p onclick="alert(1)">text</p>'),
        ("script in an attribute", '<svg ONLOAD="alert(1)"></svg>'),
        ("script in an address", '<a href="javascript:alert(1)">text</a>'),
        ("script in an address", '<a href=" java&#10;script:alert(1)">text</a>'),
        ("script in an address", '<svg><a xlink:href="JavaScript:alert(1)">text</a></svg>'),
        ("address of a strange scheme", '<a href="data:text/html,a">text</a>'),
        ("address of a strange scheme", '<a href="file:///etc/passwd">text</a>'),
        ("address of a strange scheme", '<a href="vbs:a" id="v">text</a>'),
        ("script in an address", '<a href="vbscript:a">text</a>'),
        ("drawing that changes itself", '<svg><a><set attributeName="href"/></a></svg>'),
        ("drawing that changes itself", "<svg><foreignObject>text</foreignObject></svg>"),
        ("address of a strange scheme", '<link rel="icon" href="data:text/html,a">'),
        ("address of a strange scheme", '<link rel="stylesheet" href="data:image/png,a">'),
        ("address of a strange scheme", '<script src="data:text/javascript,a"></script>'),
        ("address of a strange scheme", '<img src="data:text/html,a" alt="A line.">'),
        ("page within the page", '<p srcdoc="a"></p>'),
        ("page within the page", '<embed src="figures/a.svg">'),
        ("form that sends", '<form action="https://example.org/"></form>'),
        ("form that sends", '<button formaction="index.html">text</button>'),
        ("base element", '<base href="studies/">'),
        ("page that leaves by itself", '<meta http-equiv="Refresh" content="0; url=a">'),
        ("leftover template mark", "<p>by {accuracy.effect} points</p>"),
        ("leftover template mark", "<p>n = [[runs]]</p>"),
        ("leftover template mark", "<p>[## a note ##]</p>"),
        ("value that is none", '<p><span class="value">nan</span></p>'),
        ("value that is none", '<p><span class="value value--long"> </span></p>'),
        (
            "value that is none",
            '<table><tr><th scope="row">loss</th><td>nan</td></tr></table>',
        ),
        ("heading with a sign", '<h2>Part<a href="index.html">¶</a></h2>'),
        ("column or row without a name", '<table><tr><th scope="col"> </th></tr></table>'),
        ("head without a scope", "<table><tr><th>loss</th></tr></table>"),
        ("head without a scope", '<table><tr><th scope="column">loss</th></tr></table>'),
        ("table without heads", "<table><tr><td>0.5</td></tr></table>"),
        ("formula without a text", "<math><mi>x</mi></math>"),
        ("formula without a text", '<math alttext=" "><mi>x</mi></math>'),
        (
            "value that is none",
            '<table><tr><th scope="row">a</th><td>nan to 2.1 pp</td></tr></table>',
        ),
        ("value that is none", '<p><span class="value">None pp</span></p>'),
        ("value that is none", '<p><span class="value">\N{MINUS SIGN}inf</span></p>'),
        ("value that is none", '<p><span class="value">NaN pp</span></p>'),
        ("value that is none", '<p><span class="value">NONE</span></p>'),
        ("value that is none", '<p><span class="value">none pp</span></p>'),
        (
            "value that is none",
            '<table><tr><th scope="row">a</th><td>NaN</td></tr></table>',
        ),
        ("sign that nobody sees", "<p>a\u200bb</p>"),
        ("sign that nobody sees", "<p>a\u200db</p>"),
        ("sign that nobody sees", '<p title="a&#x2060;b">text</p>'),
        ("sign that nobody sees", "<p>a\u00adb</p>"),
        ("sign that nobody sees", "<p>a\U000e0041b</p>"),
        ("object of Python", "<p>by &lt;a.B object at 0x7f0011223344&gt;</p>"),
        ("object of Python", "<p>by &lt;class 'float'&gt;</p>"),
        ("object of Python", "<p>by np.float64(1.5) points</p>"),
        ("object of Python", "<p>array([1., 2.])</p>"),
        ("drawing at no place", '<svg><path d="M 0 0 L nan nan"/></svg>'),
        ("drawing at no place", '<svg><g transform="translate(NaN,1)"/></svg>'),
        ("value that is none", "<p>BN is ahead by nan points</p>"),
        ("value that is none", '<img src="figures/a.svg" alt="A mean of nan.">'),
        ("value that is none", "<p>[object Object]</p>"),
        ("half a merge", "<p>text\n&lt;&lt;&lt;&lt;&lt;&lt;&lt; HEAD\ntext</p>"),
        ("sign that nobody sees", "<p>photo\u202egnp.exe</p>"),
        ("sign that nobody sees", '<p title="a&#x202e;b">text</p>'),
        ("sign that nobody sees", "<pre>a\x1b[31mb</pre>"),
        ("sign that nobody sees", "<p>caf\ufffd</p>"),
        ("an id twice", '<p id="a">a</p><p id="a">b</p>'),
        ("no heading of its own", "<h1>another</h1>"),
        ("backtick", "<p>a call of `fit` trains</p>"),
        ("printed by a program", "<p>largest error 4.0e+00; 4 checks</p>"),
        ("printed by a program", "<td>1e-05</td>"),
        ("raw TeX", "<p>the mean \\frac{1}{m} of it</p>"),
        ("raw TeX", "<p>the mean $x_i$ of it</p>"),
        ("raw TeX", "<p>$$x$$</p>"),
        ("broken address", '<a href="http://[">text</a>'),
        ("address without a scheme", '<a href="//example.org/">text</a>'),
        ("address that leads no reader there", '<a href="http://localhost:8000/">text</a>'),
        ("address that leads no reader there", '<a href="https://127.0.0.1/a">text</a>'),
        ("address that leads no reader there", '<a href="https://a.org@example.org/">text</a>'),
        ("missing anchor", '<p aria-describedby="other">text</p>'),
        ("missing anchor", '<label for="other">text</label>'),
        ("printed by a program", "<p>p = 1E-05</p>"),
        ("printed by a program", "<p>a loss of 1e300</p>"),
        ("printed by a program", "<p>by 0.30000000000000004 points</p>"),
        ("object of Python", "<p>A(word='supported')</p>"),
        ("object of Python", "<p>of ['a', 'b']</p>"),
        ("object of Python", "<p>of ('a', 1)</p>"),
        ("object of Python", "<p>of {'a': 1}</p>"),
        ("object of Python", "<p>of b'abc'</p>"),
        ("object of Python", "<p>on datetime.date(2031, 1, 2)</p>"),
        ("file of this machine", "<p>see /home/me/a.csv</p>"),
        ("mark that was not read", "<p>a **bold** word</p>"),
        ("mark that was not read", "<p>see [a](studies/a.md)</p>"),
        ("mark that was not read", "<p>a &amp;amp; b</p>"),
        ("text that is to be written", "<p>To fill in: the story.</p>"),
        ("text that is to be written", "<p>TODO</p>"),
        ("text in another encoding", "<p>\u00c2\u00b1 0.3</p>"),
        ("text in another encoding", "<p>it\u00e2\u20ac\u2122s</p>"),
        ("value that is none", "<p>ahead by -nan points</p>"),
        ("value that is none", '<p data-values="[1, NaN]">text</p>'),
        ("value that is none", '<p data-mean="nan">text</p>'),
        ("value that is none", '<script type="application/json">{"a": Infinity}</script>'),
        ("JSON-LD that does not parse", '<script type="application/ld+json">[NaN]</script>'),
        ("drawing at no place", '<p style="width: nan%">text</p>'),
        ("drawing at no place", '<svg><path d="M0 0" stroke-width="nan"/></svg>'),
        ("picture without a file", '<img alt="A line.">'),
        (
            "rows of another length",
            '<table><tr><th scope="col">a</th><td>2</td></tr><tr><td>1</td></tr></table>',
        ),
    ],
)
def test_a_page_with_one_fault_is_refused_by_its_rule(site: Path, what: str, body: str) -> None:
    (site / "index.html").write_text(page(body), encoding="utf-8")
    assert faults(site) == [("index.html", what)]


def test_a_sound_page_is_looked_at_again_once_it_the_theme_or_a_rule_changes(
    site: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = Cache(tmp_path_factory.mktemp("cache"))
    assert inspect(site, ["index.html"], cache=cache) == []
    assert inspect(site, ["index.html"], theme=set(), cache=cache) != []
    with monkeypatch.context() as patch:
        patch.setattr(gate, "RULES", (lambda _: pytest.fail("It is looked at again."),))
        assert inspect(site, ["index.html"], cache=cache) == []
        patch.setattr(gate, "source_digest", lambda *_: "other rules")
        with pytest.raises(pytest.fail.Exception, match="again"):
            inspect(site, ["index.html"], cache=cache)
    (site / "index.html").write_text(page('<img src="figures/a.svg" alt=" ">'), encoding="utf-8")
    # What has a fault is not noted as sound.
    first, second = (inspect(site, ["index.html"], cache=cache) for _ in range(2))
    assert first == second != []


def test_a_missing_page_is_refused(site: Path) -> None:
    problems = inspect(site, ["methods.html"])
    assert [(problem.page, problem.rule) for problem in problems] == [
        ("methods.html", "missing page")
    ]


@pytest.mark.parametrize("head", [ABOUT, f"<title> </title>{ABOUT}"])
def test_a_page_without_a_title_is_refused(site: Path, head: str) -> None:
    (site / "index.html").write_text(page("<p>text</p>", head), encoding="utf-8")
    assert faults(site) == [("index.html", "no title")]


HERE = "https://example.org/bn/"


def offering(address: str, canonical: str = "") -> str:
    """A page that offers a file for download in its JSON-LD."""
    files = f'{{"distribution": [{{"@type": "DataDownload", "contentUrl": "{address}"}}]}}'
    named = f'<link rel="canonical" href="{canonical}">' if canonical else ""
    script = f'<script type="application/ld+json">{files}</script>'
    return page("<p>text</p>", f"<title>Methods</title>{ABOUT}{named}{script}")


@pytest.mark.parametrize(
    ("name", "address", "canonical"),
    [
        ("methods.html", "polyfills", ""),
        ("methods.html", "polyfills", f"{HERE}methods.html"),
        ("methods.html", f"{HERE}polyfills", f"{HERE}methods.html"),
        ("index.html", f"{HERE}polyfills", HERE),
        ("studies/a.html", f"{HERE}polyfills", f"{HERE}studies/a.html"),
        ("studies/a.html", "figures/a.svg", ""),
    ],
)
def test_a_download_that_is_offered_and_not_there_is_refused(
    site: Path, name: str, address: str, canonical: str
) -> None:
    (site / name).write_text(offering(address, canonical), encoding="utf-8")
    assert (name, "broken address in JSON-LD") in faults(site)


@pytest.mark.parametrize(
    ("name", "address", "canonical"),
    [
        ("methods.html", "figures/a.svg", ""),
        ("methods.html", f"{HERE}figures/a.svg", f"{HERE}methods.html"),
        ("index.html", f"{HERE}figures/a.svg", HERE),
        ("methods.html", "https://example.org/other/file.csv", f"{HERE}methods.html"),
    ],
)
def test_a_download_that_is_there_or_of_another_site_is_let_through(
    site: Path, name: str, address: str, canonical: str
) -> None:
    (site / name).write_text(offering(address, canonical), encoding="utf-8")
    assert [fault for fault in faults(site) if fault[0] == name] == []


def test_json_ld_that_does_not_parse_is_refused(site: Path) -> None:
    script = '<script type="application/ld+json">{"contentUrl": </script>'
    (site / "index.html").write_text(page("<p>text</p>", HEAD + script), encoding="utf-8")
    assert faults(site) == [("index.html", "JSON-LD that does not parse")]


@pytest.mark.parametrize("length", [0, 161])
def test_a_page_without_a_short_description_is_refused(site: Path, length: int) -> None:
    head = f'<title>Home</title><meta name="description" content="{"a" * length}">'
    (site / "index.html").write_text(page("<p>text</p>", head), encoding="utf-8")
    assert faults(site) == [("index.html", "no short description")]


def test_two_pages_of_one_title_are_refused(site: Path) -> None:
    head = f"<title>A</title>{ABOUT}"
    (site / "index.html").write_text(page("<p>text</p>", head), encoding="utf-8")
    assert [what for _, what in faults(site)] == ["title of two pages"]


HARD = "Institutional considerations notwithstanding, " * 6 + "individualization predominates."


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (f"<article><p>{HARD}</p></article>", ["hard to read"]),
        (f"<article><p>{HARD}</p>{'<p>So it is. We go on.</p>' * 60}</article>", []),
        (f"<article><pre>{HARD}</pre><p><code>{HARD}</code></p></article>", []),
        (f"<p>{HARD}</p>", []),
    ],
)
def test_a_page_that_is_hard_to_read_is_refused(site: Path, body: str, what: list[str]) -> None:
    (site / "index.html").write_text(page(body), encoding="utf-8")
    assert [found for _, found in faults(site)] == what


@pytest.mark.parametrize(
    "body",
    [
        '<table><tr><th scope="row">a</th><td>None</td><td></td></tr></table>',
        '<table><tr><th scope="row">a</th><td>a loss of nan once</td></tr></table>',
        '<p data-label="none">A pixel of 1e30 is NaN-free; 0.12345678.</p>',
        '<table><tr><th scope="col">a</th><th scope="col" colspan="2">b</th></tr><tr>'
        '<td rowspan="2">1</td><td>2</td><td>3</td></tr><tr><td colspan="2">4</td></tr></table>',
        "<p>None of them, a nan-safe mean, <code>nan</code>; undefinedness</p>",
        '<p><span class="value">Inf. 3</span></p>',
    ],
)
def test_good_english_is_no_value_that_is_none(site: Path, body: str) -> None:
    (site / "index.html").write_text(page(body), encoding="utf-8")
    assert faults(site) == ([("index.html", "value that is none")] if " nan once" in body else [])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda text: text[: len(text) // 2], "half a page"),
        (lambda text: text[len(text) // 2 :], "half a page"),
        (lambda text: text.removesuffix(b"</html>"), "half a page"),
        (lambda text: text.replace(b"A heading", b"A\0heading"), "sign that nobody sees"),
        (lambda text: text.replace(b"A heading", b"A \xff heading"), "damaged page"),
    ],
)
def test_half_a_page_and_a_damaged_one_are_refused(
    site: Path, change: Callable[[bytes], bytes], what: str
) -> None:
    path = site / "index.html"
    path.write_bytes(change(path.read_bytes()))
    found = faults(site)
    assert ("index.html", what) in found
    assert {name for name, _ in found} == {"index.html"}


def test_an_empty_page_is_refused(site: Path) -> None:
    (site / "index.html").write_text("", encoding="utf-8")
    found = {what for _, what in faults(site)}
    assert found > {"no short description", "no title", "no heading of its own", "no language"}


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("object-src 'none'", "", "no content security policy"),
        ("base-uri 'none'", "base-uri 'self'", "loose content security policy"),
        ("form-action 'none'", "form-action *", "loose content security policy"),
        ("script-src ", "script-src 'unsafe-inline' ", "loose content security policy"),
        ("script-src ", "script-src data: ", "loose content security policy"),
        ("img-src ", "connect-src https:; img-src ", "loose content security policy"),
        ("'sha256-", "'sha512-", "script that the policy stops"),
        ("Content-Security-Policy", "X-Policy", "no content security policy"),
    ],
)
def test_a_page_without_the_whole_policy_is_refused(
    site: Path, old: str, new: str, what: str
) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    assert old in text
    (site / "index.html").write_text(text.replace(old, new), encoding="utf-8")
    assert ("index.html", what) in faults(site)


def test_a_sealed_page_runs_the_scripts_of_the_error_page_and_no_other() -> None:
    room = page("<script>alert(1)</script>", policy=ROOM)
    theme = {plain(SCRIPT.format("/"))}
    sealed_page = sealed(room, theme, "index.html")
    assert f"{ROOM} {digest(SCRIPT.format('.'))}" in sealed_page
    assert digest("alert(1)") not in sealed_page
    with pytest.raises(PageError, match=r"index\.html.*Received: 0 times"):
        sealed(page("text"), theme, "index.html")


# Figures that no reader should meet, and what is wrong with each.
FIGURES = [
    ("", "damaged file"),
    ("<svg>", "damaged file"),
    ('<html><path d="M0 0"/></html>', "figure that is more"),
    (f'<?xml-stylesheet href="a.css"?>{SVG.format(LINE)}', "figure that is more"),
    (f'<!DOCTYPE svg [<!ENTITY a "b">]>{SVG.format(LINE)}', "figure that is more"),
    *(
        (SVG.format(drawing), what)
        for drawing, what in [
            ("", "empty figure"),
            ("<path/><script>a</script>", "figure that is more"),
            ('<path onclick="a"/>', "figure that is more"),
            ('<use href="https://example.org/#a"/>', "figure that is more"),
            ('<path style="fill: url(a.svg)"/>', "figure that is more"),
            ("<text>nan</text>", "value that is none"),
            ("<text>None</text>", "value that is none"),
            ("<text>nan%</text>", "value that is none"),
            ("<text>a<tspan>b</tspan>-nan</text>", "value that is none"),
            ('<path d="M0 0" aria-label="nan"/>', "value that is none"),
            ("<text>p = 1e-05</text>", "printed by a program"),
            ('<path d=""/>', "empty figure"),
            ('<defs><path d="M0 0"/></defs>', "empty figure"),
            ('<path d="M0 0"/><animateTransform/>', "figure that is more"),
            ('<image href="data:image/svg+xml,a"/>', "figure that is more"),
            ('<path d="M0 0" opacity="nan"/>', "drawing at no place"),
            ("<text>a\u200bb</text>", "sign that nobody sees"),
            ("<text>&lt;A object at 0x7f001122&gt;</text>", "object of Python"),
            ('<path d="M nan nan L 1 1"/>', "drawing at no place"),
            ('<rect width="NaN"/>', "drawing at no place"),
            ('<rect x="inf"/>', "drawing at no place"),
            ("<text>by {gain}</text>", "leftover template mark"),
            ("<text>a\u202eb</text>", "sign that nobody sees"),
        ]
    ),
]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        *(("figures/a.svg", figure, what) for figure, what in FIGURES),
        ("figures/a.png", "no picture", "damaged file"),
        ("assets/card.png", "", "damaged file"),
        ("assets/card.png", png(*PARTS)[:-3], "damaged file"),
        ("assets/card.png", png(*PARTS).replace(b"0000", b"0001", 1), "damaged file"),
        ("assets/card.png", png(*PARTS[1:]), "damaged file"),
        ("assets/card.png", png(*PARTS[:2]), "damaged file"),
        ("data/a.csv", "seed,loss\n1\n", "damaged table"),
        ("data/a.csv", "seed,seed\n1,2\n", "damaged table"),
        ("data/a.csv", "seed,loss\n", "table without a row"),
        ("data/a.csv", "", "damaged file"),
        ("data/a.csv", "seed,loss\n1,2\n1,2\n", "damaged table"),
        ("data/a.csv", "seed,loss\n1,2", "half a file"),
        ("data/a.csv", "seed,loss\n1,nan\n", "value that is none"),
        ("data/a.csv", "seed,loss\n1,None\n", "value that is none"),
        ("data/a.csv", "seed,loss\n1,NaN\n", "value that is none"),
        ("data/a.csv", "seed,loss\n1,abc\n", "word in a column of type number"),
        ("data/a.csv", "seed,loss\n1.5,2\n", "word in a column of type integer"),
        ("data/a.csv", "seed,loss\n1,a\u200bb\n", "sign that nobody sees"),
        ("data/a.csv", "seed,loss\n1,<A object at 0x7f001122>\n", "object of Python"),
        ("data/a.csv", "loss,seed\n1,2\n", "other columns than data/datapackage.json says"),
        ("data/a.csv", "seed,loss\n1,-0.7\n", "sums that do not hold"),
        ("data/README.txt", "What there\n", "sums that do not hold"),
        ("data/README.txt", "", "empty file"),
        ("data/README.txt", "What th", "half a file"),
        ("data/SHA256SUMS.txt", "", "sums that do not hold"),
        ("data/SHA256SUMS.txt", b"\xff", "sums that do not hold"),
        ("data/SHA256SUMS.txt", f"{'0' * 64}  b.csv\n", "sums that do not hold"),
        ("CITATION.cff", "", "empty file"),
        ("CITATION.cff", CITATION[: len(CITATION) // 2], "half a file"),
        ("CITATION.cff", CITATION[: CITATION.index("authors")], "half a file"),
        ("CITATION.cff", f"{CITATION}\t: [\n", "damaged file"),
        ("code/a.py", "def a(:\n", "half a file"),
        ("code/a.toml", "[a\n", "damaged file"),
        ("assets/a.woff2", b"wOF2" + bytes(40), "damaged file"),
        ("assets/a.exe", "MZ\n", "file of a strange kind"),
        (".env", "KEY=1\n", "file of a strange kind"),
        ("downloads/a.py", "", "empty file"),
        ("downloads/a.py", PROGRAM[: len(PROGRAM) // 2], "half a file"),
        ("downloads/a.py", PROGRAM[: PROGRAM.index("if __name__")], "half a file"),
        ("downloads/a.py", PROGRAM[PROGRAM.index("def main") :], "half a file"),
        ("data/a.csv", "seed,loss\n1,a\u202eb\n", "sign that nobody sees"),
        ("data/README.txt", "What\n<<<<<<< HEAD\nthere is.\n", "half a merge"),
        ("data/README.txt", "What\0there is.\n", "damaged file"),
        (
            "data/a.csv",
            'seed,loss\n1,"=HYPERLINK(""https://example.org"")"\n',
            "formula in a table",
        ),
        ("data/a.csv", "seed,-cmd\n1,2\n", "formula in a table"),
        ("data/a.jsonl", '{"seed": 1}\n{"seed"', "damaged file"),
        ("data/a.jsonl", '{"loss": NaN}\n', "damaged file"),
        ("data/a.jsonl", "", "damaged file"),
        ("data/claims.json", "[", "damaged file"),
        ("notebook.ipynb", "{", "damaged file"),
        ("search/search_index.json", '{"docs": []}', "damaged search index"),
        ("search/search_index.json", "{}", "damaged search index"),
        ("search/search_index.js", "var __index = {", "damaged search index"),
        ("search/search_index.js", INDEX.replace("a.html", "b.html"), "damaged search index"),
        ("search/search_index.js", '{"docs": [NaN]}', "damaged search index"),
        ("search/search_index.json", json.dumps({"docs": ENTRIES[:1]}), "damaged search index"),
        ("search/search_index.json", indexed(text="<script>a</script>"), "search index that runs"),
        ("search/search_index.json", indexed(title="<img src=x>"), "search index that runs"),
        ("search/search_index.json", indexed(text='<p onclick="a">b</p>'), "search index that"),
        ("search/search_index.json", indexed(text="by [[ gain ]]"), "leftover template mark"),
        ("search/search_index.json", indexed(title="a\u202eb"), "sign that nobody sees"),
        ("search/search_index.json", indexed(title="a\0b"), "sign that nobody sees"),
        ("sitemap.xml", "<urlset>", "damaged file"),
        ("sitemap.xml", "<html/>", "damaged sitemap"),
        ("sitemap.xml", mapped("", "studies/b.html"), "damaged sitemap"),
        ("sitemap.xml", mapped("", "studies/a.html", "gone.html"), "damaged sitemap"),
        ("sitemap.xml", mapped(""), "damaged sitemap"),
        ("sitemap.xml.gz", "no gzip", "damaged file"),
        ("errata.atom", FEED.removesuffix("</feed>"), "damaged file"),
        ("errata.atom", FEED.replace("urn:b", "urn:a"), "damaged feed"),
        ("errata.atom", FEED.replace("Errata", "a\u202eb"), "sign that nobody sees"),
        ("errata.atom", FEED.replace("Errata", "by {gain}"), "leftover template mark"),
        ("errata.atom", FEED.replace("<title>A</title>", ""), "damaged feed"),
        ("errata.atom", FEED.replace("T00:00:00Z", ""), "damaged feed"),
        ("errata.atom", FEED.replace("entry>", "item>"), "damaged feed"),
        ("errata.atom", FEED.replace("2005/Atom", "2004/Atom"), "damaged feed"),
        ("errata.atom", FEED.replace("a.html", "gone.html"), "broken link"),
        ("errata.atom", FEED.replace("a.example/b/studies", "b.example/studies"), "broken link"),
        ("assets/site.js", "import('https://example.org/a.js')", "third-party address"),
        (
            "assets/site.js",
            'fetch("https://example.org/?" + document.title)',
            "third-party address",
        ),
        ("assets/site.js", 'r.open("GET", "//example.org/a")', "third-party address"),
        ("assets/site.js", 'const a = "https://example.org/";\nfetch(a);\n', "third-party address"),
        ("assets/site.js", "eval(location.hash);\n", "script that runs a text"),
        ("assets/site.js", "a(", "half a file"),
        ("assets/site.js", "", "empty file"),
        ("assets/site.css", "", "half a file"),
        ("assets/site.css", "a { top: 0; } b {", "half a file"),
        ("assets/site.js", "a();\n<<<<<<< HEAD\nb();\n", "half a merge"),
        ("assets/site.css", "a { top: 0; }\n>>>>>>> 0123456 (b)\n", "half a merge"),
    ],
)
def test_a_damaged_file_is_refused_by_its_name(
    site: Path, name: str, content: str | bytes, what: str
) -> None:
    (site / name).parent.mkdir(exist_ok=True)
    (site / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    found = faults(site)
    assert found
    # Sums that are others say so of each file of the data.
    assert name in {file for file, _ in found}
    if name != "data/SHA256SUMS.txt":
        assert {file for file, _ in found} == {name}
    assert any(fault.startswith(what) for _, fault in found), found


@pytest.mark.parametrize(
    ("content", "received"),
    [
        ("{}", "it cannot be read: KeyError"),
        ('{"resources": []}', "without data/a.csv"),
        (package("a.csv", "claims.json"), "without data/a.jsonl"),
        (package("a.csv", "a.jsonl", "b.csv"), "no such file: data/b.csv"),
        (package("a.csv", "a.jsonl", columns={}), "without the columns of data/a.csv"),
        ('{"resources": [7]}', "it cannot be read: TypeError"),
        ("[" * 100_000, "it cannot be read: RecursionError"),
        ("", "it cannot be read: JSONDecodeError"),
    ],
)
def test_a_package_that_does_not_name_the_data_is_refused(
    site: Path, content: str, received: str
) -> None:
    (site / "data/datapackage.json").write_text(content, encoding="utf-8")
    found = [
        problem
        for problem in inspect(site, ["index.html"])
        if problem.rule == "package that does not name the data"
    ]
    assert received in [problem.received for problem in found]


@pytest.mark.parametrize("name", ["data/datapackage.json", "data/SHA256SUMS.txt"])
def test_data_without_their_package_or_sums_are_refused(site: Path, name: str) -> None:
    (site / name).unlink()
    assert name in {file for file, _ in faults(site)}


@pytest.mark.parametrize(
    ("content", "received"),
    [
        ('{"@graph": [{"@id": "gone.csv", "@type": "File"}]}', "no such file: data/gone.csv"),
        (
            '{"@graph": [{"@id": "gone.csv", "@type": ["File", "A"]}]}',
            "no such file: data/gone.csv",
        ),
        ('{"@graph": 7}', "it cannot be read: TypeError"),
        ("{}", "it cannot be read: KeyError"),
    ],
)
def test_a_description_of_the_runs_that_names_no_file_is_refused(
    site: Path, content: str, received: str
) -> None:
    (site / "data/ro-crate-metadata.json").write_text(content, encoding="utf-8")
    found = [problem.received for problem in inspect(site, ["index.html"])]
    assert received in found
    sound = '{"@graph": [{"@id": "a.csv", "@type": "File"}, {"@id": "https://a", "@type": "File"}]}'
    (site / "data/ro-crate-metadata.json").write_text(sound, encoding="utf-8")
    assert {rule for _, rule in faults(site)} == {"sums that do not hold"}


def test_a_link_in_place_of_a_file_is_refused(site: Path) -> None:
    (site / "assets/a.css").symlink_to(site / "assets/print.css")
    assert faults(site) == [("assets/a.css", "link in place of a file")]


def test_a_file_of_the_data_that_nobody_lists_is_refused(site: Path) -> None:
    (site / "data/b.txt").write_text("Something else.\n", encoding="utf-8")
    assert faults(site) == [("data/b.txt", "sums that do not hold")]


@pytest.mark.slow
def test_the_programs_that_readers_download_are_whole_and_a_cut_one_is_not() -> None:
    for path in sorted((DOCS / "downloads").glob("*.py")):
        content, name = path.read_bytes(), f"downloads/{path.name}"
        assert [*findings(name, content, [])] == []
        # After each of its statements but the last.
        ends = [node.end_lineno or 0 for node in ast.parse(content).body[2:-1]]
        lines = content.splitlines(keepends=True)
        cuts = [b"".join(lines[:end]) for end in ends]
        told = sum(bool([*findings(name, cut, [])]) for cut in cuts)
        assert told > 0.9 * len(cuts), path.name


def test_a_foreign_style_sheet_is_refused_but_a_foreign_canonical_address_is_not(
    site: Path,
) -> None:
    head = HEAD.replace("assets/site.css", "https://example.org/a.css")
    (site / "index.html").write_text(page("<p>text</p>", head), encoding="utf-8")
    assert faults(site) == [("index.html", "third-party address")]


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("broken address", "@font-face { src: url('math.woff2') }"),
        ("third-party address", "@import 'https://example.org/a.css';"),
    ],
)
def test_a_style_sheet_is_read_too(site: Path, what: str, text: str) -> None:
    (site / "assets/site.css").write_text(text, encoding="utf-8")
    assert faults(site) == [("assets/site.css", what)]


def test_the_error_lists_every_problem_with_its_page_and_what_to_do(site: Path) -> None:
    (site / "index.html").write_text(page('<img src="b.svg">'), encoding="utf-8")
    with pytest.raises(GateError) as error:
        check(site, ["index.html", "methods.html"])
    lines = str(error.value).splitlines()
    assert lines[1:4] == [
        f"  {problem}" for problem in inspect(site, ["index.html", "methods.html"])
    ]
    assert "index.html: broken address: b.svg. Name a file of the site; b.svg is none." in lines[1]


def test_a_problem_reads_as_one_line() -> None:
    assert str(SiteFault("a.html", "no title", "empty", "Name it")) == (
        "a.html: no title: empty. Name it."
    )
