"""Results of a propagation of uncertainty: numbers, and the budget as a table."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from symdiff.errors import SymdiffError
from symdiff.frontend.tracing.pytree import Structure, flatten
from symdiff.neighbours.uncertain import is_uncertain, with_uncertainty
from symdiff.verify.table import PLAIN, WIDTH, Screen, Table, html_of, text_of


@dataclass(frozen=True)
class Share:
    """What one input adds to the uncertainty of one output.

    Attributes:
        output, input: their names.
        value: of the input.
        std: the standard deviation of the input.
        derivative: of the output by the input.
        contribution: `derivative * std`.
        fraction: of the variance to first order. With correlated inputs it holds half of the
            covariance with each other one, and may be negative; the fractions sum to 1. NaN where
            the variance is 0.
    """

    output: str
    input: str
    value: float
    std: float
    derivative: float
    contribution: float
    fraction: float


@dataclass(frozen=True, eq=False)
class Propagated:
    """The result of `sd.propagate`; `str` gives it with its budget as a table.

    Attributes:
        value: what the function returns.
        mean: the mean of that, in its structure; to first order the value itself.
        std: the standard deviation, in its structure.
        covariance: of all numbers of the outputs, a matrix of shape (m, m).
        jacobian: of shape (m, n), by all numbers of the inputs.
        budget: the shares of each input in each output, output by output.
        order: 1 or 2.
    """

    value: Any
    mean: Any
    std: Any
    covariance: Any
    jacobian: Any
    budget: tuple[Share, ...]
    order: int
    _inputs: tuple[Any, ...]  # numbers as they were given, some with an uncertainty
    _structure: Structure

    @property
    def ufloats(self) -> Any:
        """The outputs as numbers of the package `uncertainties`, correlated with the given ones.

        Their uncertainties are those to first order.

        Raises:
            SymdiffError: where no such number was given.
        """
        import numpy as np

        if not any(map(is_uncertain, self._inputs)):
            raise SymdiffError("no argument is a number of the package uncertainties")
        leaves, _ = flatten(self.value)
        numbers = np.concatenate([np.ravel(leaf) for leaf in leaves])
        made = [
            with_uncertainty(float(number), row, self._inputs)
            for number, row in zip(numbers, self.jacobian, strict=True)
        ]
        return restored(made, leaves, self._structure)

    def __str__(self) -> str:
        return self.text()

    def text(self, screen: Screen = PLAIN) -> str:
        """A table for each output, for a screen."""
        return "\n\n".join([f"{line}\n\n{text_of(each, screen)}" for line, each in self._tables()])

    def _repr_html_(self) -> str:
        parts = [f"<p>{html.escape(line)}</p>{html_of(each)}" for line, each in self._tables()]
        return "\n".join(parts)

    def _tables(self) -> Iterator[tuple[str, Table]]:
        """For each output a line on it, and what each input contributes."""
        import numpy as np

        leaves = [flatten(each)[0] for each in (self.value, self.mean, self.std)]
        flat = [[float(x) for leaf in group for x in np.ravel(leaf)] for group in leaves]
        groups = itertools.groupby(self.budget, lambda share: share.output)
        for (name, shares), value, mean, std in zip(groups, *flat, strict=True):
            rows = [
                [
                    share.input,
                    f"{share.value:.6g}",
                    f"{share.std:.4g}",
                    f"{share.derivative:.6g}",
                    f"{share.contribution:.4g}",
                    "" if share.fraction != share.fraction else f"{100.0 * share.fraction:z.1f} %",
                ]
                for share in shares
            ]
            heads = ("input", "value", "std", "derivative", "contribution", "of variance")
            line = f"{name} = {value:.10g} ± {std:.4g}"
            if self.order > 1:
                line += f", mean {mean:.10g} to second order"
            yield line, Table("", heads, rows, "lrrrrr", longest=WIDTH)

    def to_dict(self) -> dict[str, Any]:
        """The same as data for JSON."""
        import numpy as np

        listed = [
            {name: getattr(share, name) for name in Share.__dataclass_fields__}
            for share in self.budget
        ]
        groups = (self.value, self.mean, self.std)
        value, mean, std = (
            [np.asarray(leaf).tolist() for leaf in flatten(each)[0]] for each in groups
        )
        return {
            "value": value,
            "mean": mean,
            "std": std,
            "covariance": self.covariance.tolist(),
            "order": self.order,
            "budget": listed,
        }


def restored(numbers: Any, leaves: Sequence[Any], structure: Structure) -> Any:
    """Numbers in the structure of what the function returns."""
    import numpy as np

    made, start = [], 0
    for leaf in leaves:
        count = np.size(leaf)
        part = np.asarray(numbers[start : start + count])
        made.append(part.reshape(np.shape(leaf))[()])
        start += count
    return structure.unflatten(made)
