"""Programs as a user writes them, which are traced as the user's own code is."""

from __future__ import annotations

from typing import Any

import numpy as np  # noqa: TID253  nothing loads this module before a trace runs

MOST_STEPS = 100_000


def between(f: Any, a: Any, b: Any, xtol: float, rtol: float, maxiter: int) -> Any:
    """R. P. Brent, Algorithms for Minimization Without Derivatives (1973), chapter 4; as SciPy."""
    previous, current = a, b
    f_previous, f_current = f(a), f(b)
    if f_previous * f_current > 0.0:
        raise ValueError("f(a) and f(b) must have different signs")
    if f_previous == 0.0:
        current, f_current = previous, f_previous
    other, f_other, last, step = previous, f_previous, current - previous, current - previous
    count = 0
    is_done = f_current == 0.0
    while not is_done:
        if f_previous * f_current < 0.0:
            other, f_other = previous, f_previous
            last = step = current - previous
        if abs(f_other) < abs(f_current):
            previous, current, other = current, other, current
            f_previous, f_current, f_other = f_current, f_other, f_current
        delta = 0.5 * (xtol + rtol * abs(current))
        half = 0.5 * (other - current)
        is_done = (f_current == 0.0) or (abs(half) < delta)
        if not is_done:
            is_kept = False
            tried = half
            if (abs(last) > delta) and (abs(f_current) < abs(f_previous)):
                if previous == other:
                    tried = -f_current * (current - previous) / (f_current - f_previous)
                else:
                    to_previous = (f_previous - f_current) / (previous - current)
                    to_other = (f_other - f_current) / (other - current)
                    above = f_other * to_other - f_previous * to_previous
                    below = to_other * to_previous * (f_other - f_previous)
                    tried = -f_current * above / below
                is_kept = 2.0 * abs(tried) < min(abs(last), 3.0 * abs(half) - delta)
            if is_kept:
                last = step
                step = tried
            else:
                last = half
                step = half
            previous, f_previous = current, f_current
            if abs(step) > delta:
                current = current + step
            elif half > 0.0:
                current = current + delta
            else:
                current = current - delta
            f_current = f(current)
            count = count + 1
            if count >= maxiter:
                raise RuntimeError("the root is not found in as many steps as maxiter says")
    return current


def secant(f: Any, first: Any, second: Any, tol: float, rtol: float, maxiter: int) -> Any:
    """The method of secants, as SciPy's `newton` does it without a derivative."""
    p0, p1 = first, second
    q0, q1 = f(p0), f(p1)
    if abs(q1) < abs(q0):
        p0, p1, q0, q1 = p1, p0, q1, q0
    p = p1
    count = 0
    is_done = q1 == 0.0
    while not is_done:
        if q1 == q0:
            p = 0.5 * (p1 + p0)
            is_done = True
            if p1 != p0:
                raise RuntimeError("the method of secants meets two equal values")
        else:
            if abs(q1) > abs(q0):
                p = (-q0 / q1 * p1 + p0) / (1.0 - q0 / q1)
            else:
                p = (-q1 / q0 * p0 + p1) / (1.0 - q1 / q0)
            is_done = abs(p - p1) <= tol + rtol * abs(p1)
            p0, q0 = p1, q1
            p1 = p
            q1 = f(p1)
            count = count + 1
            if (count >= maxiter) and not is_done:
                raise RuntimeError("the root is not found in as many steps as maxiter says")
    return p


def newton(f: Any, slope: Any, start: Any, tol: float, rtol: float, maxiter: int) -> Any:
    """The method of Newton for one equation, as SciPy's `newton` does it."""
    p = start
    count = 0
    value = f(p)
    is_done = value == 0.0
    while not is_done:
        before = p
        rise = slope(before)
        if rise == 0.0:
            raise RuntimeError("the derivative is zero")
        p = before - value / rise
        is_done = abs(p - before) <= tol + rtol * abs(before)
        value = f(p)
        count = count + 1
        if (count >= maxiter) and not is_done:
            raise RuntimeError("the root is not found in as many steps as maxiter says")
    return p


def newton_of_each(f: Any, slope: Any, start: Any, tol: float, maxiter: int) -> Any:
    """The method of Newton for the elements of an array at once, as SciPy's `newton` does it."""
    p = start
    count = 0
    is_done: Any = False
    while not is_done:
        rise = slope(p)
        moves = rise != 0.0
        step = np.where(moves, f(p) / np.where(moves, rise, 1.0), 0.0)
        p = p - step
        is_done = np.all(np.abs(step) < tol)
        count = count + 1
        if (count >= maxiter) and not is_done:
            raise RuntimeError("the roots are not found in as many steps as maxiter says")
    return p


def fixed_point(f: Any, start: Any, xtol: float, maxiter: int, accelerates: bool) -> Any:  # noqa: FBT001
    """Where what is added is nothing: by iteration, or by Steffensen's method, as SciPy."""
    p = start
    count = 0
    is_done: Any = False
    while not is_done:
        before = p
        p = before + f(before)
        if accelerates:
            further = p + f(p)
            apart = further - 2.0 * p + before
            safe = np.where(apart != 0.0, apart, 1.0)
            p = np.where(apart != 0.0, before - (p - before) ** 2 / safe, further)[()]
        scale = np.where(before != 0.0, before, 1.0)
        change = np.where(before != 0.0, (p - before) / scale, p)
        is_done = np.all(np.abs(change) < xtol)
        count = count + 1
        if (count >= maxiter) and not is_done:
            raise RuntimeError("the fixed point is not found in as many steps as maxiter says")
    return p


def newton_of_system(f: Any, start: Any, tol: float, maxiter: int) -> Any:
    """The method of Newton with the matrix of differences, and shorter steps where these help."""
    x = start
    values = f(x)
    size = np.sqrt(np.sum(values * values))
    count = 0
    is_done = size == 0.0
    while not is_done:
        columns = []
        for k in range(len(start)):
            h = 1.5e-8 * np.maximum(np.abs(x[k]), 1.0)
            moved = x + h * (np.arange(len(start)) == k)
            columns.append((f(moved) - values) / h)
        step = np.linalg.solve(np.stack(columns, axis=1), values)
        share = 1.0
        new = x - step
        new_values = f(new)
        new_size = np.sqrt(np.sum(new_values * new_values))
        while (not (new_size <= size)) and (share > 1e-6):
            share = 0.5 * share
            new = x - share * step
            new_values = f(new)
            new_size = np.sqrt(np.sum(new_values * new_values))
        moved_by = share * np.sqrt(np.sum(step * step))
        is_done = (moved_by <= tol * np.sqrt(np.sum(new * new))) or (new_size == 0.0)
        x, values, size = new, new_values, new_size
        count = count + 1
        if (count >= maxiter) and not is_done:
            raise RuntimeError("the root is not found: give a start that is nearer")
    return x


def downwards(f: Any, slope: Any, curvature: Any, start: Any, maxiter: int) -> Any:
    """The method of Newton for a minimum: along each axis of the curvature downwards.

    Y. N. Dauphin et al., Identifying and attacking the saddle point problem (2014), with shorter
    steps where a whole one does not descend.
    """
    x = start
    value, g = f(x), slope(x)
    least, last = 0.0, np.inf
    count = 0
    is_done: Any = False
    while not is_done:
        bends, axes = np.linalg.eigh(curvature(x))
        sizes = np.abs(bends)
        largest = np.max(sizes)
        least = np.min(bends) / np.where(largest > 0.0, largest, 1.0)
        sizes = np.maximum(sizes, np.where(largest > 0.0, 1e-10 * largest, 1.0))
        step = axes @ ((axes.T @ g) / sizes)
        scale = np.maximum(1.0, np.sqrt(np.sum(x * x)))
        length = np.sqrt(np.sum(step * step))
        step = step * np.minimum(1.0, 10.0 * scale / np.where(length > 0.0, length, 1.0))
        length = np.minimum(length, 10.0 * scale)
        size, down, slack = np.sqrt(np.sum(g * g)), np.sum(g * step), 1e-15 * np.abs(value)
        share = 1.0
        new = x - step
        new_value, new_g = f(new), slope(new)
        is_nearer = (least > 0.0) and (np.sqrt(np.sum(new_g * new_g)) <= size)
        is_lower = new_value <= value - 1e-4 * share * down + slack
        while (not (is_lower or is_nearer)) and (share > 1e-12):
            share = 0.5 * share
            new = x - share * step
            new_value, new_g = f(new), slope(new)
            is_nearer = (least > 0.0) and (np.sqrt(np.sum(new_g * new_g)) <= size)
            is_lower = new_value <= value - 1e-4 * share * down + slack
        is_still = (length <= 1e-8 * scale) and (share > 0.5) and (length > 0.5 * last)
        is_stuck = (length <= 1e-7 * scale) and (share <= 1e-12)
        is_done = (length <= 4e-16 * scale) or is_still or is_stuck
        last = share * length
        if share > 1e-12:
            x, value, g = new, new_value, new_g
        count = count + 1
        if (count >= maxiter) and not is_done:
            raise RuntimeError("the minimum is not found: give a start that is nearer")
        if is_done and (least < -1e-8):
            raise RuntimeError("the point that is found is no minimum: give another start")
    return x


def lowest_between(f: Any, a: Any, b: Any) -> Any:
    """A place near the minimum in an interval, by the golden section (J. Kiefer 1953)."""
    low, high = 1.0 * a, 1.0 * b
    ratio = 0.3819660112501051
    inner = low + ratio * (high - low)
    value = f(inner)
    least = 1e-4 * (high - low)
    while high - low > least:
        if high - inner > inner - low:
            tried = inner + ratio * (high - inner)
        else:
            tried = inner - ratio * (inner - low)
        tried_value = f(tried)
        if tried_value < value:
            if tried > inner:
                low = inner
            else:
                high = inner
            inner, value = tried, tried_value
        elif tried > inner:
            high = tried
        else:
            low = tried
    return inner


def inside(x: Any, a: Any, b: Any) -> Any:
    """A minimum that is not beyond the bounds."""
    if (x < a) or (x > b):
        raise ValueError("the minimum between the bounds is at one of them, or not the nearest")
    return x


def steps_to(attempt: Any, sign: float, exponent: float, carry: Any, end: Any) -> Any:
    """Steps of a method of Runge and Kutta until a time is passed, as SciPy chooses them."""
    begun, start, done, t, y, f, h, slopes, was_rejected, count = carry
    while (sign * (end - t) > 0.0) and (count < MOST_STEPS):
        new_t, step, made, new, error = attempt(t, y, f, h)
        safe = np.where(error > 0.0, error, 1.0)
        grown = np.where(error > 0.0, np.minimum(10.0, 0.9 * safe**exponent), 10.0)
        grown = np.where(was_rejected > 0.0, np.minimum(1.0, grown), grown)
        shrunk = np.maximum(0.2, 0.9 * safe**exponent)
        if error < 1.0:
            begun, start, done = t, y, step
            t, y, f, slopes = new_t, new, made[-1], made
            h = np.abs(step) * grown
            was_rejected = 0.0
        else:
            h = np.abs(step) * shrunk
            was_rejected = 1.0
            count = np.where(h < 2.3e-15 * np.abs(t), 1.0 * MOST_STEPS, count)
        count = count + 1.0
    if count >= MOST_STEPS:
        raise ValueError("the steps of the initial value problem become too many or too small")
    return begun, start, done, t, y, f, h, slopes, was_rejected, count


def of_rows(f: Any, axis: int, arr: Any, args: Any, kwargs: Any) -> Any:
    """`np.apply_along_axis`: the axes of what a row gives stand where the row's axis stood."""
    arr = np.asarray(arr)
    if not -arr.ndim <= axis < arr.ndim:
        raise np.exceptions.AxisError(axis, arr.ndim)
    rows = np.moveaxis(arr, axis, -1)
    outer = rows.shape[:-1]
    if 0 in outer:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0")
    found = [np.asarray(f(rows[place], *args, **kwargs)) for place in np.ndindex(*outer)]
    first = found[0]
    made = np.reshape(np.stack(found).astype(first.dtype), outer + first.shape)
    at = axis % arr.ndim
    inner = range(len(outer), made.ndim)
    return np.transpose(made, [*range(at), *inner, *range(at, len(outer))])


def of_elements(f: Any, otypes: Any, is_mapped: Any, args: Any, kwargs: Any) -> Any:
    """`np.vectorize`: a function of Python's numbers; the first result says the type of all."""
    names = list(kwargs)
    given = [*args, *kwargs.values()]
    arrays = [np.asarray(value) for value, own in zip(given, is_mapped, strict=True) if own]
    shape = np.broadcast_shapes(*[array.shape for array in arrays])
    if 0 in shape and otypes is None:
        raise ValueError("cannot call `vectorize` on size 0 inputs unless `otypes` is set")
    spread = [np.ravel(np.broadcast_to(array, shape)) for array in arrays]
    results = []
    for k in range(int(np.prod(shape))):
        elements = [v[k] if v.dtype == object else v[k].item() for v in spread]  # None is no number
        pairs = zip(given, is_mapped, strict=True)
        every = [elements.pop(0) if own else value for value, own in pairs]
        results.append(f(*every[: len(args)], **dict(zip(names, every[len(args) :], strict=True))))
    is_tuple = isinstance(results[0], tuple)
    columns = list(zip(*results, strict=True)) if is_tuple else [results]
    kinds = otypes or [np.asarray(column[0]).dtype for column in columns]
    pairs = zip(columns, kinds, strict=True)
    made = [np.reshape(np.array(column).astype(kind), shape) for column, kind in pairs]
    return tuple(made) if is_tuple else made[0]


# --- builtins over items of unknown number --------------------------------------------------------


def total(values: Any, /, start: Any = 0) -> Any:
    """`sum`."""
    found = start
    for value in values:
        found = found + value
    return found


def any_of(values: Any, /) -> bool:
    """`any`."""
    for value in values:  # noqa: SIM110  the loop is what is traced
        if value:
            return True
    return False


def all_of(values: Any, /) -> bool:
    """`all`."""
    for value in values:  # noqa: SIM110
        if not value:
            return False
    return True


def largest(first: Any, values: Any, /, *, key: Any = None) -> Any:
    """`max`, of which the first item begins."""
    best = first
    if key is None:
        for value in values:
            if value > best:
                best = value
        return best
    rank = key(best)
    for value in values:
        other = key(value)
        if other > rank:
            best, rank = value, other
    return best


def least(first: Any, values: Any, /, *, key: Any = None) -> Any:
    """`min`, of which the first item begins."""
    best = first
    if key is None:
        for value in values:
            if value < best:
                best = value
        return best
    rank = key(best)
    for value in values:
        other = key(value)
        if other < rank:
            best, rank = value, other
    return best


def collected(values: Any) -> Any:
    """A list of items."""
    found = []
    for value in values:
        found.append(value)  # noqa: PERF402  a program that is traced
    return found
