"""Extension of IPython, in a shell of it."""

import pytest

import symdiff as sd

IPython = pytest.importorskip("IPython", reason="IPython is not installed")


@pytest.fixture
def shell(monkeypatch):
    from IPython.core.interactiveshell import InteractiveShell

    monkeypatch.setattr(InteractiveShell, "_instance", None)
    shell = InteractiveShell()
    shell.history_manager.enabled = False
    shell.run_line_magic("load_ext", "symdiff")
    yield shell
    shell.history_manager.end_session()


def test_a_cell_is_a_function(shell):
    shell.run_cell("%%symdiff f\nt = x*y\nsin(t)*x")
    f = shell.user_ns["f"]
    assert f.inputs == ("x", "y")
    assert f.grad()(0.5, 2.0) == sd.function("sin(x*y)*x").grad()(0.5, 2.0)
    shown = shell.run_cell("%%symdiff\nx**2").result
    assert shown._repr_latex_() == sd.function("x**2")._repr_latex_()


def test_a_mistake_is_shown_without_own_frames(shell, capsys):
    done = shell.run_cell("%%symdiff f\n2*tahn(x)")
    assert isinstance(done.error_in_exec, sd.ParseError)
    said = capsys.readouterr().out
    assert "    2*tahn(x)".strip() in said
    assert "^^^^" in said
    assert "did you mean 'tanh'?" in said
    assert "symdiff/" not in said
    assert "Traceback" not in said


def test_the_users_line_is_shown(shell, capsys):
    shell.run_cell("import symdiff as sd\nf = sd.function('x*y')")
    shell.run_cell("def bad():\n    return f.explain({'x': 1.0})\nbad()")
    said = capsys.readouterr().out
    assert "return f.explain({'x': 1.0})" in said
    assert "no value is given for the input 'y'" in said
    assert "examined.py" not in said


def test_frames_are_left_out_where_the_extension_is_not_loaded(shell, capsys):
    shell.run_line_magic("unload_ext", "symdiff")
    shell.run_cell("import symdiff as sd\ndef bad():\n    return sd.function('2*tahn(x)')\nbad()")
    said = capsys.readouterr().out
    assert "return sd.function('2*tahn(x)')" in said
    assert "did you mean 'tanh'?" in said
    assert "api.py" not in said


def test_a_function_is_shown_in_each_way(shell):
    shown, _ = shell.display_formatter.format(sd.function("x: [N, 3]\nsum(x**2)"))
    assert {"text/plain", "text/latex", "text/html"} <= shown.keys()
    assert "<math" in shown["text/html"]
    assert "(x: [N, 3])" in shown["text/html"]


def test_a_wrong_name_is_refused(shell, capsys):
    shell.run_cell("%%symdiff f g\nx")
    assert "'f g' is no name for a function" in capsys.readouterr().out


@pytest.fixture
def kernel(shell, monkeypatch):
    """The shell as a kernel has it, where everything takes too long; what it displays."""
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    from symdiff import progress

    monkeypatch.setattr(InteractiveShell, "_instance", shell)
    monkeypatch.setattr(progress, "AFTER", 0.0)
    monkeypatch.setattr(progress, "BETWEEN", 0.0)
    shell.kernel, shell.display_pub = object(), CapturingDisplayPublisher(parent=shell)
    return shell


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("check()", "points checked"),
        ("compare({'x': 1.0})", "methods measured"),
        ("grad()", "differentiating"),
        ("grad().emit()", "optimising"),
    ],
)
def test_what_takes_long_shows_a_bar_which_is_gone_in_the_end(kernel, call, name):
    kernel.run_cell(f"import symdiff as sd\nsd.function('sin(x)*x').{call};")
    shown = [output["data"]["text/html"] for output in kernel.display_pub.outputs]
    bars = [text for text in shown if name in text]
    assert len(bars) > 1
    assert all("<progress value=" in text for text in bars)
    ids = {output["transient"]["display_id"] for output in kernel.display_pub.outputs}
    last = {o["transient"]["display_id"]: o["data"] for o in kernel.display_pub.outputs}
    assert ids
    assert list(last.values()) == [{"text/plain": "", "text/html": ""}] * len(ids)


def test_a_script_and_a_caller_with_a_bar_of_its_own_see_none(kernel, capsys):
    told = []
    kernel.user_ns["told"] = told
    kernel.run_cell("import symdiff as sd\nf = sd.function('x*x')")
    kernel.run_cell("f.check(progress=lambda *n: told.append(n));")
    assert told[-1][0] == told[-1][1] == len(told)
    names = [output["data"]["text/plain"] for output in kernel.display_pub.outputs]
    assert not [name for name in names if "points checked" in name]
    before = len(kernel.display_pub.outputs)
    kernel.kernel = None
    sd.function("x**3").check()
    assert len(kernel.display_pub.outputs) == before
    assert capsys.readouterr().err == ""
