"""Structures of nested arguments and results, and the numbers in them that a function takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from symdiff.derive.options import Options
from symdiff.errors import SymdiffError, UnsupportedError
from symdiff.frontend.tracing.arguments import arity_of, packer, parameters_of, vectors_of
from symdiff.frontend.tracing.function import TracedFunction
from symdiff.frontend.tracing.pytree import Maker, flatten, leaves, members
from symdiff.frontend.tracing.spec import Spec
from symdiff.verbs import INPUTS, Verb, Wrt
from symdiff.wrt import is_single, items_of


def parted(
    function: Callable[..., Any], verb: Verb, wrt: Wrt, args: Sequence[Any], count: int
) -> tuple[Sequence[Any], Sequence[Any]]:
    """The function's own arguments, and the vectors behind them.

    Args:
        function: what is differentiated.
        verb: what is computed of it.
        wrt: the arguments to differentiate by.
        args: those that are given by position.
        count: how many are given in all.

    Raises:
        SymdiffError: where there are too many arguments or too few.
    """
    vectors = verb.vectors
    if vectors is None:
        return args, ()
    if vectors.axis == INPUTS:
        wanted = len(items_of(wrt))
    else:
        wanted = max(1, count - len(parameters_of(function)))
    least, most = arity_of(function)
    if len(args) < wanted or not least <= count - wanted <= most:
        raise SymdiffError(
            f"{verb.name} is called with the arguments and then {wanted} "
            f"{vectors.noun}{'s' * (wanted > 1)}"
        )
    return args[: len(args) - wanted], args[len(args) - wanted :]


def leaves_of(traced: TracedFunction, differentiated: Sequence[str]) -> tuple[str, ...]:
    """The inputs of floats that the arguments to differentiate by consist of."""
    return tuple(
        item.name
        for name in differentiated
        for item in traced.inputs
        if item.argument == name and item.spec.dtype.kind == "f"
    )


def refuse_without_numbers(specs: Any, differentiated: Sequence[str]) -> None:
    """An argument to differentiate by that holds nothing to differentiate by."""
    for name in differentiated:
        found = [leaf for _, leaf in leaves(specs.arguments[name]) if isinstance(leaf, Spec)]
        if not any(spec.dtype.kind == "f" for spec in found):
            raise SymdiffError(f"'{name}' holds no number to differentiate by")


def owners_of_vectors(
    verb: Verb,
    specs: Any,
    differentiated: Sequence[str],
    traced: TracedFunction,
    behind: Sequence[Any],
) -> Sequence[Any]:
    """What each of the vectors is for: an argument, an output, or all outputs."""
    vectors = verb.vectors
    if vectors is None:
        return ()
    if vectors.axis == INPUTS:
        return [specs.arguments[name] for name in differentiated]
    parts = members(traced.result)
    is_one_each = parts is not None and len(parts) == len(behind)
    if len(behind) == 1:  # of a sequence of one output: that of the output, or a sequence
        is_one_each &= members(behind[0]) is None and isinstance(traced.result, tuple | list)
    return [part for _, part in parts or ()] if is_one_each else [traced.result]


def numbers_of_vectors(verb: Verb, arguments: Sequence[Any], behind: Sequence[Any]) -> list[Any]:
    """The numbers and arrays of vectors, as the emitted function takes them."""
    vectors = verb.vectors
    if vectors is None or len(arguments) != len(behind):  # one for each number
        return [leaf for v in behind for _, leaf in leaves(v) if leaf is not None]
    return vectors_of(arguments, behind, vectors.noun)


def packer_of(
    verb: Verb,
    options: Options,
    wrt: Wrt,
    specs: Any,
    differentiated: Sequence[str],
    traced: TracedFunction,
) -> Maker | None:
    """Puts the flat result into the structures of the arguments and of what is returned.

    It is `None` where the flat result has these.
    """
    if options.sparse:
        return None
    of_outputs, of_inputs = _of_outputs(traced.result), None
    if verb.is_derivative and INPUTS in verb.result:
        arguments = [specs.arguments[name] for name in differentiated]
        of_inputs = packer(arguments, is_single=is_single(wrt))
    packed = of_inputs if verb.result == (INPUTS,) else of_outputs
    if verb.is_matrix:
        is_hessian = verb.result[0] == INPUTS
        packed = _twice(of_inputs) if is_hessian else _of_outputs(traced.result, of_inputs)
    if not verb.returns_value or not verb.is_derivative:
        return packed
    return _behind_value(of_outputs, packed)


def _twice(pack: Maker | None) -> Maker | None:
    """The structure of the arguments, and in the place of each number that structure again."""
    if pack is None:
        return None

    def packed(result: Any) -> Any:
        if isinstance(result, tuple):
            return pack(tuple([pack(part) for part in result]))
        return pack(pack(result))

    return packed


def _of_outputs(result: Any, each: Maker | None = None) -> Maker | None:
    """Puts outputs into the structure of what a function returns, several of a sequence in a tuple.

    Args:
        result: what it returns, with the number of the output in the place of each leaf but `None`.
        each: puts one into a structure of its own.
    """
    numbers, structure = flatten(result)
    are_several = len(numbers) - numbers.count(None) > 1
    is_flat = structure.kind in (None, tuple, list) and not any(p.kind for p in structure.parts)
    is_flat = is_flat and None not in numbers
    if is_flat and each is None:
        return None
    if is_flat and not are_several:
        return each
    make = tuple if is_flat else structure.maker(numbers)

    def packed(found: Any) -> Any:
        parts = found if are_several else (found,)
        return make(parts if each is None else [each(part) for part in parts])

    return packed


def _behind_value(of_value: Maker | None, pack: Maker | None) -> Maker | None:
    """The value and what stands behind it, each in its structure."""
    if of_value is None and pack is None:
        return None

    def packed(result: Any) -> Any:
        value, behind = result
        value = value if of_value is None else of_value(value)
        return value, behind if pack is None else pack(behind)

    return packed


def refuse_constant(traced: TracedFunction) -> None:
    """A function that returns a number which no argument enters."""
    graph = traced.graph
    needed = graph.ancestors(graph.outputs)
    if len(graph.outputs) == 1 and not any(needed[at] for at in graph.inputs):
        raise UnsupportedError(
            f"{traced.name} returns a constant: no argument enters it",
            suggestion="is the result computed from the arguments, and by NumPy?",
        )
