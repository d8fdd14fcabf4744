"""Programs that are refused as yet, by how the message begins.

One that begins to work makes its test fail: its name is then taken away.
"""

from __future__ import annotations

_MESSAGES = {
    "whether a 'while' goes on depends on values, and its steps are not alike": """
        statistics/isotonic
        tables/insertion_sort
    """,
    "a list is changed by 'append'": """
        geometry/clip_polygon
    """,
    "a function calls itself in a way of a branch that depends on values": """
        numbers/gamma_lanczos
    """,
    "the function returns something": """
        numbers/interpolate
    """,
}
REFUSED = {name: message for message, names in _MESSAGES.items() for name in names.split()}
