"""Sums of products, of which products of matrices are some."""

from numpy.arrays import array, asarray, made
from numpy.functions import where
from numpy.indices import places
from numpy.kinds import Number
from numpy.making import zeros_like

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def einsum(letters, *operands):
    """A sum of products of one array or two, as the letters have it."""
    given, result = letters.replace(" ", "").split("->")
    given, operands = given.split(","), [asarray(operand) for operand in operands]
    lengths = {}
    for names, operand in zip(given, operands, strict=True):
        for name, length in zip(names, operand.shape, strict=True):
            if lengths.setdefault(name, length) != length:
                raise ValueError(f"the lengths of '{name}' in '{letters}' do not match")
    summed = [name for name in lengths if name not in result]
    shape = [lengths[name] for name in result]
    factors = []
    for names, operand in zip(given, operands, strict=True):
        steps = dict.fromkeys(lengths, 0)
        whole = asarray([operand.item()]) if isinstance(operand, Number) else operand
        for name, step in zip(names, whole.steps, strict=bool(names)):
            steps[name] += step
        outer = places(shape, [steps[name] for name in result], whole.start)
        inner = places([lengths[name] for name in summed], [steps[name] for name in summed])
        factors.append((whole.buffer, outer, inner))
    return made(_sums(factors), shape)


def _sums(factors):
    (x, starts, inner), *others = factors
    if not others:
        return [sum([x[start + at] for at in inner]) for start in starts]
    ((y, begins, along),) = others
    steps = list(zip(inner, along, strict=True))
    return [
        sum([x[start + i] * y[begin + j] for i, j in steps])
        for start, begin in zip(starts, begins, strict=True)
    ]


def matmul(first, second):
    first, second = asarray(first), asarray(second)
    if not (first.ndim and second.ndim):
        raise ValueError("matmul: a number is no matrix")
    if first.shape[-1] != second.shape[0 if second.ndim == 1 else -2]:
        raise ValueError(f"matmul: the shapes {first.shape} and {second.shape} do not fit")
    left, right = "i" * (first.ndim > 1), "k" * (second.ndim > 1)
    stacks = [x.shape[:-2] for x in (first, second)]
    batch = [_LETTERS[::-1][: len(stack)][::-1] for stack in stacks]
    if all(stacks) and stacks[0] != stacks[1]:
        raise ValueError(f"matmul: stacks of the shapes {stacks[0]} and {stacks[1]}")
    whole = max(batch, key=len)
    return einsum(f"{batch[0]}{left}j,{batch[1]}j{right}->{whole}{left}{right}", first, second)


def dot(first, second):
    first, second = asarray(first), asarray(second)
    if isinstance(first, Number) or isinstance(second, Number):
        return first * second
    return tensordot(first, second, ([first.ndim - 1], [max(0, second.ndim - 2)]))


def outer(first, second):
    return einsum("i,j->ij", asarray(first).reshape(-1), asarray(second).reshape(-1))


def tensordot(first, second, axes=2):
    first, second = asarray(first), asarray(second)
    if isinstance(axes, int):
        axes = list(range(first.ndim - axes, first.ndim)), list(range(axes))
    ones, others = ([axis] if isinstance(axis, int) else list(axis) for axis in axes)
    names = list(_LETTERS[: first.ndim])
    further = list(_LETTERS[first.ndim : first.ndim + second.ndim])
    for one, other in zip(ones, others, strict=True):
        further[other % second.ndim] = names[one % first.ndim]
    shared = {names[one % first.ndim] for one in ones}
    result = [name for name in names + further if name not in shared]
    return einsum(f"{''.join(names)},{''.join(further)}->{''.join(result)}", first, second)


def trace(value):
    return array(value).ravel()[:: value.shape[1] + 1].sum()


# --- triangles and diagonals ---------------------------------------------------------------------


def _chosen(value, is_kept):
    """The matrices with zeros where elements are not kept, by row and column."""
    value = asarray(value)
    rows, columns = value.shape[-2:]
    kept = [is_kept(i, j) for i in range(rows) for j in range(columns)]
    return where(made(kept, (rows, columns), "bool"), value, zeros_like(value))


def tril(value, k=0):
    return _chosen(value, lambda i, j: j <= i + k)


def triu(value, k=0):
    return _chosen(value, lambda i, j: j >= i + k)


def diag(value):
    value = asarray(value)
    if value.ndim == 2:
        return value.ravel()[: min(value.shape) * value.shape[1] : value.shape[1] + 1]
    n = len(value)
    numbers = [value[i] if i == j else 0.0 for i in range(n) for j in range(n)]
    return made([*map(float, numbers)], (n, n), "float64")
