"""Pictures of loops and branches: frames around a step, whose numbers mpmath computes anew."""

import re
from xml.etree import ElementTree as ET

import mpmath as mp
import numpy as np
import pytest

import symdiff as sd
from symdiff.explain.nest import nested


def rolled(x, w):
    for i in range(30):
        x = np.tanh(w * x + 0.1 * i)
    return x * x


def newton(a):
    x = 1.0
    while abs(x * x - a) > 1e-9:
        x = 0.5 * (x + a / x)
    return x * a


def branched(x, y):
    if x > y:
        z = x * x
        z = z + y
    else:
        z = np.sin(y)
    return z * x


def selected(xs, w):
    s = 0.0
    for i in range(xs.shape[0]):
        if xs[i] > 0:  # noqa: SIM108
            s = s + w * xs[i]
        else:
            s = s + np.exp(w)
    return s / xs.shape[0]


def twice(x, w):
    for _ in range(20):
        for _ in range(25):
            x = x + 0.01 * np.sin(w * x)
        x = x * w
    return x


def stacked(x, w):
    rows = []
    for _ in range(25):
        x = np.cos(w * x)
        rows.append(x * w)
    return np.sum(np.array(rows) ** 2)


def pictured(function, shapes, at, **options):
    return sd.function(function, shapes=shapes, **options).picture(at)


def boxes_of(picture):
    return {box.key: box for box in picture.boxes}


def numbers(row):
    """The first and the last number of a row."""
    found = re.findall(r"-?\d[\d.]*(?:e-?\d+)?", row.rpartition("= ")[2])
    return [float(found[0]), float(found[-1])]


def test_a_loop_shows_its_first_and_last_step():
    at = {"x": 0.5, "w": 0.7}
    picture = pictured(rolled, {"x": (), "w": ()}, at)
    (frame,) = picture.frames
    assert "for i in range(30):" in frame.rows[0]
    assert "30 steps" in frame.rows[1]
    assert frame.rows[2] == "carried: x; of each step: i"
    assert frame.back == "backward, from the last step: x_bar carried"
    box = next(box for box in picture.boxes if box.rows[0] == "x = tanh(v4)")
    assert box.frame == frame.key
    places = [mp.mpf(0.5)]
    for i in range(30):
        places.append(mp.tanh(mp.mpf(0.7) * places[-1] + mp.mpf("0.1") * i))

    def rest(start, x):  # the function from one step on
        for i in range(start, 30):
            x = mp.tanh(mp.mpf(0.7) * x + mp.mpf("0.1") * i)
        return x * x

    assert numbers(box.rows[1]) == pytest.approx([float(places[1]), float(places[30])], rel=1e-5)
    bars = [mp.diff(lambda x: rest(1, x), places[1]), 2 * places[30]]
    assert numbers(box.rows[2]) == pytest.approx([float(bar) for bar in bars], rel=1e-5)
    returns = [(a.label, a.is_backward) for a in picture.arrows if a.is_return]
    assert returns == [("next step", False), ("step before", True)]


def test_a_while_says_its_condition_and_its_steps():
    picture = pictured(newton, {"a": ()}, {"a": 2.0})
    (frame,) = picture.frames
    assert frame.rows[1] == "while abs(x**2 - a) > 1e-09 holds: 4 steps at this point"
    assert frame.back.endswith("x_bar carried; a_bar summed over steps")
    bar = numbers(boxes_of(picture)["a"].rows[1])[0]  # of a**1.5
    assert bar == pytest.approx(1.5 * 2**0.5, rel=1e-4)


@pytest.mark.parametrize("x", [1.0, -1.0])
def test_ways_of_a_branch_have_frames(x):
    picture = pictured(branched, {"x": (), "y": ()}, {"x": x, "y": 0.5})
    frames = {frame.rows[0]: frame for frame in picture.frames}
    first, second = frames["where x > y"], frames["else, where not x > y"]
    assert (first.rows[1], first.is_taken) == (("taken", True) if x > 0 else ("not taken", False))
    assert second.is_taken != first.is_taken
    homes = {box.rows[0]: box.frame for box in picture.boxes}
    assert homes["z = x**2"] == homes["z2 = z + y"] == first.key
    assert homes["z3 = sin(y)"] == second.key
    assert homes["branched = z4*x"] == ""


def test_a_branch_in_a_loop_counts_its_steps():
    xs = np.array([1.0, -2.0, 3.0, -1.0, 2.0])
    picture = pictured(selected, {"xs": ("N",), "w": ()}, {"xs": xs, "w": 0.3})
    titles = {frame.rows[0]: frame for frame in picture.frames}
    loop = next(frame for frame in picture.frames if frame.key.startswith("loop"))
    ways = [frame for frame in picture.frames if frame.frame == loop.key]
    assert [frame.rows[1] for frame in ways] == [
        "taken for 3 of 5 steps",
        "taken for 2 of 5 steps",
    ], titles
    assert "xs_bar summed over steps" in loop.back
    assert boxes_of(picture)["xs"].rows[1] == "xs_bar = [0.06, 0.0, 0.06, 0.0, 0.06]"


def test_loops_in_loops_and_stacked_results():
    picture = pictured(twice, {"x": (), "w": ()}, {"x": 0.5, "w": 1.1}, wrt=("x", "w"))
    outer, inner = picture.frames
    assert (outer.frame, inner.frame) == ("", outer.key)
    assert (outer.rows[1].split(";")[0], inner.rows[1].split(";")[0]) == ("20 steps", "25 steps")

    def value(x, w):
        for _ in range(20):
            for _ in range(25):
                x = x + mp.mpf("0.01") * mp.sin(w * x)
            x = x * w
        return x

    for number, name in enumerate("xw"):
        slope = mp.diff(value, (mp.mpf(0.5), mp.mpf(1.1)), tuple(int(k == number) for k in (0, 1)))
        bar = boxes_of(picture)[name].rows[1]
        assert numbers(bar)[0] == pytest.approx(float(slope), rel=1e-4)
    picture = pictured(stacked, {"x": (), "w": ()}, {"x": 0.5, "w": 1.1})

    def total(x):
        found = mp.mpf(0)
        for _ in range(25):
            x = mp.cos(mp.mpf(1.1) * x)
            found += (x * mp.mpf(1.1)) ** 2
        return found

    assert any("of all steps" in box.rows[0] for box in picture.boxes)
    bar = numbers(boxes_of(picture)["x"].rows[1])[0]
    assert bar == pytest.approx(float(mp.diff(total, 0.5)), rel=1e-4)


def test_a_loop_of_very_many_steps_is_drawn_without_numbers():
    def long(x):
        for _ in range(15_000):
            x = x + 1e-6 * np.sin(x)
        return x

    picture = pictured(long, {"x": ()}, {"x": 0.5})
    (frame,) = picture.frames
    assert frame.rows[1].startswith("15000 steps")
    assert all(" = 0.5" not in row for box in picture.boxes for row in box.rows)


CASES = {
    rolled: ({"x": (), "w": ()}, {"x": 0.5, "w": 0.7}),
    newton: ({"a": ()}, {"a": 2.0}),
    branched: ({"x": (), "y": ()}, {"x": 1.0, "y": 0.5}),
    selected: ({"xs": ("N",), "w": ()}, {"xs": np.array([1.0, -2.0, 3.0]), "w": 0.3}),
    twice: ({"x": (), "w": ()}, {"x": 0.5, "w": 1.1}),
}


@pytest.mark.parametrize("function", CASES)
def test_frames_hold_their_boxes_in_every_form(function):
    picture = pictured(function, *CASES[function])
    nest = nested(picture.boxes, picture.arrows, picture.frames)
    frames = {frame.key: frame for frame in picture.frames}
    assert nest.frames.keys() == frames.keys()
    inside = [(nest.boxes[box.key], box.frame) for box in picture.boxes]
    inside += [(nest.frames[frame.key], frame.frame) for frame in picture.frames]
    for (x, y, width, height), key in inside:
        if key:
            left, top, wide, tall = nest.frames[key]
            assert abs(x - left) <= (wide - width) / 2 + 1e-6
            assert abs(y - top) <= (tall - height) / 2 + 1e-6
    svg = picture.svg()
    ET.fromstring(svg)
    arrows = [(a.start, a.end) for a in picture.arrows]
    assert svg.count('class="arrow') == len(arrows)
    assert all(row.replace(">", "&gt;") in svg for frame in frames.values() for row in frame.rows)
    dot, mermaid = picture.dot(), picture.mermaid()
    assert dot.count("{") == dot.count("}")
    assert mermaid.count("subgraph") == mermaid.count("  end\n") == len(frames)
