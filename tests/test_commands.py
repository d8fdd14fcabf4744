"""The command line as a user meets it: results, exit codes, errors, files."""

import inspect
import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from symdiff.commands import group
from symdiff.tour import STOPS

ROOT = Path(__file__).parents[1]


def runner():
    """A runner that keeps standard error apart, which Click does by itself from 8.2 on."""
    has_option = "mix_stderr" in inspect.signature(CliRunner).parameters
    return CliRunner(mix_stderr=False) if has_option else CliRunner()


def run(*args, data=None):
    return runner().invoke(group, list(args), input=data, prog_name="symdiff")


def process(*args, **options):
    command = [sys.executable, "-m", "symdiff", *args]
    return subprocess.run(command, capture_output=True, cwd=ROOT, timeout=120, **options)


# --- results ---------------------------------------------------------------------------------


def test_the_module_goes_to_standard_output_and_the_summary_to_standard_error():
    result = run("grad", "x**2+y**3")
    assert result.exit_code == 0
    namespace = {"__name__": "g"}
    exec(compile(result.stdout, "g.py", "exec"), namespace)
    assert namespace["grad"](3.0, 2.0) == (6.0, 12.0)
    assert "df_dx = 2*x" in result.stderr
    assert "value 4, value and gradient 6, ratio 1.50" in result.stderr


def test_quiet_has_no_summary():
    assert run("grad", "x", "-q").stderr == ""


@pytest.mark.parametrize(
    ("args", "printed"),
    [
        (("grad", "x**2+y**3", "--at", "x=3,y=2"), "df_dx = 6.0\ndf_dy = 12.0\n"),
        (("value", "x**2+y**3", "--at", "x=3, y=2"), "f = 17.0\n"),
        (("grad", "x**2*y", "--wrt", "y", "--at", "x=3,y=2"), "df_dy = 9.0\n"),
        (("grad", "x**2", "--name", "loss", "--at", "x=3"), "dloss_dx = 6.0\n"),
        (("grad", "x**3", "--format", "formula"), "df_dx = 3*x**2\n"),
        (("grad", "log(x)", "--at", "x=-1"), "df_dx = -1.0\n"),
        (("grad", "-x**2", "--at", "x=3"), "df_dx = -6.0\n"),
        (
            ("grad", "--at", "x=3", "-q", "-x*q+q", "--wrt", "x", "--at", "x=3,q=2"),
            "df_dx = -2.0\n",
        ),
        (("grad", "-q", "--at", "x=3", "--", "-x"), "df_dx = -1.0\n"),
    ],
)
def test_what_is_printed(args, printed):
    result = run(*args)
    assert (result.exit_code, result.stdout) == (0, printed)


def test_json_holds_formulas_operations_and_code():
    data = json.loads(run("grad", "x**2+y**3", "--format", "json").stdout)
    assert data["inputs"] == ["x", "y"]
    assert data["formulas"] == {"df_dx": "2*x", "df_dy": "3*y**2"}
    assert data["operations"] == {"value": 4, "total": 6}
    assert "def grad(x: Real, y: Real) -> Any:" in data["code"]


def test_json_of_values_is_json_where_they_are_infinite():
    data = json.loads(run("grad", "sqrt(x)", "--at", "x=0", "--format", "json").stdout)
    assert data == {"df_dx": "inf"}


def test_latex():
    assert run("grad", "x**2", "--format", "latex").stdout.strip() == "2 x"


def test_a_long_formula_is_printed_as_a_program():
    result = run(
        "grad", "sin(x*y)*exp(x*y)*tanh(x*y)*log(x*y)/(x*y+1)", "--format", "formula", "-q"
    )
    assert result.exit_code == 0
    assert "return df_dx, df_dy" in result.stdout


def test_standard_input_and_files(tmp_path):
    assert run("grad", "-", "--at", "x=3", data="x**2\n").stdout == "df_dx = 6.0\n"
    program = tmp_path / "loss.sd"
    program.write_text("# a loss\nr = a*x - y\nloss = r**2\n")
    result = run("grad", str(program), "--wrt", "a", "--at", "a=1,x=2,y=3")
    assert result.stdout == "dloss_da = -4.0\n"


def test_max_ratio():
    assert run("grad", "x**2+y**3", "--max-ratio", "1.6").exit_code == 0
    result = run("grad", "x**2+y**3", "--max-ratio", "1.4")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "--max-ratio allows 1.4" in result.stderr


def test_check_and_compare_print_tables():
    result = run("check", "x**2+y**3")
    assert result.exit_code == 0
    assert "50 digits" in result.stdout
    result = run("compare", "x**2+y**3", "--at", "x=3,y=2")
    assert result.exit_code == 0
    for method in ("differences", "complex step", "SymPy diff", "symdiff"):
        assert method in result.stdout


def test_check_of_another_verb():
    point = "x=1.5,y=2,x_dot=1,y_dot=-1"
    result = run("check", "x**2*sin(y)", "--verb", "hvp", "--at", point)
    assert result.exit_code == 0
    assert "hvp by x" in result.stdout
    assert run("check", "(x*y, x)", "--verb", "jacobian", "--at", "x=1,y=2").exit_code == 0
    assert "is not one of" in run("check", "x", "--verb", "hess").stderr


def test_functions_are_listed():
    listed = run("functions").stdout
    assert "tanh(x)\n    Hyperbolic tangent.\n" in listed
    rows = json.loads(run("functions", "--format", "json").stdout)
    assert len(rows) > 90
    assert all(row["signature"] and row["doc"] for row in rows)
    assert run("functions", "tahn").exit_code == 2


def test_verify(tmp_path):
    file = tmp_path / "g.py"
    assert run("grad", "x**2+y**3", "--wrt", "y", "-o", str(file)).exit_code == 0
    assert run("verify", str(file)).exit_code == 0
    file.write_text(file.read_text().replace("3.0", "3.5"))
    changed = run("verify", str(file))
    assert changed.exit_code == 1
    assert "differs" in changed.stderr
    for text in (
        "print(1)\n",
        "",
        '"""x"""\n# symdiff\n# recipe: {"source": 1, "steps": [["x"]]}\n',
    ):
        file.write_text(text)
        result = run("verify", str(file))
        assert result.exit_code == 2, result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(shell):
    assert "_SYMDIFF_COMPLETE" in run("completion", shell).stdout


def test_completion_of_sources_and_targets(tmp_path):
    file = tmp_path / "model.py"
    file.write_text('def loss(w):\n    """Squares."""\n\ndef late(w): ...\nraise SystemExit(3)\n')
    shell = ShellComplete(group, {}, "symdiff", "_SYMDIFF_COMPLETE")

    def completed(args, begun):
        return [(item.value, item.help) for item in shell.get_completions(args, begun)]

    assert completed(["grad"], f"{file}:lo") == [(f"{file}:loss", "Squares.")]
    assert completed(["grad"], f"{tmp_path}/no.py:") == []
    assert [item.type for item in shell.get_completions(["grad"], "mod")] == ["file"]
    assert [name for name, _ in completed(["grad", "x", "--target"], "nu")] == ["numpy", "numba"]
    assert completed([], "tou")[0][0] == "tour"


def test_the_tour_runs_its_commands():
    result = run("tour")
    assert result.exit_code == 0, result.stderr
    assert "df_dy = -3.74532" in result.stdout  # 9*cos(2)
    assert "df_dx = 5.455784" in result.stdout  # 6*sin(2)
    assert "Backward: cotangents" in result.stdout
    assert "def value_and_grad" in result.stdout
    for _, line in STOPS:
        assert f"$ symdiff {line}" in result.stdout
    assert "symdiff tour" in run("--help").stdout


def test_help_has_examples():
    assert 'symdiff grad "x**2+y**3" > g.py' in run("--help").stdout
    assert run("grad", "--help").exit_code == 0


@pytest.mark.parametrize("command", [["cli.py"], ["-m", "symdiff"]])
def test_other_ways_to_start(command):
    args = [sys.executable, *command, "grad", "x", "--at", "x=1"]
    done = subprocess.run(args, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert done.stdout == "df_dx = 1.0\n"


# --- errors ----------------------------------------------------------------------------------

BAD_FORMULAS = [
    *("", "   ", "2x", "sin x", "1/2x", "x +", "(x", "x)", "x y", "3..2", "x==", "tahn(x)"),
    *("sin(x, y)", "sin()", "x.real", "lambda x: x", "'a'", "[x for x in y]", "{x}", "x[0]"),
    *(
        "__import__('os')",
        "__name__",
        "9**9**9**9",
        "x = ",
        "X: [N, 10]; sum(Y, axis=3)",
        "X: [N",
        "a @ b",
        "x\0y",
    ),
    *('"""', "\\", "{{ x }}", "{% x %}", "x; y", "return", "import os", "x!", "|x|"),
]


@pytest.mark.parametrize("text", BAD_FORMULAS)
@pytest.mark.parametrize("verb", ["grad", "value"])
def test_bad_formulas_give_one_sentence_and_write_nothing(tmp_path, verb, text):
    file = tmp_path / "out.py"
    result = run(verb, text, "-o", str(file))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert "Traceback" not in result.stderr
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    assert not file.exists()


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("grad", "x", "--wrt", "y"), "'y' is not an input"),
        (("grad", "x", "--wrt", ""), "--wrt names no input"),
        (("grad", "x", "--wrt", "x,x"), "twice"),
        (("grad", "x", "--at", "y=1"), "gives no value to x"),
        (("grad", "x", "--at", "x=1,y=1"), "names 'y', which is not an input"),
        (("grad", "x*y", "--at", "x=1"), "gives no value to y"),
        (("grad", "x", "--at", "x=a"), "which is no number"),
        (("grad", "x", "--at", "x"), "write --at x=3,w=[1,2]"),
        (("grad", "x", "--at", "x=1,x=2"), "twice"),
        (("grad", "x", "--name", "1a"), "not an identifier"),
        (("grad", "x", "--name", "x"), "is an input"),
        (("grad", "x", "--target", "fortran"), "there is no target"),
        (("grad", "x", "--dtype", "float16"), "is not one of"),
        (("grad", "x", "--dtype", "float32", "--target", "python"), "has no dtype 'float32'"),
        (("grad", "1e39*x", "--dtype", "float32"), "does not hold the number 1e+39"),
        (("grad", r"\sin x y", "--latex"), "this reads as"),
        (("grad", "x", "--shape", "x: 3"), "jacobian"),
        (("grad", "x", "--shape", "y: 3"), "y"),
        (("grad", "nowhere.py:loss"), "no such file"),
        (("grad", "nowhere.py:loss:x"), "write nowhere.py:x"),
        (("grad", "no/such.sd"), "cannot read"),
        (("grad", "f, x"), "a gradient needs one output"),
        (("grda", "x"), "did you mean 'grad'"),
        (("graph", "x", "--at", "x=1", "-o", "g.jpg"), "ends in none of"),
        (("explain", "x", "--at", "y=2"), "not an input"),
        (("explain", "x", "--html", "x.html", "--format", "json"), "--html writes the whole page"),
        (("explain", "x", "--html", "x.html", "--why-nan"), "--html writes the whole page"),
        (("explain", "(x, y)", "--at", "x=1,y=2"), "one output"),
        (("verify", "no/such.py"), "cannot read"),
        (("grad", "x+x+x", "--max-length", "3"), "--max-length"),
        (("grad", "((x))", "--max-depth", "1"), "--max-depth"),
        (("grad", "sin(x)+cos(x)", "--max-nodes", "3"), "--max-nodes"),
        (("grad", "x", "--max-length", "0"), "--max-length"),
        (("grad", "x", "--max-nodes", "-5"), "--max-nodes"),
        (("grad", "x", "--max-ratio", "nan"), "takes a number from 0 on"),
        (("grad", "gammainc(x, 2)"), "no closed form"),
        (("check", "x", "--at", "y=2"), "not an input"),
        (("compare", "x*y", "--at", "x=2"), "gives no value to y"),
        (("grad", "x", "-o", "/no/such/folder/g.py"), "cannot write"),
    ],
)
def test_bad_options(args, sentence):
    result = run(*args)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("verb", ["grad", "explain", "graph", "check", "compare", "propagate"])
@pytest.mark.parametrize(("kind", "value"), [("int", "2.5"), ("int", "nan"), ("bool", "0.5")])
def test_no_verb_rounds_a_number_to_the_kind_of_its_input(verb, kind, value):
    result = run(verb, "x*k", "--shape", f"k: {kind}", "--at", f"x=1.5,k={value}")
    assert result.exit_code == 2
    assert "'k' is given" in result.stderr
    assert {"int": "whole numbers", "bool": "truths"}[kind] in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "verb", ["value", "grad", "hessian", "explain", "graph", "check", "propagate"]
)
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("assert x > 0", "AssertionError"),
        ("assert x > 0, 'x is positive'", "AssertionError: x is positive"),
        ("if x < 0: raise KeyError('negative')", "KeyError: 'negative'"),
    ],
)
def test_what_a_function_raises_at_the_point_is_bad_input(tmp_path, verb, statement, words):
    path = tmp_path / "model.py"
    path.write_text(f"import numpy as np\ndef f(x):\n    {statement}\n    return np.sqrt(x)\n")
    result = run(verb, f"{path}:f", "--at", "x=-1")
    assert result.exit_code == 2
    assert f"the function raises at this point: {words}" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("verb", ["explain", "graph", "propagate"])
def test_no_warning_of_numpy_is_shown_at_a_point_that_is_not_finite(verb):
    for formula, at in (("x**2 + y", "x=inf,y=1"), ("y/x", "x=0,y=1")):
        result = process(verb, formula, "--at", at)
        assert result.returncode == 0
        assert b"Warning" not in result.stderr


def test_an_annotation_of_whole_numbers_names_what_has_a_derivative(tmp_path):
    path = tmp_path / "model.py"
    path.write_text("def f(n: int, x):\n    return x**n\n")
    result = run("grad", f"{path}:f")
    assert result.exit_code == 2
    assert "'n' holds whole numbers" in result.stderr
    assert "wrt may name: x" in result.stderr
    result = run("grad", f"{path}:f", "--wrt", "x", "--at", "n=3,x=2", "-q")
    assert result.stdout == "df_dx = 12.0\n"


def test_no_folder_is_asked_for_where_a_file_stands(tmp_path):
    path = tmp_path / "model.py"
    path.write_text("")
    result = run("grad", "x", "-o", str(path / "g.py"))
    assert result.exit_code == 2
    assert "cannot write" in result.stderr
    assert "make the folder" not in result.stderr


def test_a_letter_that_standard_output_lacks_is_one_sentence():
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    result = process("grad", "α*x**2", env=environment)
    assert result.returncode == 2
    assert b"latin-1, which has no '\\u03b1'" in result.stderr
    assert b"Traceback" not in result.stderr
    assert result.stdout == b""


@pytest.mark.parametrize("arguments", ["", "*numbers"])
def test_a_function_without_arguments_is_refused(tmp_path, arguments):
    path = tmp_path / "model.py"
    path.write_text(f"def f({arguments}):\n    return 3.0\n")
    result = run("grad", f"{path}:f")
    assert result.exit_code == 2
    assert "there is no argument to differentiate by" in result.stderr


def test_a_late_error_has_its_place():
    result = run("grad", "x + gammainc(x, 2)")
    assert "line 1 |  x + gammainc(x, 2)" in result.stderr
    assert "    ^" in result.stderr


MODEL = """
import numpy as np

def loss(w, X, y):
    residual = X @ w - y
    return np.mean(residual**2)

def broken(x):
    return undefined_name + x

def branch(x):
    return x if x > 0 else None
"""
SHAPES = ("--shape", "X: N 10", "--shape", "w: 10", "--shape", "y: N")


def test_shapes_may_stand_in_one_option():
    source = "mean((X @ w - y)**2)"
    one = run("grad", source, "--shape", "X: [N, 10]; w: [10]; y: [N];")
    assert one.stdout == run("grad", source, *SHAPES).stdout


@pytest.fixture
def model(tmp_path):
    file = tmp_path / "model.py"
    file.write_text(MODEL, encoding="utf-8")
    return str(file)


def test_a_numpy_function(model, tmp_path):
    module = tmp_path / "g.py"
    done = run("grad", f"{model}:loss", *SHAPES, "-o", str(module))
    assert done.exit_code == 0
    assert "dloss_dw = 2/N*(X.T @ (X @ w - y))" in done.stderr
    assert "residual = X @ w - y  # line 5" in module.read_text(encoding="utf-8")
    assert str(tmp_path) not in module.read_text(encoding="utf-8")
    checked = subprocess.run([sys.executable, module], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert run("verify", str(module)).exit_code == 0


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("losss", "did you mean 'loss'?"),
        ("broken", "raised NameError: name 'undefined_name' is not defined\n  model.py, line 9 |"),
        ("branch", "model.py, line 12 |"),
        ("np", "not a function"),
        ("", "names no function"),
    ],
)
def test_numpy_functions_that_cannot_be(model, name, sentence):
    result = run("grad", f"{model}:{name}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


MEMBERS = """
import sys
import numpy as np
from . import parts
from .parts import SCALE

print("the file is run")

class Model:
    def __init__(self, k):
        self.k = k

    def loss(self, x):
        print("the function is run")
        return SCALE * self.k * parts.total(x**2)

model = Model(3.0)
number = 5.0

def loss(x, power=3, flag=True, shift=None):
    return parts.total(x**power)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package with a module that prints, and imports from its own folder."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "bundle"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "bundle" / "inner"
    folder.mkdir(parents=True)
    (tmp_path / "bundle" / "__init__.py").touch()
    (folder / "__init__.py").touch()
    parts = "import numpy as np\nSCALE = 2.0\n\ndef total(x):\n    return np.sum(x)\n"
    (folder / "parts.py").write_text(parts, encoding="utf-8")
    (folder / "members.py").write_text(MEMBERS, encoding="utf-8")
    yield tmp_path
    for name in [name for name in sys.modules if name.partition(".")[0] == "bundle"]:
        del sys.modules[name]


@pytest.mark.parametrize(
    "source", ["bundle/inner/members.py:model.loss", "bundle.inner.members:model.loss"]
)
def test_a_method_in_a_package_whose_file_prints(package, source):
    result = run("grad", source, "--shape", "x: 2", "--at", "x=[1,2]")
    assert (result.exit_code, result.stdout) == (0, "dloss_dx = [12., 24.]\n")
    assert "the file is run" in result.stderr
    assert "the function is run" in result.stderr


def test_defaults_that_are_constants_are_said(package):
    source = "bundle/inner/members.py:loss"
    said = run("grad", source, "--at", "x=2").stderr
    assert "constants by their defaults: power = 3, flag = True" in said
    assert '--shape "power: float" makes an input of it' in said
    result = run("grad", source, "--at", "x=2,power=4", "--shape", "power: int")
    assert result.stdout == "dloss_dx = 32.0\n"
    assert "flag = True" in result.stderr
    assert "power = 3" not in result.stderr


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("bundle/inner/members.py", "write bundle/inner/members.py:loss; its functions are: loss"),
        ("bundle/inner/members.py:", "names no function"),
        ("bundle/inner/members.py:Model.loss", "a method of a class and needs an object"),
        ("bundle/inner/members.py:model.los", "has no member 'los'\n  did you mean 'loss'?"),
        ("bundle/inner/members.py:number", "is of the type float, not a function"),
        ("bundle.inner.nothing:loss", "there is no module 'bundle.inner.nothing'"),
        ("bundle/inner/members:loss", "write bundle/inner/members.py:loss"),
        ("members:loss", "write members.py:loss"),
        ("C:\\work\\model.py:loss", "cannot read 'C:\\work\\model.py': no such file"),
        ("C:\\work\\model.py", "cannot read 'C:\\work\\model.py': no such file"),
        ("C:\\work\\model.sd", "cannot read 'C:\\work\\model.sd'"),
    ],
)
def test_functions_that_are_not_there(package, source, sentence):
    result = run("grad", source)
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("def f(x) return x", "raised SyntaxError: expected ':'"),
        ("from . import nothing", "put an __init__.py beside the file"),
        ("exec('def f(x): return 1/0')", "f raised ZeroDivisionError"),
        ("def f(x): return x.sum()", '--shape "x: n"'),
        ("import no_such_module_", "No module named 'no_such_module_'"),
        ("# -*- coding: latin-1 -*-\n# \xe9\ndef f(x):\n    return x/nothing", "line 4 |"),
        ("raise SystemExit(3)", "ended with exit code 3"),
    ],
)
def test_files_that_fail(tmp_path, text, sentence):
    file = tmp_path / "failing.py"
    file.write_text(text, encoding="latin-1")
    result = run("grad", f"{file}:f")
    assert (result.exit_code, result.stdout) == (2, "")
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr


def test_a_file_of_a_name_that_a_library_has(tmp_path):
    file = tmp_path / "json.py"
    file.write_text("def f(x):\n    return x**2\n", encoding="utf-8")
    assert run("grad", f"{file}:f", "--at", "x=3", "-q").stdout == "df_dx = 6.0\n"
    assert run("grad", "x", "--at", "x=[1]", "-q").exit_code == 0


def test_whole_numbers_and_truths_at_a_point():
    picked = "x: [3]; k: int [2]; sum(x[k]**2)"
    assert run("grad", picked, "--at", "x=[1,2,3],k=[2,0]", "-q").stdout == "df_dx = [2., 0., 6.]\n"
    bad = run("grad", picked, "--at", "x=[1,2,3],k=[0.5,0]")
    assert "it holds whole numbers" in bad.stderr
    masked = run("grad", "where(m, x**2, x)", "--shape", "m: bool", "--at", "x=3,m=true", "-q")
    assert masked.stdout == "df_dx = 6.0\n"


def test_arrays_at_a_point():
    result = run("grad", "X: [2, 2]; sum(X @ X)", "--at", "X=[[1, 2], [3, 4]]", "-q")
    assert result.stdout == "df_dX = [[ 7., 11.],\n [ 9., 13.]]\n"
    wrong = run("grad", "x: [2]; sum(x)", "--at", "x=[1, 2, 3]")
    assert wrong.exit_code == 2
    assert "x: expected the shape (2,), got (3,)" in wrong.stderr


def test_batch_axes(tmp_path):
    module = tmp_path / "g.py"
    assert run("grad", "x: [3]; sum(x**2)", "--batch", "-o", str(module)).exit_code == 0
    space = {"__name__": "g"}
    exec(module.read_text(encoding="utf-8"), space)
    x = np.arange(12.0).reshape(2, 2, 3)
    assert (space["grad"](x) == 2 * x).all()
    assert space["value"](x).shape == (2, 2)


def test_bytes_that_are_not_utf8(tmp_path):
    file = tmp_path / "bad.sd"
    file.write_bytes(b"x + \xff")
    assert "not UTF-8" in run("grad", str(file)).stderr
    done = process("grad", b"x + \xff")
    assert done.returncode == 2
    assert b"not UTF-8" in done.stderr


# --- files -----------------------------------------------------------------------------------


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    result = run("grad", "x", "-o", str(tmp_path / "g.py"))
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder closed to root too")
def test_a_folder_that_nobody_may_write_to():
    result = run("grad", "x", "-o", "/proc/g.py")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "cannot write '/proc/g.py'" in result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_standard_output_that_cannot_be_written():
    command = [sys.executable, "-m", "symdiff", "grad", "x", "-q"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr == "error: cannot write to standard output: No space left on device\n"


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "g.py"
    file.write_text("old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = run("grad", "x", "-o", str(file))
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["g.py"]


@pytest.mark.parametrize("moment", ["os.fsync", "pathlib.Path.chmod", "pathlib.Path.replace"])
def test_a_kill_while_writing_leaves_the_old_file(tmp_path, moment):
    """Killed when the whole text is in the temporary file and about to take the old one's place."""
    file = tmp_path / "g.py"
    file.write_text("old")
    program = (
        "import os, pathlib, time\n"
        f"{moment} = lambda *_: (print('now', flush=True), time.sleep(60))\n"
        "from symdiff.commands import main\nmain()"
    )
    command = [sys.executable, "-c", program, "grad", "sin(x)", "-o", str(file)]
    running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert running.stdout.readline() == "now\n"
    assert len(list(tmp_path.iterdir())) == 2
    running.kill()
    assert running.wait() == -signal.SIGKILL
    running.stdout.close()
    assert file.read_text() == "old"


def test_a_file_keeps_its_mode_and_a_link_its_target(tmp_path):
    file, link = tmp_path / "g.py", tmp_path / "link.py"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    assert run("grad", "x", "-o", str(link)).exit_code == 0
    assert link.is_symlink()
    assert "def grad" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


@pytest.mark.parametrize("arguments", ["grad big.sd -q", "functions", "--help", "grad --help"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_stops_early_ends_it_quietly(tmp_path, arguments, unbuffered):
    (tmp_path / "big.sd").write_text("+".join(f"sin(x{i})" for i in range(2_000)))
    environment = {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": unbuffered}
    line = f"'{sys.executable}' -m symdiff {arguments} | true; echo ${{PIPESTATUS[0]}}"
    options = {"cwd": tmp_path, "env": environment, "capture_output": True, "text": True}
    done = subprocess.run(["bash", "-c", line], **options)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_importing_the_command_line_does_not_load_the_compiler():
    code = (
        "import sys, symdiff, symdiff.commands;"
        "print([m for m in ('sympy', 'numpy', 'jinja2', 'mpmath', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "[]\n"


def test_grad_does_not_load_sympy_or_numpy():
    code = (
        "import sys; sys.argv = ['symdiff', 'grad', 'sin(x)', '-q'];"
        "from symdiff.commands import group\n"
        "group(standalone_mode=False)\n"
        "print([m for m in ('sympy', 'numpy', 'mpmath') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stderr == "[]\n"


# --- the number e --------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["e*x", "x*e", "m*e**2", "exp(x)*e", "x*e^2"])
def test_e_is_a_number_and_where_an_input_seems_meant_that_is_said(text):
    result = run("grad", text, "--format", "formula")
    assert result.exit_code == 0
    assert "e is the number 2.718 here" in result.stderr
    assert '--shape "e: float"' in result.stderr
    declared = run("grad", text, "--format", "formula", "--shape", "e: float")
    assert "df_de" in declared.stdout
    assert "2.718" not in declared.stderr
    assert "2.718" not in run("grad", f"e: float; {text}", "--format", "formula").stderr


@pytest.mark.parametrize(
    "text", ["e**x", "e**(-x**2)", "x + 1/e", "e = 2; e*x", "1e3*x", "exp(x)*y"]
)
def test_e_as_a_number_needs_no_words(text):
    assert "2.718" not in run("grad", text, "--format", "formula").stderr


def test_e_that_is_named_as_an_input():
    for option in (("--at", "e=1,x=2"), ("--wrt", "e")):
        result = run("grad", "e*x", *option)
        assert result.exit_code == 2
        assert 'e is the number 2.718: --shape "e: float" makes it an input' in result.stderr
    given = run("grad", "e*x", "--wrt", "e", "--shape", "e: float", "--at", "e=1,x=2", "-q")
    assert given.stdout == "df_de = 2.0\n"


def test_a_keyword_and_its_parameter_both_as_inputs():
    result = run("grad", "lambda_*lambda + lambda__", "--at", "lambda=2,lambda_=3,lambda__=4", "-q")
    assert result.stdout.split() == "df_dlambda_ = 2.0 df_dlambda = 3.0 df_dlambda__ = 1.0".split()


def test_the_help_names_no_option_that_does_nothing():
    text = run("grad", "--help").stdout
    for option in ("not supported",):
        assert option not in text
    assert "--sparse" in run("hessian", "--help").stdout


def test_explain_prints_the_chain():
    result = run("explain", "(x**2)**3", "--at", "x=2")
    assert result.exit_code == 0
    assert "v1_bar*dv1/dx    48.0*4.0  192.0" in result.stdout
    brief = run("explain", "(x**2)**3", "--at", "x=2", "--brief").stdout
    assert "Backward" in brief
    assert "Forward" not in brief


def test_explain_as_data():
    result = run("explain", "log(x)*y", "--at", "x=-1,y=1", "--format", "json")
    data = json.loads(result.stdout)
    assert [step["value"] for step in data["steps"]] == ["nan", "nan"]
    assert [one["value"] for one in data["results"]] == [-1.0, "nan"]


def test_explain_why_nan():
    result = run("explain", "log(x)*y", "--at", "x=-1,y=1", "--why-nan")
    assert "v1 = log(x) = nan at x = -1.0" in result.stdout
    result = run("explain", "log(x)*y", "--at", "x=1,y=1", "--why-nan")
    assert result.stdout == "every value and every cotangent is finite\n"


def test_graph_is_printed_or_written(tmp_path):
    result = run("graph", "x*x", "--at", "x=2")
    assert result.stdout.startswith("digraph")
    assert "x_bar = 4.0" in result.stdout
    path = tmp_path / "g.mmd"
    assert run("graph", "x*x", "--at", "x=2", "-o", str(path)).exit_code == 0
    assert path.read_text().startswith("flowchart")
