"""Words: numbers, and what is no number, name or sign of the grammar."""

from __future__ import annotations

import math
import unicodedata

from symdiff.errors import ParseError, Span, SymdiffError
from symdiff.frontend.text.reading import Advice, Reading, error_at, quote
from symdiff.frontend.text.tokens import SUPERSCRIPTS, Token

_STRAY = {
    **dict.fromkeys("×·⋅∙∗•", "write *"),
    **dict.fromkeys("÷∕⁄", "write /"),
    **dict.fromkeys("−–—‐‑", "write -"),
    **dict.fromkeys("≤", "write <="),
    **dict.fromkeys("≥", "write >="),
    **dict.fromkeys("≠", "write !="),
    **dict.fromkeys("≡", "write =="),
    **dict.fromkeys("∧", "write 'and'"),
    **dict.fromkeys("∨", "write 'or'"),
    **dict.fromkeys("¬", "write 'not'"),
    "√": "write sqrt(x)",
    "∛": "write cbrt(x)",
    "∜": "write x**0.25",
    "∞": "write inf",
    "≈": "write abs(a - b) < 1e-9",
}
_QUOTES = "\"'“”‘’„«»′″"


# --- numbers -----------------------------------------------------------------------------------


def number_written(r: Reading, token: Token) -> float:
    """The value of a number as it stands in the text."""
    written = token.text
    try:
        value = float(written)
    except ValueError:
        raise not_a_number(r) from None
    if math.isinf(value):
        raise too_large(r)
    if written[0] == "0" and len(written) > 1 and written.replace("_", "").isdigit():
        raise leading_zeros(r)
    return value


def not_a_number(r: Reading) -> SymdiffError:
    """A number that is none, or one of a kind that is not supported."""
    token = r.token
    written = token.text.lower()
    if written.endswith("j") and not written.startswith("0x"):
        product = f"write {token.text[:-1]}*{token.text[-1]} for a product"
        return error_at(r, token.span, Advice("complex numbers are not supported", product))
    if written[:2] in ("0x", "0o", "0b"):
        kind = {"x": "hexadecimal", "o": "octal", "b": "binary"}[written[1]]
        return error_at(
            r, token.span, Advice(f"{kind} numbers are not supported", _decimal(written))
        )
    quoted = quote(r.text, token.start, token.span.end, "1__0")
    return error_at(r, token.span, Advice(f"'{quoted}' is not a number"))


def too_large(r: Reading) -> SymdiffError:
    """A number beyond float64."""
    advice = Advice("the number is too large for float64", "the largest is 1.7976931348623157e308")
    return error_at(r, r.token.span, advice)


def leading_zeros(r: Reading) -> SymdiffError:
    """`007`, which is octal to some."""
    mended = r.token.text.lstrip("0_") or "0"
    return error_at(
        r, r.token.span, Advice("a whole number cannot start with 0", f"write {mended}")
    )


def _decimal(written: str) -> str | None:
    try:
        return f"write {int(written, 0)}"
    except ValueError:
        return None


# --- names and characters ----------------------------------------------------------------------


def not_a_name(text: str, written: str, span: Span) -> SymdiffError:
    """A word with a character that no name may have."""
    if written[0].isidentifier():
        length = next(n for n in range(2, len(written) + 1) if not written[:n].isidentifier())
    else:
        length = 1
    mended = unicodedata.normalize("NFKC", written)
    place = Span(span.start + length - 1, span.start + length)
    return ParseError(
        f"{_character(written[length - 1])} is not part of the grammar",
        text=text,
        span=place,
        suggestion=f"write {mended}" if mended.isidentifier() and mended.isascii() else None,
    )


def stray(r: Reading) -> SymdiffError:
    """A character that no word of the grammar has."""
    token = r.token
    sign = token.text
    if sign in _QUOTES:
        return error_at(r, token.span, Advice("a quote cannot stand in a formula"))
    if sign[-1] in SUPERSCRIPTS:
        digits = unicodedata.normalize("NFKC", sign).replace("\N{MINUS SIGN}", "-")
        left = r.values[-1] if r.values and r.previous.kind not in ("(", ",") else None
        base = "x" if left is None else quote(r.text, left.start, left.end, "x")
        return error_at(
            r, token.span, Advice("powers are written with **", f"write {base}**{digits}")
        )
    suggestion = _STRAY.get(sign)
    plain = unicodedata.normalize("NFKC", sign)
    if suggestion is None and plain != sign and plain.isascii() and plain.strip():
        suggestion = f"write {plain}"
    return error_at(
        r, token.span, Advice(f"{_character(sign)} is not part of the grammar", suggestion)
    )


def _character(sign: str) -> str:
    name = unicodedata.name(sign, "")
    code = f"U+{ord(sign):04X} {name}".rstrip()
    return f"the character '{sign}' ({code})" if sign.isprintable() else f"the character {code}"
