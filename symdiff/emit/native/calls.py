"""Calls of C functions on floats: an extension of Python's beside the functions in their library.

Through `ctypes` a call on five floats takes ten times as long as what it computes. Where Python's
headers are there, the library holds functions that Python calls at once. One returns `None` where
it was not given floats, or where a check failed: the caller then goes the slower way.
"""

from __future__ import annotations

import platform
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from symdiff.derive.packing import Nest
from symdiff.emit.entries.c_function import Function

_NAME = "symdiff_calls"
_MADE = {
    "double": "PyFloat_FromDouble",
    "int64_t": "PyLong_FromLongLong",
    "bool": "PyBool_FromLong",
}
_START = """\
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

/* Nested results: the place of a number, or -1 - n before the n parts of a tuple. */
static PyObject *nested(const int **code, const double *numbers)
{
    const int here = *(*code)++;
    if (here >= 0) {
        return PyFloat_FromDouble(numbers[here]);
    }
    const Py_ssize_t length = -1 - here;
    PyObject *found = PyTuple_New(length);
    for (Py_ssize_t k = 0; found != NULL && k < length; k++) {
        PyObject *part = nested(code, numbers);
        if (part == NULL) {
            Py_DECREF(found);
            return NULL;
        }
        PyTuple_SET_ITEM(found, k, part);
    }
    return found;
}
"""
_FUNCTION = """
{head};

static PyObject *call_{name}(PyObject *self, PyObject *const *given, Py_ssize_t count)
{{
    static const int code[] = {{{code}}};
    const int *next = code;
    (void)self;
    (void)next;
    for (Py_ssize_t k = 0; k < {inputs}; k++) {{
        if (k >= count || !PyFloat_CheckExact(given[k])) {{
            Py_RETURN_NONE;
        }}
    }}
    double *x = PyMem_Malloc({size} * sizeof(double));
    if (x == NULL) {{
        return PyErr_NoMemory();
    }}
    for (Py_ssize_t k = 0; k < {inputs}; k++) {{
        x[k] = PyFloat_AS_DOUBLE(given[k]);
    }}
    {before}{call};{after}
    PyObject *found = {result};
    PyMem_Free(x);
    return found;
}}
"""
_END = """
static PyMethodDef methods[] = {{
{methods}
    {{NULL, NULL, 0, NULL}},
}};
static PyModuleDef_Slot slots[] = {{ /* there is no state: any thread and interpreter may call */
#ifdef Py_mod_multiple_interpreters
    {{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED}},
#endif
#ifdef Py_mod_gil
    {{Py_mod_gil, Py_MOD_GIL_NOT_USED}},
#endif
    {{0, NULL}},
}};
static struct PyModuleDef module = {{
    PyModuleDef_HEAD_INIT, "{name}", NULL, 0, methods, slots, NULL, NULL, NULL,
}};

PyMODINIT_FUNC PyInit_{name}(void)
{{
    return PyModuleDef_Init(&module);
}}
"""


class Call(NamedTuple):
    """A C function of floats, and what becomes of its results.

    Attributes:
        function: the function.
        inputs: how many floats it takes.
        pointers: how many arrays it writes to, each a number behind the other.
        size: how many numbers it writes.
        nest: the places of the results, as they are put together.
        is_long: whether other threads of Python's run meanwhile.
    """

    function: Function
    inputs: int
    pointers: int
    size: int
    nest: Nest
    is_long: bool


def headers() -> str:
    """The folder of Python's headers; empty where there are none that can be used."""
    folder = sysconfig.get_path("include")
    is_usual = platform.system() in ("Linux", "Darwin") and sys.implementation.name == "cpython"
    return folder if is_usual and (Path(folder) / "Python.h").is_file() else ""


def flags() -> list[str]:
    """What the compiler is told beside what it is told of every library."""
    lookup = ["-undefined", "dynamic_lookup"] if platform.system() == "Darwin" else []
    return [f"-I{headers()}", *lookup]


def text_of(calls: Sequence[Call]) -> str:
    """The C file of the extension."""
    names = [call.function.name for call in calls]
    method = '    {{"{0}", (PyCFunction)(void (*)(void))call_{0}, METH_FASTCALL, NULL}},'
    methods = "\n".join(map(method.format, names))
    return _START + "".join(map(_function, calls)) + _END.format(methods=methods, name=_NAME)


def _function(call: Call) -> str:
    function, inputs = call.function, call.inputs
    numbers = [f"x[{k}]" for k in range(inputs)]
    kind = _MADE.get(function.returns)
    written = [f"x + {inputs + k}" for k in range(call.pointers)] if kind is None else []
    text = f"{function.symbol}({', '.join([*numbers, *written])})"
    result = f"nested(&next, x + {inputs})"
    before = after = ""
    if kind is not None:
        text, result = f"const {function.returns} y = {text}", f"{kind}(y)"
    elif function.returns == "int":
        text = f"const int failed = {text}"
        after = "\n    if (failed) {\n        PyMem_Free(x);\n        Py_RETURN_NONE;\n    }"
    if call.is_long:
        before = "PyThreadState *others = PyEval_SaveThread();\n    "
        after = f"\n    PyEval_RestoreThread(others);{after}"
    return _FUNCTION.format(
        head=function.head,
        name=function.name,
        code=", ".join(map(str, _coded(call.nest))),
        inputs=inputs,
        size=max(inputs + call.size, 1),
        before=before,
        call=text,
        after=after,
        result=result,
    )


def _coded(nest: Nest) -> Iterator[int]:
    """Nested tuples in a row: see `nested` in the C file."""
    if isinstance(nest, int):
        yield nest
        return
    yield -1 - len(nest)
    for part in nest:
        yield from _coded(part)


def extension(library: Path) -> ModuleType | None:
    """The extension in a library; `None` where it holds none that this Python can load."""
    loader = ExtensionFileLoader(_NAME, str(library))
    spec = spec_from_loader(_NAME, loader)
    assert spec is not None  # of a loader there is one
    try:
        module = module_from_spec(spec)
        loader.exec_module(module)
    except ImportError:
        return None
    return module


def quicker(call: Callable[..., Any], otherwise: Callable[..., Any]) -> Callable[..., Any]:
    """A function that asks the extension first."""

    def body(*given: Any) -> Any:
        found = call(*given)
        return otherwise(*given) if found is None else found

    return body
