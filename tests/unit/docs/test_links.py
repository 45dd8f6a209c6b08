"""No link of a page leads nowhere, and the index leads to every page."""

from __future__ import annotations

from pathlib import Path

from tests.unit.docs.markdown import ROOT, anchors, broken, links, pages, prose


def test_no_link_is_broken() -> None:
    found = [(page.relative_to(ROOT).as_posix(), target) for page in pages() for target in links(page)]
    assert len(found) > 100
    assert [(page, target) for page, target in found if broken(ROOT / page, target)] == []


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs/index.md"
    named = {(index.parent / target.partition("#")[0]).resolve() for target in links(index)}
    inside = {page for page in pages() if page.is_relative_to(ROOT / "docs")} - {index}
    assert sorted(page.relative_to(ROOT).as_posix() for page in inside - named) == []


def test_the_reader_finds_what_breaks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One\n## A `b` & c!\n## One\n"
        "[ok](#a-b--c) [again](#one-1) [no](#two) [gone](gone.md) [self](page.md#one)\n"
        "[out](https://example.com) `[code](x)`\n```\n[block](y)\n# not a heading\n```\n"
    )
    assert anchors(page) == {"one", "a-b--c", "one-1"}
    assert [target for target in links(page) if broken(page, target)] == ["#two", "gone.md"]
    assert "block" not in prose(page)
