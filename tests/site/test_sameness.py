"""Two sites are equal but for the tag of their builder, and any other difference is named."""

import gzip
from pathlib import Path

import pytest

from bnreport.site.sameness import differences

PAGE = '<html><head><meta name="generator" content="{}"></head><body>{}</body></html>'


def written(site: Path, builder: str, time: int) -> Path:
    (site / "learn").mkdir(parents=True)
    (site / "index.html").write_text(PAGE.format(builder, "Text."), encoding="utf-8")
    (site / "learn" / "what.html").write_text(PAGE.format(builder, "What."), encoding="utf-8")
    (site / "site.css").write_text("a {}", encoding="utf-8")
    (site / "sitemap.xml.gz").write_bytes(gzip.compress(b"<urlset/>", mtime=time))
    return site


@pytest.fixture
def sites(tmp_path: Path) -> tuple[Path, Path]:
    """Two equal sites of two builders, made at two times."""
    return written(tmp_path / "a", "one 1.0", 1), written(tmp_path / "b", "other 2.0", 2)


def test_the_tag_of_the_builder_and_the_time_of_packing_may_differ(
    sites: tuple[Path, Path],
) -> None:
    assert differences(*sites) == []


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("index.html", PAGE.format("other 2.0", "Another text."), "index.html: b'"),
        ("index.html", PAGE.format("other 2.0", "Text. "), "index.html: b'"),
        ("learn/what.html", None, "learn/what.html: only in the first"),
        ("learn/more.html", "more", "learn/more.html: only in the second"),
        # Only pages have such a tag.
        ("site.css", 'a {}<meta name="generator" content="a">', "site.css: b'"),
        ("sitemap.xml.gz", gzip.compress(b"<urlset></urlset>", mtime=0), "sitemap.xml.gz: b'"),
    ],
)
def test_any_other_difference_is_named_with_its_file(
    sites: tuple[Path, Path], name: str, content: str | bytes | None, reason: str
) -> None:
    path = sites[1] / name
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    (line,) = differences(*sites)
    assert line.startswith(reason)
