"""Tables on screens of every kind: a pipe, terminals with colours and without, narrow ones."""

import os
import pty
import re
import subprocess
import sys

import pytest

import symdiff as sd
from symdiff.verify.table import Screen, Table, text_of

rich = pytest.importorskip("rich")
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def on_a_terminal(args, columns, **variables):
    """What a command writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "PYTHONIOENCODING": "utf-8"}
    environment.pop("NO_COLOR", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "symdiff", *args, "-q"],
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        env={**environment, "TERM": "xterm-256color", **variables},
    )
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # Linux's end of a terminal
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    assert process.wait() == 0
    return b"".join(parts).decode().replace("\r\n", "\n")


EXPLAIN = ("explain", "(x**2)**3", "--at", "x=2", "--full")


def words(text):
    """The cells, without rules and colours."""
    return [
        line.split() for line in COLOUR.sub("", text).split("\n") if not set(line) <= set(" -─")
    ]


def test_a_terminal_with_colours_has_richs_tables():
    text = on_a_terminal(EXPLAIN, 100)
    assert COLOUR.search(text)
    assert "─────" in text
    plain = sd.function("(x**2)**3").explain({"x": 2.0}).text(level="full", screen=Screen(100))
    assert words(text) == words(plain)


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_without_colours_has_plain_text(variables):
    text = on_a_terminal(EXPLAIN, 100, **variables)
    assert "\x1b" not in text
    plain = sd.function("(x**2)**3").explain({"x": 2.0}).text(level="full", screen=Screen(100))
    assert text == f"{plain}\n"


def test_a_pipe_has_plain_text():
    done = subprocess.run(
        [sys.executable, "-m", "symdiff", *EXPLAIN, "-q"],
        capture_output=True,
        text=True,
        check=True,
    )
    plain = sd.function("(x**2)**3").explain({"x": 2.0}).text(level="full")
    assert done.stdout == f"{plain}\n"


FUNCTION = sd.function("x**2*y + sin(x*y)")
AT = {"x": 1.0, "y": 2.0}
TEXTS = {
    "explain": lambda screen: FUNCTION.explain(AT).text(level="full", screen=screen),
    "check": lambda screen: FUNCTION.check(AT).text(screen),
    "compare": lambda screen: FUNCTION.compare(AT).text(screen),
}


@pytest.mark.parametrize("name", TEXTS)
def test_60_columns_are_enough(name):
    plain, styled = (TEXTS[name](Screen(60, is_styled)) for is_styled in (False, True))
    for text in (plain, COLOUR.sub("", styled)):
        tables = text.split("\n\n", 1)[1] if name == "explain" else text
        assert max(map(len, tables.split("\n"))) <= 60
    assert "\x1b" not in plain


def test_a_wide_table_is_parted_and_repeats_its_first_column():
    table = Table("", ["name", *"abcdef"], [["x" * 20, *["1" * 15] * 6]], "lrrrrrr", longest=100)
    parts = text_of(table, Screen(60)).split("\n\n")
    assert len(parts) > 1
    headings = [part.split("\n")[0].split() for part in parts]
    assert [heading[0] for heading in headings] == ["name"] * len(parts)
    assert [cell for heading in headings for cell in heading[1:]] == list("abcdef")
    assert all(len(line) <= 60 for part in parts for line in part.split("\n"))


def test_markup_in_a_cell_is_text():
    table = Table("[red]t[/red]", ["[b]"], [["[bold]x[/bold]"]], "l")
    assert "[bold]x[/bold]" in COLOUR.sub("", text_of(table, Screen(80, is_styled=True)))
