"""The rooms and their order, what an import costs, and what is public."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Container, Mapping
from pathlib import Path

import numpy as np
import pytest

import symdiff
from symdiff.ops.registry import OPERATIONS

PACKAGE = Path(symdiff.__file__).parent
ROOT = PACKAGE.parent

# What users may rely on, from section 3 of the contract, as far as it is built.
PUBLIC = {
    "function", "Function", "SymdiffError", "ParseError", "ShapeError", "UnsupportedError",
    "LimitError", "CheckError", "__version__", "grad", "value_and_grad", "stop_gradient",
    "jacobian", "hessian", "laplacian", "hvp", "jvp", "vjp",
    "custom_rule", "root", "argmin", "module",
    "scan", "fori",
    "minimize", "least_squares", "curve_fit", "root_scalar", "propagate",
}  # fmt: skip

# Where an operation's name may stand beside its record, and why.
MAY_NAME_OPERATIONS = {
    "emit/nests.py": "conversions between kinds of C",
    "schedule/nests/build.py": "writes, and what is its argument",
    "schedule/nests/builder.py": "arithmetic of places",
    "schedule/nests/elements.py": "views, which are read through",
    "schedule/nests/moves.py": "writes that add",
    "ops/control.py": "the records of comparisons",
    "ops/rules/complex_numbers.py": "the identities between operations",
    "ops/rules/constants.py": "the identities between operations",
    "ops/rules/contractions.py": "the identities between operations",
    "ops/rules/lines.py": "what repeats a number",
    "ops/rules/numbers.py": "the identities between operations",
    "ops/rules/signs.py": "powers and quotients, whose signs depend on more than a record says",
    "ops/rules/structure.py": "the identities between operations",
    "ops/rules/triangles.py": "the identities between operations",
    "ops/rules/views.py": "the identities between operations",
    "derive/padded.py": "sums of products, and what multiplies one",
    "derive/sparsity.py": "a product with zero depends on nothing",
    "derive/conditions.py": "the logic of conditions",
    "derive/forms.py": "what a quadratic form is made of",
    "derive/smooth.py": "which functions are even, and of what",
    "derive/lengths.py": "what each length is the root of",
    "derive/origins.py": "choices and powers, which have pieces",
    "derive/shifts.py": "what moves or scales with a shift",
    "derive/overflow.py": "which operations grow or vanish exponentially",
    "derive/stable.py": "the patterns that overflow as written",
    "derive/halves.py": "the two halves that softplus is written in",
    "derive/exponentials.py": "what is made of exponentials",
    "derive/exponential_twins.py": "what is made of exponentials",
    "derive/exponential_writer.py": "what is made of exponentials",
    "optimize/choices.py": "choices are what the pass is about",
    "optimize/contractions.py": "sums of products are what the pass is about",
    "optimize/factored.py": "sums of what is repeated are what the pass is about",
    "optimize/symmetry.py": "parities of sums, products and quotients",
    "optimize/factor.py": "sums and products are what the pass is about",
    "optimize/guard.py": "choices are what the pass is about",
    "optimize/pieces.py": "writes into zeros are what the pass is about",
    "optimize/products.py": "what a product is",
    "optimize/reductions.py": "another shape of the same elements",
    "optimize/scales.py": "what an array that is scaled is",
    "optimize/signs.py": "what may take a sign",
    "optimize/sums.py": "what a sum is",
    "optimize/transposes.py": "transposes of contractions are what the pass is about",
    "schedule/loops.py": "a counter, and a length that is a name",
    "schedule/memory.py": "what is repeated silently, and is no array of its own",
    "schedule/naming.py": "what a name says of an operation",
    "schedule/updates.py": "no operation: an entry of a pattern",
    "emit/docstrings.py": "which powers have a domain",
    "optimize/monomials.py": "products are what the pass is about",
    "optimize/readable.py": "choices, signs and squares are what it is about",
    "emit/spell/array_api_places.py": "no operation: an entry of a pattern",
    "emit/spell/indices.py": "no operation: an entry of a pattern",
    "emit/spell/python.py": "no operation: an entry of a pattern",
    "emit/spell/numpy_arrays.py": "no operation: an entry of a pattern",
    "frontend/tracing/lists.py": "no operation: what Python's operators do with lists",
    "frontend/text/tokens.py": "no operation: `sign` is a kind of token",
    "derive/rows.py": "no operation: an entry of a pattern",
    "frontend/latex/naming.py": "no operation: TeX's signs",
    "frontend/latex/calculus.py": "no operation: kinds of nodes",
    "frontend/latex/doubts.py": "no operation: kinds of nodes",
    "frontend/latex/products.py": "no operation: kinds of nodes",
    "frontend/latex/ranges.py": "no operation: kinds of nodes",
    "frontend/latex/writer.py": "no operation: kinds of nodes",
    "frontend/latex/commands.py": "no operation: TeX's macros",
    "frontend/latex/parser.py": "no operation: kinds of nodes",
    "ops/indexing.py": "an index that counts",
    "frontend/lowering/base.py": "arrays that are known",
    "frontend/staging/ranges.py": "ranges of whole numbers",
    "ops/rules/whole.py": "the identities between operations",
    "frontend/lowering/choosing.py": "no operation: the mode of `take` is called clip",
    "frontend/lowering/creation.py": "no operation: NumPy's name",
    "frontend/tracing/creation.py": "no operation: NumPy's names",
    "frontend/tracing/memory.py": "no operation: NumPy's names",
}

# Where a table is keyed by names of operations beside their records and their spellings, and why.
MAY_HOLD_TABLES = {
    "verify/contestants.py": "CasADi's names of NumPy's functions",
    "schedule/nests/along.py": "nests, as spellings",
    "schedule/nests/linalg.py": "nests, as spellings",
    "schedule/nests/known.py": "arrays of known numbers",
    "schedule/nests/moves.py": "nests, as spellings",
    "schedule/nests/reductions.py": "nests, as spellings",
    "schedule/nests/short.py": "arithmetic of places",
    "derive/exponentials.py": "the forms of the pass",
    "derive/shifts.py": "the rules of the pass",
    "derive/exponential_twins.py": "the twins of the pass",
    "frontend/lowering/distributions.py": "no operation: SciPy's distributions",
    "frontend/lowering/moments.py": "no operation: moments of SciPy's distributions",
    "frontend/text/operators.py": "lengths, as Python computes them",
    "frontend/staging/ranges.py": "ranges of whole numbers",
    "frontend/text/functions.py": "no operation: names of the grammar",
    "frontend/latex/words.py": "no operation: TeX's macros",
    "frontend/latex/writer.py": "no operation: kinds of nodes",
    "frontend/sympy/rules.py": "no operation: SymPy's names",
    "frontend/sympy/matrix_rules.py": "how arrays are read back, many lines each",
    "frontend/tracing/creation.py": "no operation: names of math's",
    "frontend/tracing/recording_calls.py": "no operation: names of math's",
    "frontend/tracing/protocols.py": "no operation: NumPy's names",
    "frontend/tracing/selection.py": "no operation: NumPy's names",
    "frontend/tracing/storage.py": "how a step of a view is undone",
    "frontend/tracing/surface.py": "no operation: names of math's",
    "frontend/tracing/unseen.py": "no operation: Python's names",
}


def test_imports_go_one_way() -> None:
    pytest.importorskip("importlinter")
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


# Where a module is imported by a name that is known while the program runs, and why.
MAY_IMPORT_BY_NAME = {
    "verify/bench.py": "what a tool needs is imported before its time counts",
    "verbs.py": "the derivations: the command line's help does not wait for them",
    "__init__.py": "public names are loaded at their first use",
    "frontend/tracing/patching.py": "modules of other libraries",
    "frontend/tracing/values.py": "modules of SciPy",
    "frontend/tracing/file.py": "the user's own modules, named on the command line",
    "verify/apart.py": "other tools, where they are installed",
}


def _modules() -> dict[str, ast.Module]:
    """The syntax trees of the package's modules, by their names inside of it."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(path.read_text("utf-8"))
    return found


def _imported(tree: ast.Module, known: Container[str]) -> set[str]:
    """The modules of the package that a module imports, anywhere in its text."""
    named: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            named.append(node.module)
            named.extend(f"{node.module}.{alias.name}" for alias in node.names)
    inside = {name.removeprefix("symdiff.") for name in named if name.startswith("symdiff.")}
    return {name for name in inside if name in known}


def _circles(edges: Mapping[str, set[str]]) -> set[frozenset[str]]:
    """The sets of modules that reach each other."""
    reach = {module: set(imported) for module, imported in edges.items()}
    for middle in edges:  # Warshall
        for found in reach.values():
            if middle in found:
                found |= reach[middle]
    return {
        frozenset(other for other in reach[module] if module in reach[other])
        for module in edges
        if module in reach[module]
    }


def test_circles_of_imports_are_seen() -> None:
    assert _circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"d"}}) == {
        frozenset("bc"),
        frozenset("d"),
    }
    tree = ast.parse("if TYPE_CHECKING:\n    from symdiff.ops import fold, builder\n")
    assert _imported(tree, {"ops.fold", "ops"}) == {"ops", "ops.fold"}


def test_imports_make_no_circles() -> None:
    """Those for annotations count: two modules that know each other are one in two files."""
    modules = _modules()
    edges = {name: _imported(tree, modules) - {name} for name, tree in modules.items()}
    assert sum(map(len, edges.values())) > len(edges)
    assert not _circles(edges)


def test_modules_are_imported_by_statements() -> None:
    """import-linter does not see a module that is imported by its name in a string."""
    modules = {f"symdiff.{name}" for name in _modules()}
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node, "attr", getattr(node, "id", ""))
            is_import = name in ("import_module", "__import__")
            if is_import or (isinstance(node, ast.Constant) and node.value in modules):
                found.add(path.relative_to(PACKAGE).as_posix())
    assert found == set(MAY_IMPORT_BY_NAME)


def test_every_module_stands_in_a_layer() -> None:
    """A new room must say where it stands."""
    layers = re.search(
        r"layers = \[(.*?)\]", (ROOT / "pyproject.toml").read_text("utf-8"), re.DOTALL
    )
    assert layers
    known = set(re.findall(r"symdiff\.(\w+)", layers[1]))
    found = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.parent.name for path in PACKAGE.glob("*/__init__.py")
    }
    assert found - known == {"__init__", "__main__", "version"}


@pytest.mark.parametrize("module", ["symdiff", "symdiff.commands", "symdiff.ops.registry"])
def test_import_loads_nothing_heavy(module: str) -> None:
    program = (
        f"import sys, {module}\n"
        "print({'sympy', 'numpy', 'jinja2', 'scipy', 'mpmath'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


def _compared_names(tree: ast.AST) -> set[str]:
    """Names of operations that a module compares something with."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and part.value in OPERATIONS:
                    found.add(str(part.value))
    return found


def test_operations_are_named_only_where_they_may_be() -> None:
    """What is compared with an operation's name belongs into its record, or has a reason here."""
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if _compared_names(ast.parse(path.read_text("utf-8")))
    }
    assert found == set(MAY_NAME_OPERATIONS)


def _keys_of_tables(tree: ast.AST) -> list[list[str]]:
    """The names of operations among the keys of each dictionary that is written out."""
    return [
        [
            key.value
            for key in node.keys
            if isinstance(key, ast.Constant) and key.value in OPERATIONS
        ]
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
    ]


def test_tables_of_operations_stand_in_their_records() -> None:
    """What is said of an operation stands in its record, or has a reason here."""
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(len(keys) >= 3 for keys in _keys_of_tables(ast.parse(path.read_text("utf-8"))))
    }
    elsewhere = {name for name in found if not name.startswith(("ops/", "emit/spell/"))}
    assert elsewhere == set(MAY_HOLD_TABLES)


def test_public_names() -> None:
    assert set(symdiff.__all__) == PUBLIC
    assert list(symdiff.__all__) == sorted(symdiff.__all__)
    assert all(getattr(symdiff, name) is not None for name in symdiff.__all__)
    with pytest.raises(AttributeError, match="nothing_like_it"):
        _ = symdiff.nothing_like_it


def test_verbs_are_methods() -> None:
    from symdiff.verbs import VERBS

    wanted = {
        "value": ((), 18.0),
        "grad": ((), (12.0, 9.0)),
        "value_and_grad": ((), (18.0, (12.0, 9.0))),
        "jacobian": ((), [[12.0, 9.0]]),
        "hessian": ((), [[4.0, 6.0], [6.0, 0.0]]),
        "laplacian": ((), 4.0),
        "jvp": ((1.0, 0.5), (18.0, 16.5)),
        "vjp": ((2.0,), (18.0, (24.0, 18.0))),
        "hvp": ((1.0, 1.0), (10.0, 6.0)),
    }
    assert set(VERBS) == set(wanted)
    function = symdiff.function("x**2*y")
    for verb, (further, result) in wanted.items():
        made = function if verb == "value" else getattr(function, verb)()
        assert made.verb is VERBS[verb]
        found = getattr(made.load(), verb)(3.0, 2.0, *further)
        assert str(np.asarray(found, object).tolist()) == str(np.asarray(result, object).tolist())


def test_verbs_have_one_name_and_one_help_everywhere() -> None:
    """The command line does not wait for the table to print its help, so a test compares them."""
    from symdiff.commands import group
    from symdiff.verbs import VERBS

    for verb in VERBS.values():
        if verb.is_derivative:
            assert callable(getattr(symdiff, verb.name))
        if verb.is_command:
            command = group.commands[verb.name]
            assert command.help is not None
            assert command.help.startswith(verb.help)
            assert {"mode", "sparse"} & {p.name for p in command.params} == set(verb.options)


def test_no_file_of_the_package_is_long() -> None:
    """One that is has more than one thing to say."""
    for path in PACKAGE.rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path
