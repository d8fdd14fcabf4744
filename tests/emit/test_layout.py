"""The line breaker: what was Python stays the same Python, and fits."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from symdiff.emit.layout import INDENT, WIDTH, broken, fitted
from tests.strategies import examples

names = st.text("abcdefgh_λμ", min_size=1, max_size=40).filter(lambda n: n != "def")
atoms = st.one_of(
    names,
    st.floats(0.0, 1e9).map(repr),
    st.sampled_from(['"a, (b"', "'c) + d'", "np.nan", "-1", "None"]),
)
OPERATORS = ["+", "-", "*", "/", "@", "and", "or", "is", "<", "==", "&", "|"]


def _several(parts: st.SearchStrategy[str], least: int = 1) -> st.SearchStrategy[str]:
    return st.lists(parts, min_size=least, max_size=8).map(", ".join)


def _larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(parts, st.sampled_from(OPERATORS), parts)
    keyed = st.tuples(names, parts)
    return st.one_of(
        pairs.map(lambda pair: f"({' '.join(pair)})"),
        pairs.map(lambda pair: f"{pair[0]} + {pair[2]} * {pair[0]}"),
        st.tuples(names, _several(parts)).map(lambda call: f"{call[0]}({call[1]})"),
        st.tuples(names, _several(parts), keyed).map(
            lambda call: f"np.{call[0]}([{call[1]}], {call[2][0]}={call[2][1]}).T"
        ),
        _several(parts, 2).map(lambda text: f"({text})"),
        parts.map(lambda text: f"({text},)"),
        _several(parts).map(lambda text: f"[{text}]"),
        st.lists(keyed, max_size=4).map(
            lambda items: "{" + ", ".join(f'"{key}": {item}' for key, item in items) + "}"
        ),
        st.tuples(names, parts, parts).map(lambda part: f"{part[0]}[{part[1]} : {part[2]}, :]"),
        st.tuples(parts, parts, parts).map(lambda way: f"({way[0]} if {way[1]} else {way[2]})"),
        st.tuples(parts, names, parts).map(lambda rows: f"[{rows[0]} for {rows[1]} in {rows[2]}]"),
        st.tuples(names, parts, names).map(lambda g: f"{g[0]}(({g[1]}) for {g[2]} in {g[0]})"),
        parts.map(lambda text: f"-f(*{text}, **g)" if text.isidentifier() else f"-({text})"),
    )


expressions = st.recursive(atoms, _larger, max_leaves=40)
statements = st.one_of(
    st.tuples(names, expressions).map(lambda part: f"{part[0]} = {part[1]}"),
    st.tuples(names, expressions, expressions).map(lambda p: f"{p[0]}[{p[1]}] += {p[2]}"),
    st.tuples(_several(names, 2), expressions).map(lambda part: f"{part[0]} = {part[1]}"),
    _several(expressions).map(lambda text: f"return {text}"),
    expressions.map(lambda text: f"if {text}:"),
    st.tuples(names, st.lists(names, unique=True, max_size=30)).map(
        lambda part: f"def {part[0]}({', '.join(part[1])}):"
    ),
)


def _parsed(code: str) -> str:
    is_open = code.rstrip().removesuffix("  # fmt: skip").endswith(":")
    inner = f"{INDENT * 2}pass\n" if is_open else ""
    return ast.dump(ast.parse(f"def f():\n{code}\n{inner}"))


@examples(150)
@given(statements)
def test_statement_stays_the_same(statement: str) -> None:
    line = INDENT + statement
    lines = broken(line)
    assert _parsed("\n".join(lines)) == _parsed(line)
    assert len(line) > WIDTH or lines == [line]


@examples(60)
@given(statements)
def test_breaking_again_changes_nothing(statement: str) -> None:
    text = fitted(INDENT + statement)
    again = fitted(text)
    assert all(len(line) > WIDTH for line in set(again.split("\n")) ^ set(text.split("\n")))


WORDS = ["temperature", "density", "voltage", "pressure", "conductivity", "momentum"]


@pytest.mark.parametrize("statement", [
    f"return {' * '.join(WORDS * 3)}",
    f"return f({', '.join(WORDS * 3)}), ({', '.join(WORDS)})",
    f"{', '.join(WORDS * 3)} = unpack(theta)",
    f"fit = {' is '.join(f'{word}.dtype' for word in WORDS * 2)}",
    f"return value({', '.join(WORDS)}) if {' is '.join(WORDS)} else run({', '.join(WORDS)})",
    f"def value({', '.join(f'{word}={word}' for word in WORDS * 2)}):",
    f"SHAPES = {{{', '.join(f'{chr(34)}{word}{chr(34)}: (3, 4)' for word in WORDS * 2)}}}",
    f"return np.concatenate([{', '.join(f'np.ravel({word})' for word in WORDS)}]).astype(float)",
    f"v = np.exp({' + '.join(WORDS * 2)}) * {WORDS[0]}",
    f"return ((({' + '.join(WORDS * 3)},),),)",
    f"a[{', '.join(WORDS * 2)}] = 4.0",
    f"X = np.array([{', '.join(map(str, range(100, 200)))}])",
    f"X = _decoded({' '.join([chr(34) + 'a' * 70 + chr(34)] * 3)}, {chr(34)}<i2{chr(34)})",
])  # fmt: skip
def test_long_statement_fits(statement: str) -> None:
    line = INDENT + statement
    lines = broken(line)
    assert len(lines) > 1
    assert max(map(len, lines)) <= WIDTH
    assert _parsed("\n".join(lines)) == _parsed(line)


def test_docstring_and_comment_stay() -> None:
    long = "word, " * 40
    text = (
        f'def f():\n    """{long}\n\n    {long}\n    """\n    # {long}\n    return f({long[:-2]})'
    )
    found = fitted(text)
    assert found.startswith(text[: text.index("    return")])
    assert max(map(len, found.split("\n")[-3:])) <= WIDTH


def test_statement_is_laid_out_as_a_formatter_lays_it_out() -> None:
    found = fitted(f"    return {WORDS[0]} + {WORDS[1]}, ({', '.join(WORDS * 2)})")
    rows = [f"{INDENT * 2}{word}," for word in WORDS * 2]
    assert found.split("\n") == [f"    return {WORDS[0]} + {WORDS[1]}, (", *rows, "    )"]


def test_a_loop_over_a_long_tuple_is_broken_in_the_tuple():
    names = [f"a_rather_long_name_{k}" for k in range(5)]
    assert broken(f"    for x in ({', '.join(names)}):") == [
        "    for x in (",
        *[f"        {name}," for name in names],
        "    ):",
    ]
