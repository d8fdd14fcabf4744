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
