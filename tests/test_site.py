"""The site is built without a warning, and holds what the pages say that it adds to them."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import symdiff as sd

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("furo", "myst_nb", "latex2mathml")),
    reason="the site's generator is not installed: the extra docs",
)


class Addresses(HTMLParser):
    """What a page loads, what it links to, and the names that it can be entered at."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.anchors.add(found.get("id") or "")
        if tag in ("script", "img", "iframe") and found.get("src"):
            self.loaded.append(str(found["src"]))
        if tag == "link" and found.get("rel") == "stylesheet":
            self.loaded.append(str(found["href"]))
        if tag == "a" and found.get("href"):
            self.links.append(str(found["href"]))


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the site, built as CONTRIBUTING.md says."""
    built = tmp_path_factory.mktemp("site")
    command = ["-m", "sphinx", "-q", "--fail-on-warning", "docs", str(built)]
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return built


def pages(site):
    return {path: Addresses(path.read_text("utf-8")) for path in site.rglob("*.html")}


def test_contributing_names_the_command() -> None:
    command = "sphinx --fresh-env --fail-on-warning docs build/site"
    assert command in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_a_page_loads_nothing_from_elsewhere(site) -> None:
    assert [url for page in pages(site).values() for url in page.loaded if "//" in url] == []


def test_links_inside_of_the_site_lead_somewhere(site) -> None:
    found = pages(site)
    lost = []
    for path, page in found.items():
        for link in page.links:
            target, _, anchor = link.partition("#")
            if ":" in target or not (target or anchor):
                continue
            there = (path.parent / target).resolve() if target else path
            known = (
                found[there].anchors if there in found else ({anchor} if there.exists() else set())
            )
            if anchor not in known and (anchor or not there.exists()):
                lost.append((path.name, link))
    assert lost == []


def test_the_reference_holds_every_public_name(site) -> None:
    anchors = Addresses((site / "api.html").read_text("utf-8")).anchors
    names = {f"symdiff.{name}" for name in sd.__all__ if name != "__version__"}
    names |= {"symdiff.torch.wrap", "symdiff.jax.wrap"}
    names |= {f"symdiff.parallel.{name}" for name in sd.parallel.__all__}
    assert names - anchors == set()


def test_every_command_and_every_example_is_there(site) -> None:
    from symdiff.commands import group

    commands = Addresses((site / "commands.html").read_text("utf-8")).anchors
    assert set(group.commands) - commands == set()
    examples = (site / "examples.html").read_text("utf-8")
    assert [p.name for p in (ROOT / "examples").glob("*.py") if p.name not in examples] == []


def test_the_search_finds_words_of_the_pages(site) -> None:  # by their stems
    index = (site / "searchindex.js").read_text("utf-8")
    for word in ("cotang", "brussel", "checkpoint"):
        assert re.search(rf'\b{word}"?:', index), word
