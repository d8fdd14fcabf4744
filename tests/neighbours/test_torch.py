"""`sd.torch.wrap`, where PyTorch is installed: PyTorch's own checks and its own derivatives."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

import symdiff as sd

torch = pytest.importorskip("torch")

from tests.neighbours.framework_programs import PROGRAMS, mapped  # noqa: E402


def leaves_of(args):
    found = []
    mapped(lambda x: found.append(torch.tensor(x, requires_grad=True)), args)
    return found


def called_with_leaves(function, args):
    def call(*tensors):
        given = iter(tensors)
        return function(*mapped(lambda _: next(given), args))

    return call


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradcheck_and_gradgradcheck(name):
    function, args = PROGRAMS[name]
    call = called_with_leaves(sd.torch.wrap(function), args)
    assert torch.autograd.gradcheck(call, leaves_of(args))
    assert torch.autograd.gradgradcheck(call, leaves_of(args))


def own_layers(params, X):
    return torch.tanh(X @ params["W"] + params["b"]) @ params["v"]


def test_derivatives_are_pytorchs_own():
    function, args = PROGRAMS["layers"]
    ours, own = leaves_of(args), leaves_of(args)
    for call, leaves in ((sd.torch.wrap(function), ours), (own_layers, own)):
        given = iter(leaves)
        torch.sum(call(*mapped(lambda _: next(given), args)) ** 2).backward()  # noqa: B023
    for one, other in zip(ours, own, strict=True):
        torch.testing.assert_close(one.grad, other.grad, rtol=1e-12, atol=1e-13)


def test_a_module_learns_as_one_of_pytorchs():
    function, args = PROGRAMS["layers"]
    target = torch.arange(4.0, dtype=torch.float64)

    class Model(torch.nn.Module):
        def __init__(self, call):
            super().__init__()
            self.call = call
            self.params = torch.nn.ParameterDict(
                {key: torch.nn.Parameter(torch.tensor(x)) for key, x in args[0].items()}
            )

        def forward(self, X):
            return self.call(dict(self.params), X)

    found = []
    for call in (sd.torch.wrap(function), own_layers):
        model = Model(call)
        steps = torch.optim.Adam(model.parameters(), lr=0.05)
        for _ in range(10):
            steps.zero_grad()
            loss = torch.mean((model(torch.tensor(args[1])) - target) ** 2)
            loss.backward()
            steps.step()
        found.append(loss.detach())
    torch.testing.assert_close(found[0], found[1], rtol=1e-10, atol=0.0)


def test_single_precision_integers_and_no_gradient():
    def taken(x, places, flag):
        return np.sum(x[places] ** 2) if flag else np.sum(x)

    wrapped = sd.torch.wrap(taken)
    x = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float32, requires_grad=True)
    value = wrapped(x, torch.tensor([0, 2, 2]), True)
    assert value.dtype == torch.float32
    value.backward()
    torch.testing.assert_close(x.grad, torch.tensor([2.0, 0.0, 12.0]))
    with torch.no_grad():
        assert not wrapped(x, torch.tensor([0]), False).requires_grad
    assert wrapped(x, torch.tensor([0]), False).item() == 6.0


def test_results_share_no_memory_with_arguments():
    wrapped = sd.torch.wrap(lambda x: x)
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = wrapped(x)
    y.data[0] = 9.0
    assert x[0] == 1.0


def test_functional_transforms_and_vmap():
    def cubed(x):
        return np.sum(x**3)

    wrapped, points = sd.torch.wrap(cubed), torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    torch.testing.assert_close(torch.func.grad(wrapped)(points[0]), 3.0 * points[0] ** 2)
    by_math = sd.torch.wrap(math.sin)  # of a number
    torch.testing.assert_close(torch.func.grad(by_math)(points[0, 0]), torch.cos(points[0, 0]))
    torch.testing.assert_close(torch.func.vmap(torch.func.grad(wrapped))(points), 3.0 * points**2)
    hessian = torch.func.jacrev(torch.func.jacrev(wrapped))(points[0])
    torch.testing.assert_close(hessian, torch.diag(6.0 * points[0]))


@pytest.mark.filterwarnings("ignore:The .grad attribute:UserWarning")  # Dynamo looks at it
def test_compile_breaks_its_graph_at_the_call():
    wrapped = sd.torch.wrap(lambda x: np.sum(x**3))

    def outer(x):
        return 2.0 * wrapped(x + 1.0)

    x = torch.tensor([1.0, 2.0], requires_grad=True)
    torch.compile(outer, backend="eager")(x).backward()
    torch.testing.assert_close(x.grad, 6.0 * torch.tensor([2.0, 3.0]) ** 2)
    torch._dynamo.reset()
    with pytest.raises(torch._dynamo.exc.Unsupported):
        torch.compile(outer, backend="eager", fullgraph=True)(x)


def test_arguments_by_keyword():
    call = sd.torch.wrap(lambda a, b, *, power=1.0: np.sum(a * b**2) * power)
    a, b = [torch.tensor([x], dtype=torch.float64, requires_grad=True) for x in (2.0, 3.0)]
    for given in ({"b": b, "power": 5.0}, {"power": 5.0, "b": b}):
        found = torch.autograd.grad(call(a, **given), (a, b))
        assert [part.item() for part in found] == [45.0, 60.0]
    assert sd.torch.wrap("a*b**2")(b=b, a=a).item() == 18.0


def test_what_is_refused():
    with pytest.raises(sd.UnsupportedError, match=r"torch\.float16"):
        sd.torch.wrap(np.sum)(torch.ones(2, dtype=torch.float16))
    with pytest.raises(sd.SymdiffError, match="without an array of floats"):
        sd.torch.wrap(lambda k: k)(3)
    with pytest.raises(sd.UnsupportedError, match="returns a dict"):
        sd.torch.wrap(lambda x: {"a": x})(torch.ones(2))


@pytest.mark.parametrize("source", ["x**2*y + abs(x)", sd.function("x**2*y + abs(x)")], ids=repr)
def test_formulas_are_functions_of_tensors(source):
    wrapped = sd.torch.wrap(source)
    x = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    y = torch.tensor([[0.5], [1.0]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(wrapped, (x, y))
    assert torch.autograd.gradgradcheck(wrapped, (x, y))
    torch.testing.assert_close(wrapped(x, y), x**2 * y + torch.abs(x))
    declared = sd.torch.wrap("w: [2]; X: [N, 2]; return mean((X @ w)**2)")
    X = torch.stack([x, 2.0 * x, x + 1.0]).detach()
    w = torch.tensor([0.5, -1.0], dtype=torch.float64, requires_grad=True)
    declared(w, X).backward()
    torch.testing.assert_close(w.grad, 2.0 * X.T @ (X @ w.detach()) / 3.0)
    with pytest.raises(sd.ShapeError, match=r"X: expected the shape \(N, 2\)"):
        declared(w, X.T)


def test_pytorch_is_loaded_where_it_is_asked_for_alone():
    program = "import sys, symdiff; symdiff.minimize; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "False"
