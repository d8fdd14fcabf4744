"""The command line: a thin layer of Click over `Function`. Results go to standard output alone."""

from __future__ import annotations

import contextlib
import difflib
import os
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import click

from symdiff.commands.emitting import emitting
from symdiff.commands.reports import bench, check, compare, explain, functions, graph, propagate
from symdiff.commands.verify import verify
from symdiff.errors import SymdiffError
from symdiff.options import Refused
from symdiff.tour import tour
from symdiff.verbs import VERBS
from symdiff.version import __version__

EPILOG = """\b
New here? symdiff tour

\b
Examples:
  symdiff grad "x**2+y**3" > g.py
  symdiff grad "x**2+y**3" --at x=3,y=2
  symdiff grad loss.sd --wrt w,b -o loss_grad.py
  symdiff grad model.py:loss --shape "X: N 10" --shape "w: 10" --shape "y: N"
  symdiff hessian "x**2*y" --at x=3,y=2
  symdiff check "log(1+exp(x))"
  symdiff compare "sin(x*y)*exp(-x**2)"
  symdiff propagate "U/I" --at "U=230+-1,I=2.0+-0.05"
"""


class Commands(click.Group):
    """The group of verbs: unknown ones get a suggestion."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the arguments, which prints the help where it is asked for."""
        with _reader_may_stop():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:  # what a command returns
        """Run a command to its last byte."""
        with _reader_may_stop():
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or refuse with one sentence."""
        name = args[0]
        if self.get_command(ctx, name) is None:
            near = difflib.get_close_matches(name, self.commands, 1)
            hint = f"did you mean '{near[0]}'?" if near else "'symdiff --help' lists the verbs"
            raise Refused(SymdiffError(f"there is no verb '{name}'", suggestion=hint))
        return super().resolve_command(ctx, args)


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        group(prog_name="symdiff")
    except OSError as error:
        _discard_output()
        click.echo(f"error: cannot write to standard output: {error.strerror or error}", err=True)
        sys.exit(SymdiffError.exit_code)
    except UnicodeEncodeError as error:
        _discard_output()
        letter = error.object[error.start]
        click.echo(
            f"error: standard output is in {error.encoding}, which has no '{letter}'\n"
            "  set PYTHONIOENCODING=utf-8, or PYTHONUTF8=1",
            err=True,
        )
        sys.exit(SymdiffError.exit_code)
    except RecursionError:
        click.echo("error: the input is too deep for this command", err=True)
        sys.exit(SymdiffError.exit_code)
    sys.exit(0)


@contextlib.contextmanager
def _reader_may_stop() -> Iterator[None]:
    """End quietly where the reader of the output has gone, as `head` does: Click would say 1."""
    try:
        yield
    except BrokenPipeError:
        _discard_output()
        raise click.exceptions.Exit(0) from None


def _discard_output() -> None:
    """Let the interpreter's last flush go nowhere: what is left cannot be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Commands, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="symdiff")
def group() -> None:
    """Exact derivatives of formulas, as standalone NumPy files.

    SOURCE is a formula ("x**2+y**3"), a program of statements, a file ending in .sd that holds
    one, - for standard input, or a plain NumPy function as model.py:loss, package.module:loss or
    model.py:model.loss (a method of an object there), which runs the file.
    """


@group.command()
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    For bash: eval "$(symdiff completion bash)"
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None  # the choices are those that Click has
    click.echo(found(group, {}, "symdiff", "_SYMDIFF_COMPLETE").source())


for _command in (check, compare, bench, explain, graph, propagate, verify, functions, tour):
    group.add_command(_command)
for _verb in VERBS.values():
    if _verb.is_command:
        group.add_command(emitting(_verb))
