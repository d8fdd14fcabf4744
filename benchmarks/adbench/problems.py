"""The problems by short names."""

from __future__ import annotations

from benchmarks.adbench.ba import ba
from benchmarks.adbench.gmm import gmm
from benchmarks.adbench.hand import hand
from benchmarks.adbench.lstm import lstm

PROBLEMS = {
    "gmm_10_5": gmm(10, 5, 1_000),
    "gmm_32_25": gmm(32, 25, 1_000),
    "gmm_10_5_long": gmm(10, 5, 10_000),
    "gmm_32_25_long": gmm(32, 25, 10_000),
    "ba": ba(10, 1_000),
    "lstm": lstm(2, 1_024, 14),
    "hand": hand(200),
    "hand_complicated": hand(200, is_complicated=True),
}
LONG = ("gmm_10_5_long", "gmm_32_25_long")
