"""SymPy expressions lower to graphs that compute the same. SymPy's own evalf is the oracle."""

import math
import pickle
import subprocess
import sys

import pytest
import sympy as sp
from sympy.codegen import cfunctions
from sympy.physics.continuum_mechanics.beam import Beam
from sympy.utilities.lambdify import implemented_function

import symdiff as sd
from symdiff.api import from_recipe, function
from symdiff.emit.recipe import read_recipe
from symdiff.errors import LimitError, UnsupportedError
from symdiff.frontend.sympy.read import from_sympy
from symdiff.graph.check import check
from symdiff.graph.node import CONSTANT, INPUT
from symdiff.ops.builder import Builder
from symdiff.ops.operation import Partials, Unknown
from symdiff.ops.registry import OPERATIONS, register
from symdiff.ops.rules import ALGEBRAIC
from tests.interpreted import by_mpmath, by_numpy

x, y, z = sp.symbols("x y z")
t, k = sp.symbols("t k")
h = sp.Function("h")
POINT = {"x": 0.7, "y": 1.3, "z": -0.4}


def ops(expression):
    """The operations in order, without inputs and numbers."""
    return [node.op for node in from_sympy(expression) if node.op not in (INPUT, CONSTANT)]


def value(expression, **point):
    """The value of the lowered expression with NumPy."""
    return float(by_numpy(from_sympy(expression), {**POINT, **point})[0])


EXPRESSIONS = (
    x**2 + y**3,
    x - y + 2 * z - 3,
    -x - y,
    x / y / z,
    x * y**-2 / 3,
    2 * x / 3 - sp.Rational(1, 3),
    sp.sqrt(x) / sp.sqrt(y),
    x ** sp.Rational(-3, 2) + y**z + 2**x,
    sp.exp(-x) + sp.E**y * sp.pi + sp.EulerGamma + sp.GoldenRatio + sp.Catalan,
    sp.Float("0.1", 40) * x + sp.Float(2.5),
    sp.sin(x) * sp.cos(y) * sp.tan(z) + sp.cot(x) + sp.sec(y) + sp.csc(z),
    sp.asin(x) + sp.acos(x) + sp.atan(y) + sp.acot(z) + sp.asec(y) + sp.acsc(y) + sp.atan2(x, z),
    sp.sinh(x) + sp.cosh(y) + sp.tanh(z) + sp.coth(x) + sp.sech(y) + sp.csch(z),
    sp.asinh(x) + sp.acosh(y) + sp.atanh(z) + sp.acoth(y) + sp.asech(x) + sp.acsch(z),
    sp.log(x) + sp.log(y, 10) + sp.log(x, y) + sp.log(x, 2, evaluate=False),
    sp.Abs(z) + sp.sign(z) + sp.floor(z) + sp.ceiling(x) + sp.frac(y) + sp.Mod(z, y),
    sp.Max(x, y, z) + sp.Min(x, y, z, 0),
    sp.Heaviside(z) + sp.Heaviside(x, 0) + sp.sinc(x),
    sp.erf(x) + sp.erfc(y) + sp.erfinv(z),
    sp.gamma(x) + sp.loggamma(y) + sp.digamma(x) + sp.trigamma(x) + sp.polygamma(3, y),
    sp.beta(x, y) + sp.LambertW(x) + sp.zeta(y) + sp.zeta(2, x),
    sp.besselj(0, x) + sp.bessely(1, y) + sp.besseli(sp.Rational(1, 2), x) + sp.besselk(2, y),
    sp.airyai(x) + sp.airybi(y) + sp.airyaiprime(z) + sp.airybiprime(x),
    sp.Piecewise((x, x > y), (y**2, (x > 0) & ~(y < 1)), (z, True)),
    sp.Piecewise((1, sp.Xor(x > 0, y > 0)), (2, sp.ITE(x < 1, y > 1, z > 0)), (3, True)),
    sp.Piecewise((1, sp.Or(x < 0, sp.Ne(y, y**2))), (2, True)) + sp.Piecewise((x, sp.Eq(x, x))),
    sp.Si(x) + sp.Ci(y) + sp.Shi(z) + sp.Chi(x) + sp.Ei(y) + sp.li(y),
    sp.fresnels(x) + sp.fresnelc(y) + sp.erfi(z),
    sp.expint(1, x) + sp.expint(3, y) + sp.uppergamma(x, y) + sp.lowergamma(x, y),
    sp.expint(sp.Rational(5, 2), x) + sp.expint(y, x) + sp.expint(z, y) + sp.expint(-2.5, x),
    sp.uppergamma(sp.Rational(-1, 3), x) + sp.uppergamma(z, y) + sp.uppergamma(-2, x),
    sp.lowergamma(sp.Rational(-4, 3), x) + sp.lowergamma(z, y),
    sp.elliptic_k(z) + sp.elliptic_e(z) + sp.elliptic_e(x, z) + sp.elliptic_f(x, z),
    sp.factorial(x) + sp.binomial(y, x) + sp.harmonic(x) + sp.betainc(x, y, 0, x),
    sp.UnevaluatedExpr(x + y) * z - sp.Mod(-x, y) + sp.UnevaluatedExpr(y),
    sp.Sum(x**k / k, (k, 1, 6)) + sp.Sum(sp.sin(k * y), (k, -1, 2)) + sp.Sum(k, (k, 1, 0)) * x,
    sp.Product(x + k * y, (k, 0, 3)) + sp.Sum(x * k * t, (k, 1, t), (t, 1, 3)),
    sp.Sum(sp.Product(x + k, (k, 0, 2)) ** k, (k, 1, 2)),
    sp.Derivative(sp.sin(x) * y, x) + sp.Derivative(x**4 * z, (x, 2)) + sp.Subs(x * y, x, y + 1),
    sp.hermite(3, x) + sp.legendre(4, y) + sp.chebyshevt(5, z) + sp.chebyshevu(4, x),
    sp.laguerre(3, x) + sp.gegenbauer(3, y, z) + sp.jacobi(2, 1, x, y) + sp.assoc_laguerre(2, x, y),
    sp.assoc_legendre(3, 1, x) + sp.chebyshevt(y, x, evaluate=False) + sp.expint(-2, y),
    sp.SingularityFunction(x, z, 0) + sp.SingularityFunction(y, x, 1) * x,
    sp.SingularityFunction(y, 0, 3) + sp.SingularityFunction(y, x, sp.Rational(1, 2)),
    sp.SingularityFunction(z, x, 2) + sp.SingularityFunction(x, y, 0),
)


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_value_is_sympys(expression):
    graph = from_sympy(expression)
    check(graph)
    symbols = {sp.Symbol(name): sp.Float(number, 30) for name, number in POINT.items()}
    expected = float(expression.doit().subs(symbols).evalf(30))
    assert float(by_numpy(graph, POINT)[0]) == pytest.approx(expected, rel=1e-13)
    assert float(by_mpmath(graph, POINT)[0]) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("expression", "same"),
    [
        (cfunctions.expm1(x), sp.exp(x) - 1),
        (cfunctions.log1p(x), sp.log(1 + x)),
        (cfunctions.fma(x, y, z), x * y + z),
        (cfunctions.Sqrt(x), sp.sqrt(x)),
        (cfunctions.Cbrt(x), x ** sp.Rational(1, 3)),
        (cfunctions.hypot(x, y), sp.sqrt(x**2 + y**2)),
        (sp.erf2(x, y), sp.erf(y) - sp.erf(x)),
        (sp.erfcinv(x), sp.erfinv(1 - x)),
    ],
)
def test_what_sympy_cannot_evaluate(expression, same):
    expected = float(by_mpmath(from_sympy(same), POINT)[0])
    assert value(expression) == pytest.approx(expected, rel=1e-14)
    assert float(by_mpmath(from_sympy(expression), POINT)[0]) == pytest.approx(expected)


def test_operations_are_those_of_the_formula():
    assert ops(x - y) == ["subtract"]
    assert ops(-x) == ["negate"]
    assert ops(-x + y) in (["subtract"], ["negate", "add"])
    assert ops(x / y) == ["divide"]
    assert ops(x / y**2) == ["power", "divide"]
    assert ops(1 / x) == ["divide"]
    assert ops(x - 1) == ["subtract"]
    assert ops(x / 3) == ["divide"]
    assert ops(sp.sqrt(x)) == ["sqrt"]
    assert ops(sp.exp(x)) == ops(sp.Pow(sp.E, x, evaluate=False)) == ["exp"]
    assert ops(x * sp.exp(-x)) == ["negate", "exp", "multiply"]


def test_order_of_an_unevaluated_sum_is_kept():
    total = sp.Add(sp.Integer(-1), sp.Mul(-1, y, evaluate=False), x, evaluate=False)
    assert value(total, x=1e17, y=-1e17) == (-1.0 + 1e17) + 1e17
    tiny = sp.Add(sp.Add(1e17, x, evaluate=False), -1e17, evaluate=False)
    assert value(tiny, x=1.0) == 0.0


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (sp.Rational(1, 3), 1 / 3),
        (sp.Rational(10**400, 3 * 10**400 - 1), 1 / 3),
        (sp.Integer(2**53 + 1), float(2**53 + 1)),
        (sp.Float("1.00000000000000011102230246251565404", 40), 1.0),
        (sp.Float("1e-400", 20), 0.0),
        (sp.Float("4.9e-324", 20), 5e-324),
        (sp.pi, math.pi),
        (sp.oo, math.inf),
        (-sp.oo, -math.inf),
    ],
)
def test_numbers_are_rounded_once(number, expected):
    assert float(by_numpy(from_sympy(number), {})[0]) == expected


def test_nan():
    assert math.isnan(float(by_numpy(from_sympy(sp.nan), {})[0]))


def test_inputs_stand_in_the_order_of_their_names():
    assert from_sympy(z * x + y).input_names == ("x", "y", "z")


def test_several_outputs():
    graph = from_sympy(sp.Matrix([[x, x * y], [y, 1]]))
    assert graph.output_names == ("f1", "f2", "f3", "f4")
    assert [float(v) for v in by_numpy(graph, POINT)] == [0.7, 0.7 * 1.3, 1.3, 1.0]
    assert from_sympy([x]).output_names == from_sympy(x).output_names == ("f",)
    assert from_sympy((x, 2)).primal == 2
    assert from_sympy(sp.Tuple(x, y)).output_names == ("f1", "f2")
    assert from_sympy(sp.Array([x, y])).output_names == ("f1", "f2")


def test_a_condition_counts_as_a_number():
    assert value(x > 0) == 1.0
    assert value(sp.And(x > 0, y < 0)) == 0.0
    assert value(sp.Not(sp.Symbol("b")), b=0.0) == 1.0
    assert value(sp.true) == 1.0


def test_no_branch_holds():
    assert math.isnan(value(sp.Piecewise((x, x > 1))))


def test_a_derivative_where_no_branch_holds_is_nan():
    open_piecewise = sp.Piecewise((x**2 * y, x > 1), (y, x < 0))
    for made in (function(open_piecewise), function("Piecewise((x**2*y, x > 1), (y, x < 0))")):
        gradient = made.grad()
        assert gradient(2.0, 3.0) == (12.0, 4.0)
        assert gradient(-1.0, 3.0) == (0.0, 1.0)
        assert all(math.isnan(part) for part in gradient(0.5, 3.0))
        assert made.hessian()(2.0, 3.0).tolist() == [[6.0, 4.0], [4.0, 0.0]]
        assert all(math.isnan(part) for part in made.hessian()(0.5, 3.0).ravel())


def test_an_open_piecewise_in_a_branch_not_taken_leaves_no_nan():
    inner = sp.Piecewise((sp.log(x), x > 0))
    made = function(sp.Piecewise((inner, x > 1), (3 * x, True)))
    assert made.grad()(-2.0) == 3.0
    assert made.grad()(4.0) == 0.25


def test_an_undefined_function_of_one_symbol_is_an_input():
    q, gamma, beta = (sp.Function(name)(t) for name in ("q", "gamma", "beta"))  # not SymPy's own
    made = function(q**2 * gamma + sp.sin(beta) * x)
    assert made.inputs == ("beta", "gamma", "q", "x")
    found = made.grad()(0.3, 2.0, 5.0, 0.7)
    assert found == pytest.approx((0.7 * math.cos(0.3), 25.0, 20.0, math.sin(0.3)))
    assert made.grad(wrt=(q, x)).wrt == ("q", "x")


@pytest.mark.parametrize(
    ("order", "before", "at", "after"), [(0, 0, 1, 1), (1, 0, 0, 3), (3, 0, 0, 27)]
)
def test_macaulays_brackets(order, before, at, after):
    made = function(sp.SingularityFunction(x, 2, order))
    assert (made(1.0), made(2.0), made(5.0)) == (before, at, after)
    slope = [float(sp.SingularityFunction(x, 2, order).diff(x).subs(x, v)) for v in (1, 5)]
    assert [made.grad()(1.0), made.grad()(5.0)] == slope


def test_a_beam_of_continuum_mechanics():
    length, stiffness, r1, r2 = sp.symbols("E I R1 R2")
    beam = Beam(30, length, stiffness)
    for load, start, order in ((-8, 0, -1), (r1, 10, -1), (r2, 30, -1), (120, 30, -2)):
        beam.apply_load(load, start, order)
    beam.bc_deflection = [(10, 0), (30, 0)]
    beam.solve_for_reaction_loads(r1, r2)
    deflection = beam.deflection()
    for place in (3, 12, 29):
        point = {length: 2, stiffness: 5, x: place}
        want = [float(deflection.diff(v).subs(point)) for v in (length, stiffness, x)]
        assert function(deflection).grad()(2.0, 5.0, float(place)) == pytest.approx(want, rel=1e-12)


def test_a_shared_expression_is_lowered_once():
    shared = x
    for _ in range(500):  # 2**500 parts when written out
        shared = sp.Mul(shared, sp.Add(1, shared, evaluate=False), evaluate=False)
    assert len(from_sympy(shared)) == 1 + 1 + 2 * 500


def test_equal_expressions_meet():
    one = sp.Add(x, sp.sin(y, evaluate=False), evaluate=False)
    other = sp.Add(x, sp.sin(y, evaluate=False), evaluate=False)
    product = sp.Mul(one, sp.Pow(other, 2, evaluate=False), evaluate=False)
    assert sum(node.op == "sin" for node in from_sympy(product)) == 1


def test_depth_has_no_limit():
    deep = x
    for _ in range(50_000):
        deep = sp.Add(sp.Mul(deep, y, evaluate=False), 1, evaluate=False)
    assert from_sympy(deep).ops == 100_000


def test_limit():
    with pytest.raises(LimitError, match="more than 10 operations"):
        from_sympy(sum(sp.sin(k * x) for k in range(1, 20)), limit=10)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (sp.I * x, "imaginary unit I"),
        (sp.re(sp.Symbol("w", complex=True)), "re needs complex numbers"),
        (sp.Integral(sp.exp(x**3), x), "unevaluated Integral"),
        (sp.Limit(sp.sin(x) / x, x, y), "unevaluated Limit"),
        (sp.Sum(x**y, (y, 1, z)), "a Sum whose limits are not whole numbers"),
        (sp.Sum(x**y, (y, 1, sp.oo)), "a Sum whose limits are not whole numbers"),
        (sp.Product(x + y, (y, 5, 1)), "a Product from 5 to 1"),
        (sp.Function("h")(x, y), "undefined function h(x, y)"),
        (sp.Function("h")(2 * x), 'replace it by a symbol: .subs(h(2*x), Symbol("h"))'),
        (h(t).diff(t), 'replace it by a symbol: .subs(Derivative(h(t), t), Symbol("h_dt"))'),
        (h(t) + h(t).diff(t, 2), "Derivative(h(t), (t, 2)) has no value"),
        (h(t) * t, "the symbol 't' stands alone and in h(t)"),
        (h(t) * sp.Function("g")(x), "are of different symbols"),
        (h(t) + sp.Symbol("h"), "two different symbols are called 'h'"),
        (implemented_function("h", lambda v: v + 1)(x), "'h' has a Python implementation"),
        (x + sp.O(x**2), "remainder of a series"),
        (sp.SingularityFunction(x, 1, -1), "the exponent -1 is a pulse"),
        (sp.SingularityFunction(x, 1, y), "SingularityFunction of an exponent that is not"),
        (sp.expint(-120, x, evaluate=False), "expint of the order -120 is not supported"),
        (sp.lowergamma(-2, x, evaluate=False), "lowergamma of -2 has a pole"),
        (sp.hermite(y, x), "hermite of an order that is not a whole number"),
        (sp.assoc_legendre(y, 1, x), "assoc_legendre of an order that is not a whole number"),
        (sp.Symbol("x_{1}"), "rename it: .subs(Symbol('x_{1}'), Symbol('x_1'))"),
        (sp.Symbol("\\alpha"), "Symbol('alpha')"),
        (sp.DiracDelta(x), "DiracDelta"),
        (sp.polylog(x, y), "polylog"),
        (sp.IndexedBase("A")[sp.Symbol("i", integer=True)], "Indexed"),
        (sp.besselj(y, x), "besselj of an order that is not a constant"),
        (sp.polygamma(-1, x, evaluate=False), "polygamma of order -1"),
        (sp.LambertW(x, 1), "branch 1 of LambertW is not real"),
        (sp.zoo, "division by zero"),
        (sp.Integer(10) ** 400 * x, "too large for float64"),
        (sp.Interval(0, 1), "Interval"),
        (sp.Symbol("w", imaginary=True), "'w' is not a real number"),
        (sp.Symbol("w", commutative=False), "'w' is not a real number"),
        (sp.Symbol("a b"), "'a b' cannot be an argument's name"),
        (sp.Symbol("x", positive=True) + x, "two different symbols are called 'x'"),
        (sp.Dummy("x") + x, "two different symbols are called 'x'"),
        ("x**2", "not a SymPy expression, but str"),
        (None, "not a SymPy expression, but NoneType"),
        ([], "nothing to compute"),
    ],
)
def test_refused_by_name(expression, message):
    with pytest.raises(UnsupportedError) as refusal:
        from_sympy(expression)
    assert message in str(refusal.value)


# --- functions that only SymPy knows -----------------------------------------------------------


def partials(name, *args):
    """The factors of an operation's derivative, as values at numbers given for its arguments."""
    builder = Builder(ALGEBRAIC)
    inputs = [builder.input(f"a{index}") for index in range(len(args))]
    handles = [builder.handle(position) for position in inputs]
    record = OPERATIONS[name]
    assert isinstance(record.derivative, Partials)
    factors = record.derivative.rule(record(*handles), *handles)
    found = []
    for factor in factors:
        if isinstance(factor, Unknown):
            found.append(factor.reason)
            continue
        graph = builder.graph(inputs, [factor.at], ["f"], 0)
        point = {f"a{index}": number for index, number in enumerate(args)}
        found.append(float(by_numpy(graph, point)[0]))
    return found


def test_derivatives_come_from_fdiff():
    assert partials("sympy_Si", 0.7) == pytest.approx([math.sin(0.7) / 0.7])
    assert partials("sympy_li", 0.7) == pytest.approx([1.0 / math.log(0.7)])


def test_functions_that_scipy_has_are_operations_of_the_core():
    a, b = sp.symbols("a b")
    point = {a: sp.Rational(7, 10), b: sp.Rational(1, 5)}
    for expression in (sp.elliptic_f(a, b), sp.elliptic_e(a, b), sp.elliptic_k(b) + a):
        gradient = sd.function(expression, wrt=("a", "b")).grad()(0.7, 0.2)
        exact = [float(sp.diff(expression, v).subs(point).evalf()) for v in (a, b)]
        assert gradient == pytest.approx(exact)
    assert sd.function(sp.Si(x)).grad()(0.0) == 1.0


def test_a_derivative_without_rule_is_unknown():
    by_order, by_argument = partials("sympy_lowergamma", 0.7, 1.3)
    assert "lowergamma by argument 1" in by_order
    assert by_argument == pytest.approx(1.3**-0.3 * math.exp(-1.3))
    assert "SymPy has no rule" in partials("sympy_betainc", 0.7, 1.3, 0.1, 0.2)[0]


def test_a_function_is_pickled_to_a_process_that_has_not_met_its_operations():
    data = pickle.dumps(sd.function(sp.Si(x)))
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer)(1.0))"
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True)
    assert float(done.stdout) == pytest.approx(float(sp.Si(1).evalf()))


def test_registered_operations_are_found_and_not_listed():
    record = OPERATIONS["sympy_Si"]
    assert OPERATIONS["sympy_Si"] is record
    assert register(record) is record
    assert "sympy_Si" not in list(OPERATIONS)
    for name in ("sympy_nonsense", "sympy_Integer", "sympy_Si_7", "nonsense", "sympy_polylog"):
        with pytest.raises(KeyError):
            OPERATIONS[name]


def test_a_users_own_function_is_refused():
    class Si(sp.Function):
        nargs = 1

        def fdiff(self, argindex=1):
            return self

    with pytest.raises(UnsupportedError, match="Si"):
        from_sympy(Si(x))


def test_an_array_of_several_axes_is_taken_entry_by_entry() -> None:
    x, y = sp.symbols("x y")
    function = sd.function(sp.Array([[x * y, y], [x, y**2]]))
    expected = [[3.0, 2.0], [0.0, 1.0], [1.0, 0.0], [0.0, 6.0]]
    assert function.jacobian()(2.0, 3.0).tolist() == expected


def test_a_module_of_an_expression_holds_its_graph() -> None:
    """And makes itself again from it; but for that its text is that of the formula."""
    x, y = sp.symbols("x y")
    made = function(x**2 * sp.sin(y), name="area").grad()
    recipe = read_recipe(made.emit())
    assert "source" not in recipe
    assert from_recipe(recipe).emit() == made.emit()
    formula = function("x**2*sin(y)", name="area").grad()
    texts = [f.emit().split("import contextlib", 1)[1] for f in (made, formula)]
    mine, wanted = (text.split("# symdiff recipe", 1)[0] for text in texts)
    assert mine == wanted


def test_shapes_are_no_matter_of_an_expression() -> None:
    with pytest.raises(sd.SymdiffError, match="says its shapes itself"):
        sd.function(sp.Symbol("x") ** 2, shapes={"x": ("N",)})
