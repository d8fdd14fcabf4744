"""The tracer: what stands for an array or a number while a function is traced.

A tracer is concrete (it holds an array of NumPy's, made inside of the function) or symbolic (it
holds a line of the graph). A write is functional underneath: it changes what the owner of the
memory holds; see `storage`.
"""

from __future__ import annotations

import operator
import sys
from typing import Any

from symdiff.frontend.tracing.places import is_of_standard_library
from symdiff.frontend.tracing.recorder import Recorder
from symdiff.frontend.tracing.running import active
from symdiff.frontend.tracing.storage import Storage, is_concrete
from symdiff.frontend.tracing.surface import Operators
from symdiff.graph.shape import Dimension
from symdiff.ops.handle import Handle

WHERE = "write np.where(condition, a, b)"
ITEM = "pass it as an int argument; to take one of a list, write np.array(items)[i]"


class Tracer(Operators):
    """An array, or a number, of the function that is being traced.

    Attributes:
        recording: the trace that it belongs to.
        storage: the buffer that it is, or the view of one.
    """

    __slots__ = ("recording", "storage")
    __array_priority__ = 1000.0
    __pandas_priority__ = 5000  # above frames: pandas leaves operators with a tracer to it

    def __init__(self, recording: Recorder, storage: Storage) -> None:
        self.recording = recording
        self.storage = storage

    @property
    def current(self) -> Recorder:
        """The trace that takes what is computed of it: the innermost one.

        That may be one inside of its own, of a function that reads it and is differentiated there.
        """
        return active() or self.recording

    # --- what it holds -----------------------------------------------------------------------

    @property
    def dtype(self) -> Any:
        """NumPy's type of its elements."""
        return self.storage.dtype

    @property
    def argument(self) -> str:
        """The name of the argument that it stands for; empty for none."""
        return self.storage.argument

    @property
    def content(self) -> Any:
        """The line, or the concrete array, after all writes so far."""
        storage = self.storage
        if storage.is_stale and storage.obstacle:
            self.recording.refuse(*storage.obstacle)
        return storage.content

    @property
    def is_concrete(self) -> bool:
        """Whether it holds an array of NumPy's, which depends on no argument."""
        return is_concrete(self.content)

    @property
    def handle(self) -> Handle:
        """The line of the graph."""
        return self.recording.handle(self)

    @property
    def type_name(self) -> str:
        """What Python's messages call its class."""
        return self.__class__.__name__

    @property
    def _is_integer(self) -> bool:
        return bool(self.dtype.kind not in "fc")

    @property
    def _lengths(self) -> tuple[Dimension, ...]:
        return tuple(self.content.shape)

    def __str__(self) -> str:
        from symdiff.frontend.tracing.unseen import is_printed

        if is_of_standard_library(sys._getframe(1).f_code.co_filename) or is_printed():
            return repr(self)
        return str(self._number("a text", "take the print out, or print x itself"))

    def __repr__(self) -> str:
        return f"<traced array of the shape {self._lengths}>"

    # --- what it refuses ---------------------------------------------------------------------

    def _number(self, what: str, advice: str) -> Any:
        """The number, where it is concrete."""
        content = self.content
        if is_concrete(content):
            return content
        from symdiff.frontend.tracing.unseen import number_refusal

        self.current.memory.refuse_unseen_write()
        return self.current.refuse(*number_refusal(what, advice))

    def __bool__(self) -> bool:
        truth = self.current.decided(self)
        return bool(self._number("a decision", WHERE)) if truth is None else truth

    def _refuse_arrays(self) -> None:
        """An error as NumPy's, which code may catch, where there is more than one number."""
        if any(type(n) is int and n != 1 for n in self._lengths):
            raise TypeError("only 0-dimensional arrays can be converted to Python scalars")

    def __float__(self) -> float:
        self._refuse_arrays()
        return float(self._number("float(...)", "compute with the value itself"))

    def __int__(self) -> int:
        self._refuse_arrays()
        return int(self._number("int(...)", "compute with the value itself, or pass it as an int"))

    def __index__(self) -> int:
        if not self._is_integer:
            raise TypeError(f"'{self.type_name}' object cannot be interpreted as an integer")
        count = self.current.counted(self)
        if count is None:
            count = self._number("an index or a length", ITEM)
        return operator.index(count)

    def __complex__(self) -> complex:
        self._refuse_arrays()
        number = self._number("complex(...)", "write x + 1j*y, or np.array(x, complex)")
        return complex(number)

    def __format__(self, spec: str) -> str:
        return format(self._number("a format", "take the print out, or print x itself"), spec)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        content = self.content
        if is_concrete(content):
            return content.copy()
        self.current.memory.refuse_unseen_write()
        from symdiff.frontend.tracing.unseen import refusal

        return self.current.refuse(*refusal())

    # --- NumPy's protocols -------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return self.current.ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return self.current.function(func, args, kwargs)

    @property
    def real(self) -> Any:
        """The real part; a real number itself."""
        return self.current.call("real", self) if self._is_complex else self

    @property
    def imag(self) -> Any:
        """The imaginary part; zeros for real numbers."""
        return self.current.call("imag" if self._is_complex else "zeros_like", self)

    def conjugate(self) -> Any:
        """The complex conjugate; a real number itself."""
        return self.current.call("conjugate", self) if self._is_complex else self

    @property
    def _is_complex(self) -> bool:
        return bool(self.dtype.kind == "c")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"'{self.type_name}' object has no attribute '{name}'")
        return self.current.attribute(self, name)
