"""The passes, each from a graph to a graph, in their order."""

from __future__ import annotations

from collections.abc import Callable

from symdiff.derive.loop_results import settle_results
from symdiff.graph.graph import Graph
from symdiff.graph.nested import with_nested
from symdiff.optimize.choices import merge_choices
from symdiff.optimize.contractions import contract_products
from symdiff.optimize.dead_writes import drop_dead_writes
from symdiff.optimize.equal_sums import reuse_equal_sums
from symdiff.optimize.factor import factor_sums
from symdiff.optimize.factored import reuse_sums
from symdiff.optimize.factors import reuse_factors
from symdiff.optimize.filled import fill_tables
from symdiff.optimize.guard import guard_branches
from symdiff.optimize.histories import share_histories
from symdiff.optimize.inline import inline_own
from symdiff.optimize.invariants import hoist_invariants
from symdiff.optimize.like_terms.maps import backward_loops_as_arrays
from symdiff.optimize.ordered_sums import reuse_ordered_sums
from symdiff.optimize.pieces import join_pieces
from symdiff.optimize.products import reuse_products
from symdiff.optimize.quotients import reuse_quotients
from symdiff.optimize.reductions import share_reductions
from symdiff.optimize.scales import reuse_scaled
from symdiff.optimize.selected import select_once
from symdiff.optimize.shares import share_by_signs, split_shares
from symdiff.optimize.signs import settle_signs
from symdiff.optimize.simplify import drop_dead, expand
from symdiff.optimize.start_sums import start_sums
from symdiff.optimize.symmetry import share_exchanged
from symdiff.optimize.transposes import turn_products
from symdiff.optimize.unread import drop_unread
from symdiff.optimize.written import share_written
from symdiff.progress import counted

PASSES: tuple[Callable[[Graph], Graph], ...] = (
    inline_own,  # derivation is over: a function with a rule of its own is its lines
    drop_dead,  # derivation leaves lines that no output needs; what follows need not see them
    share_written,  # before lines of the value and of twins go different ways
    share_histories,  # before what is asked for is settled
    settle_results,
    backward_loops_as_arrays,
    fill_tables,
    start_sums,
    reuse_ordered_sums,  # before sums are compared with each other
    expand,  # powers become products before products are compared
    share_reductions,  # equal means are then differences, squares, ... from the same line
    turn_products,
    reuse_products,
    reuse_equal_sums,  # whose terms are then the same products
    select_once,  # before choices and sums are compared: it leaves fewer of both
    merge_choices,
    reuse_sums,
    contract_products,  # now it is known which sums are left, and numbers come out of them
    share_exchanged,
    join_pieces,  # what is left of a sum may have common factors
    factor_sums,
    reuse_quotients,
    settle_signs,  # now it is known which lines have one use alone
    reuse_factors,  # numbers have come to the front of products by now
    reuse_scaled,  # after all that makes lines anew, which moves numbers out of sums again
    share_by_signs,
    split_shares,  # what its parts are used for is settled
    guard_branches,  # last, so that no pass moves a function out from under its guard
)


def optimize(graph: Graph) -> Graph:
    """Run all passes once, in the bodies of loops too.

    Then it is known what their steps read and write: what is dead goes, what was kept for it too,
    and what steps share moves before their loop.
    """
    for stage in counted("optimising", STAGES):
        graph = stage(graph)
    return graph


def optimize_bodies(graph: Graph) -> Graph:
    """Do the same within a step of each loop."""
    return with_nested(graph, _optimize_body)


def _optimize_body(graph: Graph) -> Graph:
    for stage in STAGES:
        if stage not in _FOR_FINITE:
            graph = stage(graph)
    return graph


_FOR_FINITE = (select_once, share_by_signs)  # a step may be given what is infinite
STAGES = (*PASSES, optimize_bodies, drop_dead_writes, drop_unread, hoist_invariants)
