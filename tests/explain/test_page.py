"""Pages: whole without a network, safe for any source, and their numbers those of the module."""

import html
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

import symdiff as sd
from symdiff.errors import LimitError
from symdiff.explain.words import shown
from tests.explain.page import data_of, numbers_of
from tests.explain.test_explanation import FORMULAS, HOSTILE
from tests.test_commands import run

VOID = {"meta", "input", "br", "option"}


class Balanced(HTMLParser):
    """State that each element is closed where it should be; keep its scripts and texts."""

    def __init__(self, page):
        super().__init__()
        self.open, self.tags, self.texts, self.attributes = [], [], {}, []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.attributes += attrs

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        key = self.open[-1] if self.open else ""
        self.texts[key] = self.texts.get(key, "") + data


def check_page(page):
    found = Balanced(page)
    assert page.startswith("<!DOCTYPE html>")
    for name, value in found.attributes:
        assert name not in ("src", "srcset", "onclick", "onload")
        if name == "href":
            assert value.startswith("#")
    assert set(re.findall(r"https?://[\w./]+", page)) <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\((?!#)|fetch\(|XMLHttpRequest|import\(", page)
    json.loads(data_of(page))
    return found


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_numbers_are_those_of_the_module(text, mode):
    function, at = sd.function(text), FORMULAS[text]
    page = function.explain(at, mode=mode).html()
    check_page(page)
    numbers = numbers_of(page)
    value, gradient = function.value_and_grad()(*[at[name] for name in function.inputs])
    parts = gradient if len(function.wrt) > 1 else (gradient,)
    for name, part in zip(function.wrt, parts, strict=True):
        (text_of_it,) = numbers[f"bar:{name}"]
        assert text_of_it == str(shown(part))
    output = json.loads(data_of(page))["output"]
    assert numbers[f"value:{output}"] == {str(shown(value))}
    chosen = re.findall(r'<option value="([^"]*)" selected', page)
    assert chosen[0] == ("backward" if mode == "reverse" else f"forward:{function.wrt[0]}")


def test_a_page_of_a_hostile_source():
    function = sd.function(HOSTILE)
    page = function.explain({"x": 1.0}).html()
    found = check_page(page)
    assert page.count("</script>") == page.count("<script") == 6
    assert "{{ 7*7 }}" in page
    assert "49" not in found.texts["pre"]
    assert HOSTILE in found.texts["pre"]
    data = json.loads(data_of(page))
    spans = [HOSTILE[slice(*step["span"])] for step in data["steps"]]
    assert spans == ["x*2", "κ + 0.5"]


def test_spans_count_as_javascript_does():
    text = "# 🙂\ny = x*x\ny + 1"
    data = json.loads(data_of(sd.function(text).explain({"x": 1.0}).html()))
    units = text.encode("utf-16-le")
    spans = [step["span"] for step in data["steps"]]
    texts = [units[2 * start : 2 * end].decode("utf-16-le") for start, end in spans]
    assert texts == ["x*x", "y + 1"]


def network():
    rng = np.random.default_rng(0)

    def loss(W1, b1, W2, b2, X, y):
        h = np.maximum(X @ W1 + b1, 0.0)
        return np.mean((h @ W2 + b2 - y) ** 2)

    shapes = {"W1": (10, 20), "b1": (20,), "W2": (20, 1), "b2": (1,), "X": (32, 10), "y": (32, 1)}
    point = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    return sd.function(loss, wrt="W1, b1, W2, b2", shapes=shapes), point


def test_a_page_of_a_network_is_small_and_shows_its_lines():
    function, point = network()
    page = function.explain(point).html()
    check_page(page)
    assert len(page.encode()) < 200_000
    assert "Without sliders: v1 = X @ W1 is of arrays." in page
    data = json.loads(data_of(page))
    source = re.search(r'<pre id="source"[^>]*>(.*?)</pre>', page, re.S)[1]
    assert [source[slice(*step["span"])] for step in data["steps"]][:2] == ["X @ W1", "X @ W1 + b1"]
    assert len(data["errors"]) == 4
    gradient = function.grad()(*[point[name] for name in function.inputs])
    numbers = numbers_of(page)
    for name, part in zip(function.wrt, gradient, strict=True):
        assert str(shown(part)) in numbers[f"bar:{name}"]


def test_why_there_are_no_sliders():
    page = html.unescape(sd.function("gamma(x)").explain({"x": 2.5}).html())
    assert "Without sliders: f = gamma(x) needs 'gamma', which Math lacks." in page

    def root(x):
        y = x
        while y * y > x + 1e-9:
            y = 0.5 * (y + x / y)
        return y

    page = sd.function(root).explain({"x": 2.0}).html()
    assert "how often a loop runs depends on the point" in page
    assert json.loads(data_of(page))["samples"] is None  # below 0 the loop would not end


def test_a_page_of_a_constant_and_of_an_input():
    for text, at in (("2", {}), ("x", {"x": 1.0})):
        function = sd.function(text)
        if at:
            check_page(function.explain(at).html())


def test_a_page_of_many_steps_is_refused(monkeypatch):
    monkeypatch.setattr("symdiff.explain.page.MOST_STEPS", 5)
    text = "+".join(f"sin({k}*x)" for k in range(1, 5))
    with pytest.raises(LimitError, match=r"a page of \d+ steps is not made"):
        sd.function(text).explain({"x": 1.0}).html()


def test_the_command_writes_a_page(tmp_path):
    path = tmp_path / "page.html"
    result = run("explain", "x*y", "--at", "x=2,y=3", "--html", str(path))
    assert (result.exit_code, result.stdout) == (0, "")
    check_page(path.read_text(encoding="utf-8"))
    result = run("explain", "x*y", "--at", "x=2,y=3", "--html", str(tmp_path / "no" / "page.html"))
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


def test_the_title_is_a_line_that_says_what_is_computed():
    page = sd.function("# a mean\nX: [2, 3]\nk: int\nmean(X)*k").explain(
        {"X": [[1] * 3] * 2, "k": 2}
    )
    assert "<title>mean(X)*k" in page.html()
