"""Programs made by hand: how they print, and what walks over them find."""

from __future__ import annotations

from symdiff.emit.dialect import ARRAYS
from symdiff.emit.names import Names
from symdiff.emit.printer import Printer
from symdiff.graph.node import BOOL, INT
from symdiff.graph.shape import named
from symdiff.schedule.program import (
    Block,
    Check,
    Expr,
    For,
    If,
    Let,
    Number,
    Op,
    Ref,
    Return,
    Together,
    Update,
    While,
    at,
    element,
    operations,
    reads,
    statements,
)

X, Y, TOTAL = Ref("x"), Ref("y"), Ref("total")
ONE = Number(1.0)


def op(name: str, *args: Expr, dtype: str = "float64") -> Op:
    return Op(name, args, (), (), dtype)


def compared(name: str, *args: Expr) -> Op:
    return op(name, *args, dtype=BOOL)


def printed(*block: object) -> list[str]:
    printer = Printer(ARRAYS, Names("xy"))
    return printer.block(block)[0]  # type: ignore[arg-type]


# the Newton iteration for a square root, which refuses a negative number
NEWTON: Block = (
    Check(compared("less", X, Number(0.0)), "ValueError", ('no root of "x" below 0',)),
    Let("y", op("multiply", Number(0.5), op("add", X, ONE))),
    While(
        compared("greater", op("absolute", op("subtract", op("multiply", Y, Y), X)), Number(1e-9)),
        (Let("y", op("multiply", Number(0.5), op("add", Y, op("divide", X, Y)))),),
    ),
    Return((Y,)),
)


def test_while_and_check() -> None:
    lines = printed(*NEWTON)
    assert lines == [
        "if x < 0.0:",
        "    raise ValueError('no root of \"x\" below 0')",
        "y = 0.5 * (x + 1.0)",
        "while np.abs(y * y - x) > 1e-09:",
        "    y = 0.5 * (y + x / y)",
        "return y",
    ]
    scope: dict[str, object] = {}
    import numpy as np

    exec("def root(x):\n    " + "\n    ".join(lines), {"np": np}, scope)
    assert abs(scope["root"](2.0) - 2.0**0.5) < 1e-9  # type: ignore[operator]


def test_if_with_other_cases() -> None:
    below, above = compared("less", X, Number(-1.0)), compared("greater", X, ONE)
    program = If(
        below,
        (Let("y", Number(-1.0)),),
        (If(above, (Let("y", ONE),), (Let("y", X),)),),
    )
    assert printed(program) == [
        "if x < -1.0:",
        "    y = -1.0",
        "elif x > 1.0:",
        "    y = 1.0",
        "else:",
        "    y = x",
    ]
    assert printed(If(below, ())) == ["if x < -1.0:", "    pass"]


def test_check_says_what_it_is_given() -> None:
    found = Check(compared("less", X, Number(0.0)), "ValueError", ("{x} is ", (0, "", ".2f")), (X,))
    assert printed(found) == ["if x < 0.0:", '    raise ValueError(f"{{x}} is {x:.2f}")']


def test_check_of_what_must_not_be() -> None:
    is_nan = compared("not_equal", X, X)
    assert printed(Check(is_nan, "ValueError", ("x isn't a number",))) == [
        "if x != x:",
        '    raise ValueError("x isn\'t a number")',
    ]


def test_for_reads_its_counter_or_not() -> None:
    xs = Ref("xs", (named("N"),))
    store = Ref("ys", (named("N"),))
    added = Update("total", op("add", TOTAL, element(xs, Ref("i", (), INT))))
    args = store, TOTAL, Ref("i", (), INT)
    put = Update("ys", Op("put", args, at(store), store.shape))
    assert printed(For("i", named("N"), -1, (added, put))) == [
        "for i in reversed(range(N)):",
        "    total += xs[i]",
        "    ys[i] = total",
    ]
    assert printed(For("i", 3, 1, (Let("x", op("negate", X)),))) == [
        "for _ in range(3):",
        "    x = -x",
    ]


def test_names_that_change_together() -> None:
    swapped = Together((Let("x", Y), Let("y", op("add", X, Y))))
    assert printed(swapped) == ["x, y = y, x + y"]


def test_walks() -> None:
    assert reads(NEWTON) == {"x", "y"}
    assert operations(NEWTON) == [
        "less", "multiply", "add", "greater", "absolute", "subtract", "divide",
    ]  # fmt: skip
    names = [type(statement).__name__ for statement in statements(NEWTON)]
    assert names == ["Check", "Let", "While", "Let", "Return"]


def test_a_deep_expression_prints() -> None:
    expr: Expr = X
    for _ in range(10_000):
        expr = op("negate", expr)
    text = "-(" * 9_999 + "-x" + ")" * 9_999
    assert Printer(ARRAYS, Names("x")).expression(expr).text == text
    assert reads((Return((expr,)),)) == {"x"}
