"""Words of LaTeX: which commands are functions, letters, accents and constants."""

from __future__ import annotations

GREEK = frozenset(
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa varkappa lambda "
    "mu nu xi omicron rho varrho sigma varsigma tau upsilon phi varphi chi psi omega Gamma Delta "
    "Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega ell hbar".split()
)

CONSTANTS = {"pi": "pi", "infty": "inf"}

# commands that are functions, each with its name in the grammar
FUNCTIONS = {
    **{
        name: name
        for name in "sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan exp".split()
    },
    "ln": "log",
    "log": "log",
    "max": "maximum",
    "min": "minimum",
    "det": "det",
}

# environments of matrices, each with the function of it that its brackets mean
MATRICES = {"matrix": "", "pmatrix": "", "bmatrix": "", "Bmatrix": "", "smallmatrix": "",
            "vmatrix": "det"}  # fmt: skip
TRANSPOSES = frozenset(("top", "intercal"))

# names of operators that the grammar has under another one
OPERATORS = {
    "B": "beta", "Ai": "airyai", "Bi": "airybi", "sgn": "sign", "round": "rint", "atan2": "arctan2",
    "arsinh": "arcsinh", "arcosh": "arccosh", "artanh": "arctanh", "arccot": "arccot",
    "Si": "sinint", "Ci": "cosint", "Shi": "sinhint", "Chi": "coshint", "Ei": "expi", "E_1": "exp1",
    "erf^{-1}": "erfinv", "tr": "trace", "Tr": "trace", "diag": "diag",
    "re": "", "im": "", "Re": "", "Im": "",
}  # fmt: skip

# letters that are a function where a parenthesis follows
CALLED = {"Gamma": "gamma", "zeta": "zeta"}
# and those that may be one
OFTEN_CALLED = {"Phi": "ndtr", "psi": "digamma", "W": "lambertw", "sigma": "sigmoid"}
# with an index: Bessel functions of a whole order before one term, `J_0(k r)`
BESSEL = {"J": "jv", "Y": "yv", "I": "iv", "K": "kv"}
# and those that may be one there
POLYNOMIALS = {"P": "eval_legendre", "H": "eval_hermite", "L": "eval_laguerre",
               "T": "eval_chebyt", "U": "eval_chebyu", "j": "spherical_jn",
               "y": "spherical_yn"}  # fmt: skip
USUAL_FUNCTIONS = frozenset((*"fghFGH", "theta", "Theta", "delta", "Delta"))
# and those whose power is written behind the call, too
OFTEN_POWERED = USUAL_FUNCTIONS | {"phi", "varphi", "Psi"}
# what a function of this sign is in the grammar, where one is usual
NAMED = {"N": "ndtr", r"\theta": "heaviside", r"\Theta": "heaviside", "H": "heaviside"}
# before square brackets: an expectation, a probability, a variance
FUNCTIONALS = frozenset(("E", "P", "Pr", "Var", "Cov", "D", "V"))
# what stands before a name to make one quantity of both
DIFFERENCES_WRITTEN = (r"\Delta", "Δ")
DIFFERENCES = frozenset(("Delta", "Δ"))
# a quotient of two that begin alike is a derivative of some kind
VARIATIONS = frozenset((r"\delta", "δ", "D", r"\Delta", "Δ", r"\mathrm{D}", r"\mathcal{D}"))

ACCENTS = {"hat": "hat", "widehat": "hat", "bar": "bar", "overline": "bar", "tilde": "tilde",
           "widetilde": "tilde", "vec": "vec", "dot": "dot", "ddot": "ddot"}  # fmt: skip
STYLES = frozenset("mathbf boldsymbol bm mathcal mathit mathsf mathbb mathfrak mathscr".split())
WORDS = frozenset("mathrm text textrm textit operatorname mathop textnormal".split())
UPRIGHT = tuple(f"\\{word}" for word in sorted(WORDS))
# styles of vectors and matrices
BOLD = (r"\vec", r"\mathbf", r"\boldsymbol", r"\bm", r"\bf")
# functions that are written before an argument without parentheses
BEFORE_BARE = frozenset(FUNCTIONS) | frozenset(
    "erf erfc erfi tr Tr trace diag sgn sign sqrt cbrt abs asin acos atan asinh acosh atanh arsinh "
    "arcosh artanh arcsinh arccosh arctanh sech csch sinc expm1 log1p log2 log10 arccot".split()
)

DELIMITERS = {"(": ")", "[": "]", r"\{": r"\}", "|": "|", r"\|": r"\|", r"\lfloor": r"\rfloor",
              r"\lceil": r"\rceil", r"\lvert": r"\rvert", r"\lVert": r"\rVert",
              r"\langle": r"\rangle"}  # fmt: skip
AROUND = {"|": "abs", r"\lvert": "abs", r"\lfloor": "floor", r"\lceil": "ceil"}

RELATIONS = {"<": "<", ">": ">", r"\leq": "<=", r"\geq": ">=", "=": "==", r"\neq": "!="}

# what is known and not read, with what to write
REFUSED = {
    "int": "an integral is not read: write its closed form",
    "iint": "an integral is not read: write its closed form",
    "oint": "an integral is not read: write its closed form",
    "lim": "a limit is not read: write its value",
    "partial": r"a differential stands in a quotient: \frac{\partial}{\partial x}",
    "nabla": r"write \frac{\partial}{\partial x}, or give the function and ask for grad",
    "dagger": "a conjugate is not read: formulas are real; write the transpose, x^T",
    "mapsto": "a map is not read: write its value",
    "pm": "two signs are two formulas: write each",
    "mp": "two signs are two formulas: write each",
    "in": "a set is not read: write its bounds as comparisons",
    "to": "a limit is not read: write its value",
    "ldots": "what is left out cannot be read: write it, or a sum over a range",
    "cdots": "what is left out cannot be read: write it, or a sum over a range",
    "dots": "what is left out cannot be read: write it, or a sum over a range",
    "circ": "an elementwise power or a composition is not read: write it as a formula",
    "top": "a transpose stands above what is transposed: x^\\top",
    "lg": "lg has two bases: write \\log_{10} or \\log_{2}",
}
