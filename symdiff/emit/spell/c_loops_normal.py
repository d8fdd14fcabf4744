"""Functions of loops over arrays in C: erf, erfc and the normal distribution; see `c_loops`.

The name of a constant stands behind a dollar sign: `c_loops` has those of both precisions.
"""

from __future__ import annotations

HIGH = """\
/* the upper half of the digits of x: the product of two such is exact (T. Dekker, 1971) */
static inline double real_high(double x)
{
    return real_of_bits(bits_of_real(x) & $upper);
}"""

ERF_REST = """\
/* erf(x)/x - 1 of z = x^2 <= 1/4: a minimax polynomial, off by 2^-57 */
static inline double real_erf_rest(double z)
{
    const double z2 = z * z, z4 = z2 * z2;
    const double a = 0.12837916709551256 - 0.37612638903183476 * z;
    const double b = 0.11283791670925479 - 0.0268661706329255 * z;
    const double c = 0.005223977373569877 - 0.0008548297796903137 * z;
    const double d = 0.00012053336999544561 - 1.4845891283057166e-05 * z;
    return (a + b * z2) + (c + d * z2 + 1.4726244430391079e-06 * z4) * z4;
}"""
ERF_REST_OF_FLOATS = """\
/* erf(x)/x - 1 of z = x^2 <= 1/4: a minimax polynomial, off by 2^-29 */
static inline double real_erf_rest(double z)
{
    const double a = 0.12837916562492072 - 0.37612609293033916 * z;
    const double b = 0.11282836939156507 - 0.02675807287577931 * z;
    return a + (b + 0.004719738100841493 * (z * z)) * (z * z);
}"""

ERFC_REST = """\
/* (exp(x^2)*erfc(x)*(1 + 2*x) - 1.2329951186255526)/t of t = (x - 4)/(x + 4), for x >= 1/2: a
   minimax polynomial, off by 2^-58, in the variable of M. Shepherd and J. Laframboise (1981) */
static inline double real_erfc_rest(double t)
{
    const double t2 = t * t, t4 = t2 * t2, t8 = t4 * t4;
    const double a = -0.1396211168405625 + 0.015379652102619068 * t;
    const double b = 0.06809705425469073 - 0.1010390660362562 * t;
    const double c = 0.09373283499843349 - 0.06633036581354983 * t;
    const double d = 0.03716751553578852 - 0.0161977340389622 * t;
    const double e = 0.005031969997242986 - 0.0007577734437192406 * t;
    const double f = -0.00019925683019590066 + 0.0001506224733189436 * t;
    const double g = -2.4398590436296734e-05 - 1.1224672292050895e-05 * t;
    const double h = 5.70780982065668e-06 + 2.994576713767919e-07 * t;
    const double i = -8.214841834783247e-07 + 6.71175837275196e-08 * t;
    const double j = 1.0490848746712232e-07 - 1.2260790576011396e-08 * t;
    const double last = i + j * t2 - 1.0241293168967303e-08 * t4;
    return ((a + b * t2) + (c + d * t2) * t4) + ((e + f * t2) + (g + h * t2) * t4 + last * t8) * t8;
}"""
ERFC_REST_OF_FLOATS = """\
/* (exp(x^2)*erfc(x)*(1 + 2*x) - 1.232995117659768)/t of t = (x - 4)/(x + 4), for x >= 1/2: a
   minimax polynomial, off by 2^-28, in the variable of M. Shepherd and J. Laframboise (1981) */
static inline double real_erfc_rest(double t)
{
    const double t2 = t * t, t4 = t2 * t2;
    const double a = -0.13962106933529914 + 0.015379812662696528 * t;
    const double b = 0.0680945572940221 - 0.10104432183834698 * t;
    const double c = 0.0937676808324191 - 0.0662626040055517 * t;
    const double d = 0.03699296151081807 - 0.01657182009373982 * t;
    return (a + b * t2) + (c + d * t2 + 0.005275100395819068 * t4) * t4;
}"""

# The rounding of x^2, of the polynomial and of the quotient is made good: far out each would cost
# digits. The quotient's is (q - u*d)/d, and 1/d is u/q, where q is 1.2 all along.
ERFC_TAIL = """\
/* erfc(x + lost) for 1/2 <= x <= 28: exp(-x^2)*q/(1 + 2*x), the quotient and x^2 in two numbers */
IN_PLACE static inline double real_erfc_tail(double x, double lost)
{
    const double t = (x - 4.0) / (x + 4.0), part = t * real_erfc_rest(t);
    const double q = $erfc_middle + part, q_low = (($erfc_middle - q) + part) - $erfc_middle_over;
    const double d = 1.0 + 2.0 * x, back = d - 2.0 * x;
    const double d_low = (2.0 * x - (d - back)) + (1.0 - back);
    const double u = q / d, u_high = real_high(u), d_high = real_high(d);
    const double u_rest = u - u_high, d_rest = d - d_high;
    const double left = ((q - u_high * d_high) - u_high * d_rest) - u_rest * d_high;
    const double u_low = ((left - u_rest * d_rest) + (q_low - u * (d_low + 2.0 * lost))) * u * 0.82;
    const double x_high = real_high(x), square = -x_high * x_high;
    const double square_low = -((x - x_high) * (x + x_high) + 2.0 * x * lost);
    const double y = square < $exp_least ? $exp_least : square;
    const double rounded = y * 1.4426950408889634 + $round;
    const double k = rounded - $round;
    const double high = y - k * $log2_high, low = square_low - k * $log2_low;
    const double r = high + low, e = r + (real_exp_rest(r) + ((high - r) + low));
    const $whole power = bits_of_real(rounded) - $round_bits + $twice_bias;
    const $whole half = power >> 1U;
    const double found = (u + (u * e + u_low * (1.0 + e))) * real_of_bits(half << $shift);
    return found * real_of_bits((power - half) << $shift);
}"""

ERF = """\
/* erf in loops, at most 1 ulp off */
IN_PLACE static inline double real_erf(double x)
{
    const double size = fabs(x), near = size < 0.5 ? size : 0.5;
    const double most = size > 28.0 ? 28.0 : size, far = most < 0.5 ? 0.5 : most;
    const double small = near + near * real_erf_rest(near * near);
    const double large = 1.0 - real_erfc_tail(far, 0.0);
    return copysign(size < 0.5 ? small : large, x);
}"""

ERFC_OF = """\
/* erfc(x + lost) */
IN_PLACE static inline double real_erfc_of(double x, double lost)
{
    const double size = fabs(x), near = size < 0.5 ? size : 0.5;
    const double most = size > 28.0 ? 28.0 : size, far = most < 0.5 ? 0.5 : most;
    const double more = x < 0.0 ? -lost : lost, tail = real_erfc_tail(far, more);
    const double rest = near * real_erf_rest(near * near) + more, left = 1.0 - near;
    const double above = size < 0.5 ? left + (((1.0 - left) - near) - rest) : tail;
    const double below = size < 0.5 ? 1.0 + (near + rest) : 2.0 - tail;
    return x < 0.0 ? below : above;
}"""

ERFC = """\
/* erfc in loops, at most 1.5 ulp off */
IN_PLACE static inline double real_erfc(double x)
{
    return real_erfc_of(x, 0.0);
}"""

NORMAL = """\
/* the normal distribution in loops, at most 2 ulp off: erfc(-x/sqrt(2))/2, the quotient in two
   numbers */
IN_PLACE static inline double real_normal(double x)
{
    const double least = x < -40.0 ? -40.0 : x;
    const double y = least > 40.0 ? 40.0 : least;
    const double z = -0.7071067811865476 * y, high = real_high(y), rest = y - high;
    const double lost = ((-$root_high * high - z) - $root_high * rest) - $root_rest * high;
    return 0.5 * real_erfc_of(z, (lost - $root_rest * rest) + $root_over * y);
}"""

NEEDS: dict[str, tuple[str, ...]] = {
    "real_high": ("bits_of_real", "real_of_bits"),
    "real_erf_rest": (),
    "real_erfc_rest": (),
    "real_erfc_tail": (
        "bits_of_real",
        "real_of_bits",
        "real_high",
        "real_erfc_rest",
        "real_exp_rest",
    ),
    "real_erf": ("real_erf_rest", "real_erfc_tail"),
    "real_erfc_of": ("real_erf_rest", "real_erfc_tail"),
    "real_erfc": ("real_erfc_of",),
    "real_normal": ("real_high", "real_erfc_of"),
}
SHARED = (HIGH, ERFC_TAIL, ERF, ERFC_OF, ERFC, NORMAL)
