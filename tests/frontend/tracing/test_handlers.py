"""A `try` around work on values: refused where its handler could catch what some values raise."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import symdiff as sd
from tests.frontend.tracing.checks import A, X, agree, refusal

ERRORS = (KeyError, ArithmeticError)
IGNORED = contextlib.suppress(ZeroDivisionError)


def reciprocal(x: Any) -> Any:
    return 1.0 / x


@contextlib.contextmanager
def careful() -> Iterator[None]:
    try:
        yield
    except ZeroDivisionError:
        print("zero")


@contextlib.contextmanager
def labelled() -> Iterator[None]:
    try:
        yield
    except ZeroDivisionError as error:
        raise ValueError("zero") from error


# --- refused --------------------------------------------------------------------------------------


def of_division(x: Any) -> Any:
    try:
        return np.sum(1.0 / x)
    except ZeroDivisionError:
        return 7.0 * np.sum(x)


def of_math(x: Any) -> Any:
    try:
        return math.log(x[0]) * x[0]
    except ValueError:
        return 0.0 * x[0]


def of_overflow(x: Any) -> Any:
    y = 1.0
    try:
        y = math.exp(x[0])
    except OverflowError:
        y = 1e300
    return y * x[1]


def of_anything(x: Any) -> Any:
    try:
        return (1.0 / x).sum()
    except:  # noqa: E722  what is tried
        return x.sum()


def of_exceptions(x: Any) -> Any:
    try:
        return (1.0 / x).sum()
    except Exception:
        return x.sum()


def of_arithmetic_among_others(x: Any) -> Any:
    try:
        return (1.0 / x).sum()
    except (KeyError, ArithmeticError) as error:
        return x.sum() + len(str(error))


def of_a_global_tuple(x: Any) -> Any:
    try:
        return (1.0 / x).sum()
    except ERRORS:
        return x.sum()


def of_a_local_class(x: Any) -> Any:
    kind = FloatingPointError
    try:
        return (1.0 / x).sum()
    except kind:
        return x.sum()


def of_singular_matrices(x: Any) -> Any:
    try:
        return np.linalg.inv(A * x[0]).sum()
    except np.linalg.LinAlgError:
        return x.sum()


def of_warnings(x: Any) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return np.log(x).sum()
        except RuntimeWarning:
            return x.sum()


def around_a_helper(x: Any) -> Any:
    try:
        return reciprocal(x).sum()
    except ZeroDivisionError:
        return x.sum()


def in_the_second_clause(x: Any) -> Any:
    try:
        return (1.0 / x).sum()
    except KeyError:
        return x.sum()
    except ValueError:
        raise
    except ZeroDivisionError:
        return x.prod()


def in_the_outer_statement(x: Any) -> Any:
    try:
        try:
            return (1.0 / x).sum()
        except KeyError:
            return x.sum()
        finally:
            x = x * 1
    except ArithmeticError:
        return x.prod()


def in_a_loop(x: Any) -> Any:
    total = 0.0
    for value in x:
        try:
            total = total + 1.0 / value
        except ZeroDivisionError:
            continue
    return total


def in_a_comprehension(x: Any) -> Any:
    try:
        return sum([1.0 / value for value in x])
    except ZeroDivisionError:
        return x.sum()


def in_a_generator(x: Any) -> Any:
    def values() -> Any:
        for value in x:
            try:
                yield 1.0 / value
            except ZeroDivisionError:
                yield 0.0

    return sum(values())


def with_a_part_that_raises(x: Any) -> Any:
    try:
        return (1.0 / x).sum()
    except ZeroDivisionError:
        if len(x) > 5:
            raise
        return x.sum()


def of_an_index(x: Any) -> Any:
    try:
        return x[np.argmax(x) + 1]
    except IndexError:
        return x[0]


def suppressed(x: Any) -> Any:
    y = x.sum()
    with contextlib.suppress(ZeroDivisionError):
        y = 1.0 / x.sum()
    return y


def suppressed_by_a_global(x: Any) -> Any:
    y = x.sum()
    with IGNORED:
        y = 1.0 / x.sum()
    return y * 2.0


def suppressed_by_a_generator(x: Any) -> Any:
    y = x.sum()
    with careful():
        y = 1.0 / x.sum()
    return y * 2.0


def around_a_gradient(x: Any) -> Any:
    try:
        return sd.grad(lambda v: np.sum(1.0 / v))(x).sum()
    except ZeroDivisionError:
        return x.sum()


def around_a_loop(x: Any) -> Any:
    try:
        return sd.scan(lambda carry, v: (carry + 1.0 / v, None), 0.0, x)[0]
    except ZeroDivisionError:
        return x.sum()


def with_raised_errors(x: Any) -> Any:
    with np.errstate(divide="raise"):
        return np.sum(1.0 / x)


def with_all_errors_raised(x: Any) -> Any:
    with np.errstate(all="raise"):
        return np.sum(1.0 / x)


def with_errors_called(x: Any) -> Any:
    with np.errstate(all="call", call=print):
        return np.sum(1.0 / x)


def with_errors_set(x: Any) -> Any:
    old = np.seterr(all="raise")
    try:
        return np.sum(1.0 / x)
    finally:
        np.seterr(**old)


REFUSED = [
    of_division,
    of_math,
    of_overflow,
    of_anything,
    of_exceptions,
    of_arithmetic_among_others,
    of_a_global_tuple,
    of_a_local_class,
    of_singular_matrices,
    of_warnings,
    around_a_helper,
    in_the_second_clause,
    in_the_outer_statement,
    in_a_loop,
    in_a_comprehension,
    in_a_generator,
    with_a_part_that_raises,
    of_an_index,
    suppressed,
    suppressed_by_a_global,
    suppressed_by_a_generator,
    around_a_gradient,
    around_a_loop,
    with_raised_errors,
    with_all_errors_raised,
    with_errors_called,
    with_errors_set,
]


@pytest.mark.parametrize("function", REFUSED, ids=lambda function: function.__name__)
def test_is_refused(function: Callable[..., Any]) -> None:
    error = refusal(function, X)
    assert "is caught" in error.message or "raises an error" in error.message
    assert "test_handlers.py, line " in str(error)
    assert error.suggestion


def test_the_message() -> None:
    error = refusal(around_a_helper, X)
    assert error.message.startswith("work on values stands where ZeroDivisionError is caught")
    assert error.text is not None
    assert error.span is not None
    assert error.text[error.span.start : error.span.end] == "reciprocal(x)"


# --- taken ----------------------------------------------------------------------------------------


def of_keys(x: Any) -> Any:
    try:
        return np.sum(x**2) * {}["a"]
    except KeyError:
        return np.sum(x**2) * 2.0


def of_attributes(x: Any) -> Any:
    try:
        x = x.detach() * 2.0
    except AttributeError:
        x = x * 3.0
    return np.sum(x)


def of_imports(x: Any) -> Any:
    try:
        import a_library_that_is_not_there as library

        x = library.sum(x)
    except ImportError:
        x = x * np.sum(x)
    return np.sum(x)


def of_types(x: Any) -> Any:
    try:
        number = len(x)
    except TypeError:
        number = 1
    return np.sum(x) / number


def of_lengths(x: Any) -> Any:
    try:
        a, b, c = x
    except ValueError:
        a, b = x
        c = 0.0
    return a * b + c


def raised_again(x: Any) -> Any:
    try:
        return np.sum(1.0 / x)
    except ZeroDivisionError as error:
        raise ValueError("a zero") from error


def raised_again_bare(x: Any) -> Any:
    try:
        return np.sum(1.0 / x)
    except:
        print("it fails")
        raise


def cleaned_up(x: Any) -> Any:
    y = 0.0
    try:
        y = np.sum(1.0 / x)
    finally:
        y = y * 2.0
    return y


def in_the_handler(x: Any) -> Any:
    try:
        number = int("three")
    except ValueError:
        return np.sum(1.0 / x)
    return np.sum(x) * number


def behind_it(x: Any) -> Any:
    try:
        factor = float("2.5")
    except ValueError:
        factor = 1.0
    else:
        x = x * factor
    return np.sum(1.0 / x)


def of_known_work(x: Any) -> Any:
    try:
        inverse = np.linalg.inv(np.zeros((3, 3)))
    except np.linalg.LinAlgError:
        inverse = np.eye(3)
    return np.sum(inverse @ x)


def within_a_block(x: Any) -> Any:
    with contextlib.suppress(KeyError):
        x = x * 2.0
    with contextlib.nullcontext(), labelled():
        x = x * 2.0
    with contextlib.suppress(ZeroDivisionError):
        pass
    with np.errstate(divide="ignore", invalid="warn"), np.printoptions(precision=3):
        return np.sum(1.0 / x)


def of_places(x: Any) -> Any:
    try:
        return np.sum(x[:, 1])
    except IndexError:
        return x[1] * x[2]


def of_ends(x: Any) -> Any:
    y, k = x * 1.0, 0
    try:
        while True:
            y[k + 1] *= y[k]
            k += 1
    except IndexError:
        return y[k] + x[[-1, k]].sum()


def of_masks(x: Any) -> Any:
    try:
        return x[np.ones(7, bool)].sum()
    except LookupError:
        return x[np.ones(3, bool)].prod()


TAKEN = [
    of_places,
    of_ends,
    of_masks,
    of_keys,
    of_attributes,
    of_imports,
    of_types,
    of_lengths,
    raised_again,
    raised_again_bare,
    cleaned_up,
    in_the_handler,
    behind_it,
    of_known_work,
    within_a_block,
]


@pytest.mark.parametrize("function", TAKEN, ids=lambda function: function.__name__)
def test_is_taken(function: Callable[..., Any]) -> None:
    agree(function, X)


def beside_another_class(x: Any) -> Any:
    try:
        return np.sum(x[7])
    except ValueError:  # NumPy raises an IndexError
        return np.sum(x)


def behind_a_handler(x: Any) -> Any:
    try:
        return np.sum(x[7])
    except LookupError:
        return np.sum(x[8])


@pytest.mark.parametrize("function", [beside_another_class, behind_a_handler])
def test_an_index_that_does_not_fit(function: Callable[..., Any]) -> None:
    with pytest.raises(IndexError):
        function(X)
    with pytest.raises(sd.ShapeError, match=r"index \d is out of range for axis 0 with length 3"):
        sd.grad(function)(X)


def test_a_call_within_a_try_is_the_users() -> None:
    try:
        found = sd.grad(lambda x: 1.0 / x)(2.0)
    except Exception:
        found = None
    assert found == -0.25
    assert contextlib.suppress.__enter__.__qualname__ == "suppress.__enter__"
    with careful():
        assert sd.grad(lambda x: 1.0 / x)(2.0) == -0.25
