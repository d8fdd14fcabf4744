"""Statements of texts: what they mean, and every mistake with its place."""

from __future__ import annotations

import numpy as np
import pytest

import symdiff as sd

# text, the place as line:column-end, part of the message, part of the suggestion
MISTAKES = [
    # blocks
    ("y = 0\nif x > 0\n    y = 1\ny", "2:8-9", "':' is missing at the end of the 'if'", "write if"),
    ("s = 0\nfor i in range(3)\n    s += i\ns", "2:17-18", "':' is missing", "write for"),
    ("y = 0\nif x > 0: y = 1\nelse y = 2\ny", "3:10-11", "':' is missing", "write else:"),
    ("if (x > 0:\n    y = 1\ny", "1:4-5", "'(' is never closed", None),
    ("y = 0\nif x > 0:\ny = 1\ny", "3:1-2", "the block of the 'if' is missing", "four spaces"),
    ("if x > 0:", "1:9-10", "the block of the 'if' is missing", "four spaces"),
    ("y = 0\nif x > 0:\n    y = 1\n  z = 2\ny", "4:3-4", "indented too far", "':'"),
    ("y = 0\n  z = 1\nif x > 0:\n  y = 2\ny", "2:3-4", "indented too far", "':'"),
    ("  y = 0\n  if x > 0:\n    y = 1\ny", "4:1-2", "indented like none before it", None),
    ("y = 0\nif x > 0:\n\ty = 1\n        y = 2\ny", "4:1-9", "by other blanks", "spaces alone"),
    ("else:\n    y = 1\ny", "1:1-5", "'else' has no 'if'", "below the block"),
    ("while x > 0:\n    y = 1\nelif x > 1:\n    y = 2\ny", "3:1-5", "'elif' has no 'if'", None),
    ("y = 0\nif x > 0:\n    y = 1\nelif:\n    y = 2\ny", "4:5-6", "a condition is missing", None),
    ("y = 0; if x > 0: y = 1\ny", "1:8-10", "cannot stand behind a ';'", "new line"),
    ("y = 0\nif x > 0: if x > 1: y = 1\ny", "2:11-13", "cannot stand behind a colon", "new line"),
    ("y = 0\nif x > 0: y = 1 else: y = 2\ny", "2:17-21", "'else' cannot stand behind", "new line"),
    ("break\nif x > 0: y = 2\ny", "1:1-6", "'break' stands in no loop", None),
    ("if x > 0:\n    k: int\ny", "2:5-6", "declared inside of a block", None),
    # targets
    ("s = 0\nfor range(3):\n    s += i\ns", "2:1-4", "'for' needs a name", "for i in range(n):"),
    ("a, b = x, y, z\na", "1:1-2", "2 names are given 3 values", None),
    ("a, b = x\na", "1:1-2", "2 names are given one value", None),
    ("y = 0\nif x > 0: E y = 2\ny", "2:13-14", "only names with commas between them", None),
    ("A: [4, 4\nif x > 0: y = 1\ny", "1:4-5", "'[' is never closed", "write ]"),
    ("A: 4, 4]\nif x > 0: y = 1\ny", "1:4-5", "a declaration gives a type", None),
    ("v: [N]; f: float\ns = 0\nfor e in v[::f]: s += e\ns", "3:14-15", "'f' is no index", "f: int"),
    ("x += 1\nx", "1:1-2", "'x' is an input already", "x_new"),
    ("y += 1\ny*x", "1:1-2", "'y' is an input already", "y_new"),
    ("y = x\ny +=\ny", "2:3-5", "an expression is missing after '+='", None),
    ("a, b += 1\nif x > 0: a = 1\na", "1:6-8", "'+=' takes one name", None),
    ("X: [3]\nX[0] = 2\nX", "2:1-2", "'X' is an input and cannot be changed", "copy(X)"),
    ("a = 2\na[0] = x\na", "2:1-5", "only an array has elements", None),
    ("X: [3]\na = X*1\na[5] = x\nsum(a)", "3:1-2", "index 5 is out of range", None),
    ("X: [3]\na = X*1\na[0] = X\nsum(a)", "3:1-2", "shape (3,) does not fit", None),
    ("X: [3]\na = X*1\na[0][1] = x\na", "3:5-8", "'a[0]' is a number", None),
    ("y = e\nif x > 0: e = x\ne", "2:11-12", "'e' is a number before", None),
    ("gamma = 2\nif x > 0: y = gamma(x)\ny", "2:15-20", "unknown function 'gamma'", "gamma*(x)"),
    # what is decided
    ("if x > 0:\n    y = 1\ny", "3:1-2",
     "'y' is set in one way only of a branch that depends on values in line 1", "in both ways"),
    ("X: [3]\nif a > 0:\n    y = X\nelse:\n    y = a\ny", "6:1-2",
     "has the shape (3,) in one way and () in the other", "in both ways"),
    ("if x > 0:\n    y = zeros(3)\nelse:\n    y = zeros(4)\nsum(y)", "5:5-6", "and (4,) in", None),
    ("y = 2\nif 1 > 2:\n    z = y\nz + x", "4:1-2", "'z' has no value here", None),
    ("X: [3]\ny = 0\nif X > 0:\n    y = 1\ny", "3:4-9", "of the 'if' is an array", "any(...)"),
    ("if x > 0:\n    return x\n", "1:1-3", "and nothing in the other", "in both ways"),
    ("if x > 0:\n    y = 1\nelse:\n    y = x**2", "1:1-3", "the program has no output", "return"),
    ("if x > 0:\n    x**2\nelse:\n    -x", "2:5-9", "only the last statement", "return"),
    ("y = 0\nif x > 0:\n    y = sin x\ny", "3:9-14", "the brackets of 'sin'", "sin(x)"),
    # loops
    ("y = x\nwhile x > 1:\n    y = y/2\ny", "2:1-6", "the 'while' never ends", "in each step"),
    ("y = x\nwhile 1 > 0:\n    y = y + 1\ny", "2:1-6", "the 'while' never ends", "in each step"),
    ("for i in range(x):\n    y = i\ny", "1:16-17", "a range has whole numbers", "n: int"),
    ("s = 0\nfor i in x:\n    s += i\ns", "2:10-11", "goes through a range or an array", "zip"),
    ("for i in range(0, 9, 0): y = x\ny", "1:10-24", "must not be zero", None),
    # checks
    ("if x > 0: raise Foo('a')\nx", "1:17-20", "'Foo' is no error", "ValueError"),
    ("if x > 0: raise ValueError(x)\nx", "1:28-29", "one text", None),
    ("if x > 0: raise ValueError(f'{x')\nx", "1:30-31", "a brace stands alone", None),
    ("if x > 0: raise ValueError(f'{x +}')\nx", "1:33-34", "missing after '+'", None),
    ("raise ValueError('no')\nx", "1:7-17", "whatever its inputs are", None),
    ("def f(x): return x\nif x > 0: y = 1", "1:1-4", "'def' statements", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "message", "suggestion"), MISTAKES)
def test_mistakes_have_their_place(
    text: str, place: str, message: str, suggestion: str | None
) -> None:
    with pytest.raises(sd.SymdiffError) as caught:
        sd.function(text)
    error = caught.value
    assert message in error.message
    assert error.span is not None
    width = error.span.end - error.span.start
    assert f"{error.line}:{error.column}-{(error.column or 0) + width}" == place
    assert suggestion is None or suggestion in (error.suggestion or "")


# a program, values of its inputs, and what it gives: computed by hand
MEANINGS = [
    ("if x > 0: y = 1; z = 2\nelse: y = 3; z = 4\ny + 10*z", (1.0,), 21.0),
    ("if x > 0: y = 1; z = 2\nelse: y = 3; z = 4\ny + 10*z", (-1.0,), 43.0),
    ("y = x\ny += 1\ny *= y\ny -= 1\ny /= 2\ny **= 2\ny //= 1\ny %= 4", (2.0,), 0.0),
    ("a, b = x, 2*x\na, b = b, a\na - b", (3.0,), 3.0),
    ("s = 0\nfor i, (a, b) in enumerate(zip([1, 2], [3, 4])):\n    s += i*a*b\ns + x", (1.0,), 9.0),
    ("s = x\nfor i in reversed(range(3)):\n    s = 10*s + i\ns", (1.0,), 1210.0),
    ("s = 0\nfor i in range(10):\n    if i % 2 == 0: continue\n    s += i\ns*x", (2.0,), 50.0),
    ("y = 1\nwhile y < x:\n    y *= 2\nelse:\n    y += 0.5\ny", (5.0,), 8.5),
    ("while True:\n    y = x\n    break\ny", (5.0,), 5.0),
    ("ok = True\ny = x\nwhile ok:\n    y = y/2\n    ok = y > 1\ny", (5.0,), 0.625),
    ("if x > 1 and x < 3:\n    if x > 2:\n        return 7\nreturn x", (2.5,), 7.0),
    ("if x > 1 and x < 3:\n    if x > 2:\n        return 7\nreturn x", (1.5,), 1.5),
    ("if not x:\n    return 7*e\nreturn pi*x", (0.0,), 7 * np.e),
    ("e = x\nif e > 2: e = 2\ne", (3.0,), 2.0),
    ("  y = x  # a comment\n\n  if y > 0:\n     # another\n\n     y = -y\n  y", (3.0,), -3.0),
    ("y = (x +\n  1)\nif (y >\n2): y = 0\ny", (3.0,), 0.0),
    ("a = [x, 2, 3]\nb = a\nb[0] = 10\na[0] + b[0]", (1.0,), 11.0),
    ("a = zeros(3)\nfor i in range(3):\n    a[i] = x\n    a[0] += i\nsum(a)", (2.0,), 9.0),
    ("a = zeros((2, 2))\na[0, :] = x\na[:, 1] *= 3\nsum(a)", (2.0,), 8.0),
    ("a = [x, -1, 2]\na[a < 0] = 0\nsum(a)", (-3.0,), 2.0),
    ("a = [x, 1, 2]\nif x > 5:\n    a[1] = 7\nelse:\n    a = a*2\na[0] = 0\nsum(a)", (1.0,), 6.0),
    ("k = 0\na = [1, 2, 3]\nwhile k < 2 and a[k] < x:\n    k += 1\na[k]*x", (2.5,), 7.5),
    ("k: int; x: float\na = [1, 2, 3]\nif k >= 0: y = a[k]\nelse: y = -x\ny", (7, 1.0), None),
    ("for: float\nif for > 0: while = for\nelse: while = 2\nwhile", (3.0,), 3.0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "point", "right"), MEANINGS)
def test_meaning(text: str, point: tuple[float, ...], right: float | None) -> None:
    function = sd.function(text)
    if right is None:
        with pytest.raises(IndexError):
            function(*point)
        return
    assert function(*point) == pytest.approx(right, abs=1e-14)


def test_inputs_come_in_the_order_of_their_appearance() -> None:
    function = sd.function("if b > a:\n    y = c\nelse:\n    y = d[0]\ny*a", shapes={"d": (2,)})
    assert function.inputs == ("b", "a", "c", "d")
    assert function.outputs == ("f",)
    assert sd.function("if x > 0: y = x\nelse: y = 2\nreturn y, x").outputs == ("y", "f2")
    assert sd.function("if x > 0: return x\nreturn 2").outputs == ("f",)
    assert sd.function("a, b = x, y\nif x > 0: a = 2\na, b = b, a").outputs == ("a", "b")


def test_an_array_is_a_value() -> None:
    """A name that is given another name's array, or a part of it, is not changed with it."""
    text = "v: [3]\na = v*1\nb = a\nc = a[1:]\na[1] = 100\nsum(b) + sum(c)"
    assert sd.function(text)(np.array([1.0, 2.0, 3.0])) == 11.0


def test_index_of_a_way_that_is_not_taken_is_not_read() -> None:
    text = "v: [3]; k: int [4]\ns = 0.0\nfor i in k:\n    if i < 3:\n        s += v[i]\ns"
    module = sd.function(text).grad(wrt="v").load()
    v, k = np.array([1.0, 2.0, 4.0]), np.array([0, 7, 2, 2])
    assert module.value(v, k) == 9.0
    np.testing.assert_array_equal(module.grad(v, k), [1.0, 0.0, 2.0])


def test_length_of_an_axis_is_a_number_in_a_branch() -> None:
    function = sd.function("v: [N]; x: float\nn = N\nif x > 2: n = x\nn*sum(v)")
    assert function(np.ones(3), 1.0) == 9.0
    assert function(np.ones(3), 5.0) == 15.0
    assert sd.function("v: [N]\nif v[0] > 0: return N\nreturn 2")(np.ones(4)) == 4.0


def test_shapes_beside_the_text() -> None:
    text = "s = 0.0\nfor e in v:\n    s += e**2\ns"
    assert sd.function(text, shapes={"v": ("N",)})(np.arange(4.0)) == 14.0
    with pytest.raises(sd.ShapeError, match="'w', which is no input"):
        sd.function(text, shapes={"v": ("N",), "w": ("N",)})


def test_depth_and_endless_loops_are_limited() -> None:
    deep = "".join(f"{' ' * n}if x > {n}:\n" for n in range(120)) + " " * 120 + "y = 1\n"
    with pytest.raises(sd.LimitError, match="nested more than 100 deep"):
        sd.function(f"y = 0\n{deep}y")
    many = "".join(f"if x > {n}: return {n}\n" for n in range(3000))
    with pytest.raises(sd.LimitError, match="too many branches"):
        sd.function(f"{many}return x")
    with pytest.raises(sd.LimitError, match="more than 100,000"):
        sd.function("y = 1\nwhile y > 0: y = 2\ny*x")
    assert sd.function("y = x\nfor i in range(10**6): y = cos(y)\ny").inputs == ("x",)
