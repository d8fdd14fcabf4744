"""Functions of loops over arrays in C: exp, log, tanh, ... without branches and tables.

A compiler that finds a call of `math.h` in a loop computes one element after the other. These are
arithmetic alone, so it computes as many at once as the processor's vectors hold, without being
allowed to change the order of operations. What is special (infinities, NaN, subnormal numbers, the
ends of the range) is selected, not branched to.

Polynomials are minimax in the relative error of the function, by Remez's exchange algorithm in 60
digits; a comment says how far each is off. How far a function is off at most, in units in the last
place (ulp), was found against many digits: `tests/emit/test_c_loops.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from string import Template

from symdiff.emit.spell import c_loops_normal
from symdiff.emit.spell.base import Helper, Spelling, Written, defined, written

IN_LOOPS = "_in_loops"  # what the name of an operation ends with there
IN_PLACE = "IN_PLACE"  # before functions that compilers find too long to do without a call
IN_PLACE_LINES = (
    "#if defined(__GNUC__)",
    f"#define {IN_PLACE} __attribute__((always_inline))",
    "#else",
    f"#define {IN_PLACE}",
    "#endif",
)


_BITS = """\
static inline $whole bits_of_real(double x)
{
    const union { double real; $whole bits; } both = {x};
    return both.bits;
}"""

_OF_BITS = """\
static inline double real_of_bits($whole bits)
{
    const union { $whole bits; double real; } both = {bits};
    return both.real;
}"""

_EXP_REST = """\
/* exp(r) - 1 - r for |r| <= log(2)/2: a minimax polynomial, off by 2^-57 of exp(r) */
static inline double real_exp_rest(double r)
{
    const double r2 = r * r, r4 = r2 * r2;
    const double a = 0.16666666666666433 + 0.041666666666603895 * r;
    const double b = 0.008333333333500179 + 0.0013888888926823716 * r;
    const double c = 0.00019841269465989422 + 2.4801508644380675e-05 * r;
    const double d = 2.7557640985818087e-06 + 2.762520340297713e-07 * r;
    return r2 * (0.5 + r * (a + b * r2 + (c + d * r2 + 2.4978372714921347e-08 * r4) * r4));
}"""
_EXP_REST_OF_FLOATS = """\
/* exp(r) - 1 - r for |r| <= log(2)/2: a minimax polynomial, off by 2^-28 of exp(r) */
static inline double real_exp_rest(double r)
{
    const double r2 = r * r;
    const double a = 0.16666533804874353 + 0.041667238830170525 * r;
    const double b = 0.008367509018526988 + 0.0013863751882919272 * r;
    return r2 * (0.5 + r * (a + b * r2));
}"""

_LOG_REST = """\
/* (log((1 + s)/(1 - s)) - 2*s)/s of z = s^2 < 0.03: a minimax polynomial, off by 2^-58 */
static inline double real_log_rest(double z)
{
    const double z2 = z * z, z4 = z2 * z2;
    const double a = 0.6666666666666735 + 0.39999999999411096 * z;
    const double b = 0.2857142874326251 + 0.22222198476002283 * z;
    const double c = 0.18183569739013575 + 0.15313903266026258 * z;
    return z * (a + b * z2 + (c + 0.14797507525346593 * z2) * z4);
}"""
_LOG_REST_OF_FLOATS = """\
/* (log((1 + s)/(1 - s)) - 2*s)/s of z = s^2 < 0.03: a minimax polynomial, off by 2^-29 */
static inline double real_log_rest(double z)
{
    return z * (0.6666677671700005 + z * (0.39977495584424233 + z * 0.29873073165282343));
}"""

# log(2) is the sum of two numbers, the first so short that its product with k is exact (W. Cody and
# W. Waite, Software manual for the elementary functions, 1980). To add $round is to round to a
# whole number, which the last bits hold. 2^k is a product of two: subnormals are rounded once.
_EXP = """\
/* exp in loops, at most 1 ulp off: 2^k * exp(r), x = k*log(2) + r after Cody and Waite (1980) */
static inline double real_exp(double x)
{
    const double low = x < $exp_least ? $exp_least : x;
    const double y = low > $exp_most ? $exp_most : low;
    const double rounded = y * 1.4426950408889634 + $round;
    const double k = rounded - $round;
    const double r = (y - k * $log2_high) - k * $log2_low;
    const $whole power = bits_of_real(rounded) - $round_bits + $twice_bias;
    const $whole half = power >> 1U;
    const double part = (1.0 + (r + real_exp_rest(r))) * real_of_bits(half << $shift);
    return part * real_of_bits((power - half) << $shift);
}"""

# log(1 + f) is arranged as f - (f^2/2 - s*(f^2/2 + ...)), f being exact: K. Ng (fdlibm, 1993).
_LOG = """\
/* log in loops, at most 1 ulp off: x = 2^k * (1 + f), and 1 + f = (1 + s)/(1 - s) */
static inline double real_log(double x)
{
    const bool is_small = x < $least_normal;
    const double normal = x * (is_small ? $raise : 1.0);
    const $whole bits = bits_of_real(normal) - $root_bits;
    const double exponent = real_of_bits(((bits >> $shift) ^ $sign) | $unit_bits);
    const double k = exponent - $unit - (is_small ? $raised : 0.0);
    const double f = real_of_bits((bits & $fraction) + $root_bits) - 1.0;
    const double half = 0.5 * f * f, s = f / (2.0 + f);
    const double rest = s * (half + real_log_rest(s * s)) + k * $log2_low;
    const double outside = x == 0.0 ? -INFINITY : x < 0.0 ? NAN : x;
    return x > 0.0 && x < INFINITY ? k * $log2_high + (f - (half - rest)) : outside;
}"""

# e and d = e + 2 are sums of two numbers. What their quotient t lacks is (e_low - t*d_low)/d, and
# 1/d = (1 - t)/2.
_TANH = """\
/* tanh in loops, at most 1.5 ulp off: e/(e + 2), both in two numbers, with
   e = exp(2*|x|) - 1 = (2^k - 1) + 2^k*(exp(r) - 1), 2*|x| = k*log(2) + r */
static inline double real_tanh(double x)
{
    const double y = fabs(x) > $tanh_most ? 2.0 * $tanh_most : 2.0 * fabs(x);
    const double rounded = y * 1.4426950408889634 + $round;
    const double k = rounded - $round;
    const double high = y - k * $log2_high;
    const double r = high - k * $log2_low;
    const double lost = (high - r) - k * $log2_low;
    const double power = real_of_bits((bits_of_real(rounded) - $round_bits + $bias) << $shift);
    const double whole = power - 1.0, part = power * r, sum = whole + part;
    const double rest = (part - (sum - whole)) + power * (real_exp_rest(r) + lost);
    const double e = sum + rest, e_low = rest - (e - sum);
    const double d = e + 2.0, back = d - e, d_low = ((e - (d - back)) + (2.0 - back)) + e_low;
    const double t = e / d;
    return copysign(t + (e_low - t * d_low) * (0.5 - 0.5 * t), x);
}"""

_EXPM1 = """\
/* expm1 in loops, at most 1.5 ulp off: half of (2^k - 1) + 2^k*(exp(r) - 1), in two numbers */
static inline double real_expm1(double x)
{
    const double low = x < $expm1_least ? $expm1_least : x;
    const double y = low > $exp_most ? $exp_most : low;
    const double rounded = y * 1.4426950408889634 + $round;
    const double k = rounded - $round;
    const double high = y - k * $log2_high;
    const double r = high - k * $log2_low;
    const double lost = (high - r) - k * $log2_low;
    const $whole bits = bits_of_real(rounded) - $round_bits + $less_bias;
    const double power = real_of_bits(bits << $shift), whole = power - 0.5;
    const double part = power * r, sum = whole + part;
    const double rest = (part - (sum - whole)) + power * (real_exp_rest(r) + lost);
    return fabs(x) < $negligible ? x : 2.0 * (sum + rest);
}"""

_LOG1P = """\
/* log1p in loops, at most 1 ulp off: log of 1 + x and of what rounding takes from that */
static inline double real_log1p(double x)
{
    const double y = 1.0 + x, back = y - x, lost = (x - (y - back)) + (1.0 - back);
    const $whole bits = bits_of_real(y) - $root_bits;
    const double k = real_of_bits(((bits >> $shift) ^ $sign) | $unit_bits) - $unit;
    const double f = real_of_bits((bits & $fraction) + $root_bits) - 1.0;
    const double half = 0.5 * f * f, s = f / (2.0 + f);
    const double rest = s * (half + real_log_rest(s * s)) + (k * $log2_low + lost / y);
    const double found = k * $log2_high + (f - (half - rest));
    const double outside = x == -1.0 ? -INFINITY : x < -1.0 ? NAN : x;
    return x > -1.0 && x < INFINITY && x != 0.0 ? found : outside;
}"""

_LOGADDEXP = """\
/* logaddexp in loops: the larger one and log(1 + exp(-|a - b|)) */
IN_PLACE static inline double real_log_add_exp(double a, double b)
{
    const double high = a > b ? a : b, apart = a == b ? 0.0 : fabs(a - b);
    return high + real_log1p(real_exp(-apart));
}"""

_OF_DOUBLES = {
    "whole": "uint64_t",
    "shift": "52U",
    "bias": "1023U",
    "twice_bias": "2046U",
    "less_bias": "1022U",
    "sign": "0x800U",
    "fraction": "0xfffffffffffffU",
    "round": "6755399441055744.0",
    "round_bits": "0x4338000000000000U",
    "unit": "4503599627372544.0",  # 2^52 + 2^11
    "unit_bits": "0x4330000000000000U",
    "root_bits": "0x3fe6a09e667f3bcdU",  # of sqrt(1/2)
    "least_normal": "2.2250738585072014e-308",
    "raise": "18014398509481984.0",
    "raised": "54.0",
    "log2_high": "0.6931471805598903",  # 42 bits
    "log2_low": "5.497923018708371e-14",
    "exp_least": "-746.0",
    "exp_most": "710.0",
    "expm1_least": "-40.0",
    "negligible": "1e-17",
    "upper": "0xfffffffff8000000U",  # but the last 27 bits
    "erfc_middle": "1.2329951186255526",
    "erfc_middle_over": "4.397718968712724e-17",
    "root_high": "0.7071067690849304",  # of 1/2
    "root_rest": "1.2101617152815436e-08",
    "root_over": "4.833646656726457e-17",
    "tanh_most": "20.0",
}
_OF_FLOATS = {
    "whole": "uint32_t",
    "shift": "23U",
    "bias": "127U",
    "twice_bias": "254U",
    "less_bias": "126U",
    "sign": "0x100U",
    "fraction": "0x7fffffU",
    "round": "12582912.0",
    "round_bits": "0x4b400000U",
    "unit": "8388864.0",  # 2^23 + 2^8
    "unit_bits": "0x4b000000U",
    "root_bits": "0x3f3504f3U",
    "least_normal": "1.1754943508222875e-38",
    "raise": "33554432.0",
    "raised": "25.0",
    "log2_high": "0.693359375",  # 10 bits
    "log2_low": "-0.00021219444005469057",
    "exp_least": "-104.0",
    "exp_most": "89.0",
    "expm1_least": "-20.0",
    "negligible": "1e-09",
    "upper": "0xfffff000U",  # but the last 12 bits
    "erfc_middle": "1.232995117659768",
    "erfc_middle_over": "3.481368171520671e-08",
    "root_high": "0.70703125",  # of 1/2
    "root_rest": "7.551908493041992e-05",
    "root_over": "(-1.210161710447897e-08)",
    "tanh_most": "10.0",
}

_NEEDS = {
    "bits_of_real": (),
    "real_of_bits": (),
    "real_exp_rest": (),
    "real_log_rest": (),
    "real_exp": ("bits_of_real", "real_of_bits", "real_exp_rest"),
    "real_log": ("bits_of_real", "real_of_bits", "real_log_rest"),
    "real_tanh": ("bits_of_real", "real_of_bits", "real_exp_rest"),
    "real_expm1": ("bits_of_real", "real_of_bits", "real_exp_rest"),
    "real_log1p": ("bits_of_real", "real_of_bits", "real_log_rest"),
    "real_log_add_exp": ("real_exp", "real_log1p"),
    **c_loops_normal.NEEDS,
}


def _helpers(texts: Iterable[str], numbers: Mapping[str, str]) -> list[Helper]:
    sources = [Template(text).substitute(numbers) for text in texts]
    return [Helper(source, _NEEDS[defined(source)]) for source in sources]


_BOTH = (_BITS, _OF_BITS, _EXP, _LOG, _TANH, _EXPM1, _LOG1P, _LOGADDEXP, *c_loops_normal.SHARED)
OF_DOUBLES = _helpers(
    (*_BOTH, _EXP_REST, _LOG_REST, c_loops_normal.ERF_REST, c_loops_normal.ERFC_REST), _OF_DOUBLES
)
OF_FLOATS = _helpers(
    (
        *_BOTH,
        _EXP_REST_OF_FLOATS,
        _LOG_REST_OF_FLOATS,
        c_loops_normal.ERF_REST_OF_FLOATS,
        c_loops_normal.ERFC_REST_OF_FLOATS,
    ),
    _OF_FLOATS,
)


def called(name: str) -> Spelling:
    """A call of one of them."""
    return written(lambda a: Written(f"{name}({', '.join([x.text for x in a])})", needs=(name,)))


NAMES = {op: f"real_{op}" for op in "exp expm1 log log1p tanh erf erfc".split()}
NAMES |= {"logaddexp": "real_log_add_exp", "ndtr": "real_normal"}  # numbers have helpers too
FUNCTIONS = {f"{op}{IN_LOOPS}": called(name) for op, name in NAMES.items()}
