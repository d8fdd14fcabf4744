"""Tour for newcomers: one formula, walked through by the commands themselves."""

from __future__ import annotations

import os
import shlex
import sys

import click

STOPS = (
    (
        "A formula and a point: its gradient, with no error but rounding.",
        'grad "x**2*sin(y)" --at x=3,y=2 -q',
    ),
    (
        "The gradient as formulas; --format latex writes them for a paper.",
        'grad "x**2*sin(y)" --format formula -q',
    ),
    (
        "How the chain rule gets there: values forward, then cotangents backward.",
        'explain "x**2*sin(y)" --at x=3,y=2 --brief',
    ),
    (
        "Beside finite differences, the complex step and SymPy.",
        'compare "x**2*sin(y)" --at x=3,y=2',
    ),
    (
        "Code that needs NumPy alone: -o g.py writes it, and python g.py checks it.",
        'grad "x**2*sin(y)" --lean -q',
    ),
)
NEXT = """\
Your own:
  symdiff grad model.py:loss --shape "X: N 10"   a NumPy function in a file
  symdiff explain "x**2*sin(y)" --html page.html  a page to play with
  symdiff --help                                  all verbs
"""


@click.command()
@click.pass_context
def tour(ctx: click.Context) -> None:
    """Walk through one formula in a minute; the enter key goes on."""
    assert ctx.parent is not None  # it is a command of the group
    commands = ctx.parent.command
    colour = False if os.environ.get("NO_COLOR") else None  # else where there is a terminal
    for number, (sentence, line) in enumerate(STOPS, start=1):
        click.secho(f"{number}. {sentence}", color=colour, bold=True)
        click.secho(f"$ symdiff {line}", color=colour, fg="cyan")
        commands.main(shlex.split(line), prog_name="symdiff", standalone_mode=False)
        click.echo()
        if sys.stdin.isatty() and sys.stdout.isatty():
            click.pause("(enter)")
    click.echo(NEXT, nl=False)
