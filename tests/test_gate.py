"""Each rule of the gate refuses one broken page, and lets a sound site through."""

from pathlib import Path

import pytest

from bnreport.errors import GateError
from bnreport.gate import Problem, check, inspect

SOUND = """
<p id="top-part">Text with <a href="studies/a.html#part">a part</a>, <a href="#top-part">here</a>,
<a href="https://example.org/">elsewhere</a> and <a href="mailto:a@example.org">mail</a>.</p>
<p>It costs $5 or {x}; <math><mi>x</mi><annotation>\\frac{1}{2}</annotation></math></p>
<pre>if [[ -f x ]]; then echo "{{ name }}"; fi</pre><code>{% if %}</code>
<img src="figures/a.svg" srcset="figures/a.svg 1x, figures/a.svg 2x" alt="A rising line.">
<img src="data:image/png;base64,AA==" aria-hidden="true">
<svg role="img"><title>A dot</title></svg>
"""
ABOUT = '<meta name="description" content="What it is about.">'
HEAD = f"""<title>Home</title>{ABOUT}<link rel="canonical" href="https://example.org/">
<link rel="stylesheet" href="assets/site.css"><script src="assets/site.js"></script>"""


def page(body: str, head: str = HEAD) -> str:
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site without a fault."""
    files = {
        "index.html": page(SOUND),
        "studies/a.html": page('<h2 id="part">Part</h2>', f"<title>A</title>{ABOUT}"),
        "404.html": page('<a href="/somewhere/index.html">Home</a>', f"<title>Lost</title>{ABOUT}"),
        "assets/site.css": '@import "print.css"; a { background: url("../figures/a.svg#b") }',
        "assets/print.css": "a { background: url(data:image/png;base64,AA==) }",
        "assets/site.js": "",
        "figures/a.svg": "<svg/>",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def faults(site: Path) -> list[tuple[str, str]]:
    return [(problem.page, problem.what) for problem in inspect(site, ["index.html"])]


def test_a_sound_site_has_no_fault(site: Path) -> None:
    assert inspect(site, ["index.html", "studies/a.html"]) == []
    check(site, ["index.html"])


@pytest.mark.parametrize(
    ("what", "body"),
    [
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
        ("third-party address", '<iframe src="https://example.org/"></iframe>'),
        ("third-party address", "<style>@import 'https://example.org/a.css';</style>"),
        ("third-party address", "<style>p { src: url(https://example.org/a.woff2) }</style>"),
        ("third-party address", '<script>import m from "https://example.org/m.js"</script>'),
        ("raw TeX", "<p>the mean \\frac{1}{m} of it</p>"),
        ("raw TeX", "<p>the mean $x_i$ of it</p>"),
        ("raw TeX", "<p>$$x$$</p>"),
    ],
)
def test_a_page_with_one_fault_is_refused_by_its_rule(site: Path, what: str, body: str) -> None:
    (site / "index.html").write_text(page(body), encoding="utf-8")
    assert faults(site) == [("index.html", what)]


def test_a_missing_page_is_refused(site: Path) -> None:
    problems = inspect(site, ["methods.html"])
    assert [(problem.page, problem.what) for problem in problems] == [
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
    assert faults(site) == []


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


def test_an_empty_page_is_refused(site: Path) -> None:
    (site / "index.html").write_text("", encoding="utf-8")
    assert faults(site) == [("index.html", "no short description"), ("index.html", "no title")]


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
    assert str(Problem("a.html", "no title", "empty", "Name it")) == (
        "a.html: no title: empty. Name it."
    )
