"""Pictures: each box and arrow stands for a value or a cotangent of the explanation."""

import re
import shutil
from xml.etree import ElementTree as ET

import pytest

import symdiff as sd
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.explain.layout import laid_out, size_of
from symdiff.explain.picture import Arrow, written
from tests.test_commands import run

NEEDS_GRAPHVIZ = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")


def explained(text, **at):
    return sd.function(text).explain(at)


def test_boxes_and_arrows_of_a_shared_value():
    picture = explained("t = 3*x; t*y + t", x=2.0, y=5.0).picture()
    boxes = {box.key: box for box in picture.boxes}
    assert boxes["t"].rows == ("t = 3*x", "= 6.0", "t_bar = 6.0")
    assert boxes["t"].is_shared
    assert not boxes["x"].is_shared
    assert boxes["x"].rows == ("x = 2.0", "x_bar = 18.0")
    arrows = set(picture.arrows)
    assert Arrow("x", "t", "dt/dx = 3.0", is_backward=False) in arrows
    assert Arrow("t", "x", "18.0", is_backward=True) in arrows
    assert Arrow("f", "t", "1.0", is_backward=True) in arrows
    assert Arrow("v1", "t", "5.0", is_backward=True) in arrows
    assert Arrow("v1", "y", "6.0", is_backward=True) in arrows


def test_dot_names_each_box_once_and_frames_lines():
    dot = explained("y = x*x\nz = sin(y)\nz*y", x=1.0).picture().dot()
    assert re.findall(r'^ *"(\w+)" \[', dot, re.M) == ["x", "y", "z", "f"]
    assert re.findall(r'label="line (\d)"', dot) == ["1", "2", "3"]


def test_mermaid_escapes_what_means_something_there():
    text = explained("where(x < 1, x, 2*x)", x=0.5).picture().mermaid()
    assert "x &lt; 1" in text
    assert text.count("-.->") == text.count("#D55E00")
    assert text.count("-->") == text.count("#0072B2")


def test_a_large_graph_is_folded_by_lines():
    lines = [f"a{k} = {' + '.join(f'sin({j}*x)*{k}' for j in range(1, 40))}" for k in range(1, 4)]
    picture = explained("\n".join([*lines, "a1*a2*a3"]), x=1.0).picture()
    assert {box.key for box in picture.boxes} == {"x", "line 1", "line 2", "line 3", "line 4"}
    assert Arrow("line 4", "line 2", "", is_backward=True) in picture.arrows


@NEEDS_GRAPHVIZ
@pytest.mark.parametrize(
    ("end", "start"), [(".svg", b"<?xml"), (".png", b"\x89PNG"), (".pdf", b"%PDF")]
)
def test_graphviz_draws(tmp_path, end, start):
    found = explained("t = 3*x; t*y + t", x=2.0, y=5.0)
    assert written(found.picture(), tmp_path / f"g{end}").startswith(start)


def test_without_graphviz_the_other_formats_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(UnsupportedError, match="needs Graphviz"):
        written(explained("x*x", x=1.0).picture(), tmp_path / "g.png")
    assert written(explained("x*x", x=1.0).picture(), tmp_path / "g.svg").startswith(b"<svg")


PROGRAMS = {
    "t = 3*x; t*y + t": {"x": 2.0, "y": 5.0},
    "x": {"x": 1.0},
    "+".join(f"sin({k}*x)" for k in range(12)): {"x": 0.5},
    "a = x*y; b = a*x; c = b*a*y; d = c/(a + b); d*c*b*a": {"x": 1.5, "y": -0.5},
}


@pytest.mark.parametrize("text", PROGRAMS)
def test_boxes_do_not_overlap_and_arrows_lead_down(text):
    picture = sd.function(text).explain(PROGRAMS[text]).picture()
    pairs = [(a.start, a.end) for a in picture.arrows if not a.is_backward]
    layout = laid_out({box.key: size_of(box.rows) for box in picture.boxes}, pairs)
    boxes = list(layout.boxes.values())
    for k, (x, y, width, height) in enumerate(boxes):
        assert width / 2 <= x <= layout.width - width / 2
        assert height / 2 <= y <= layout.height - height / 2
        for u, v, wide, tall in boxes[:k]:
            assert abs(x - u) >= (width + wide) / 2 or abs(y - v) >= (height + tall) / 2
    for start, end in pairs:
        assert layout.boxes[start][1] < layout.boxes[end][1]
        assert len(layout.curves[start, end]) >= 2
    root = ET.fromstring(picture.svg())
    texts = ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {row for box in picture.boxes for row in box.rows} <= set(texts)


def test_notebooks_show_the_graph():
    for mode in ("reverse", "forward"):
        picture = sd.function("x*y").explain({"x": 1.0, "y": 2.0}, mode=mode).picture()
        assert picture._repr_svg_().startswith("<svg")
        assert "x_bar = 2.0" in picture._repr_svg_().replace('<tspan data-v="bar:x">', "")
        assert set(picture._repr_mimebundle_()) == {"image/svg+xml", "text/vnd.graphviz"}


def test_names_are_quoted_in_svg():
    picture = explained("where(x < 1 and x > 0, x, 2*x)", x=0.5).picture()
    ET.fromstring(picture.svg())
    assert "x &lt; 1" in picture.svg()


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(SymdiffError, match=r"\.svg, \.png, \.pdf, \.dot, \.mmd"):
        written(explained("x*x", x=1.0).picture(), tmp_path / "g.jpg")


def test_many_lines_are_folded_into_ranges():
    lines = [f"a{k} = sin(a{k - 1}) + {k}*x" for k in range(1, 200)]
    picture = explained("\n".join(["a0 = x*x", *lines, "a199"]), x=1.0).picture()
    assert len(picture.boxes) <= 41
    assert picture.boxes[1].key == "lines 1 to 5"
    assert picture.boxes[1].rows[1] == "12 steps"  # x*x, and three a line but for 1*x
    ET.fromstring(picture.svg())


@pytest.mark.parametrize("is_of_lines", [True, False])
def test_a_function_of_very_many_steps_has_an_outline(is_of_lines, tmp_path):
    count = 7_000
    if is_of_lines:
        lines = [f"a{k} = sin(a{k - 1})*y + {k}*x" for k in range(1, count)]
        text = "\n".join(["a0 = x", *lines, f"a{count - 1}"])
    else:
        text = " + ".join(f"sin({k}*x)*y" for k in range(1, count))
    source = tmp_path / "long.sd"
    source.write_text(text)
    result = run("graph", str(source), "--wrt", "x")
    assert result.exit_code == 0, result.output
    steps = [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) steps?\"", result.stdout)]
    assert sum(steps) == sum(bool(node.args) for node in sd.function(text).primal.nodes)
    boxes = set(re.findall(r'^ *"([^"]+)" \[', result.stdout, re.M))
    ways = set(re.findall(r'^ *"([^"]+)" -> "([^"]+)"', result.stdout, re.M))
    assert {end for way in ways for end in way} == boxes
    assert 3 <= len(boxes) <= 42
    assert ("y", "x") not in ways
    back = [end for _, end in ways if end in ("x", "y")]
    assert set(back) == {"x"}  # to y no derivative goes
