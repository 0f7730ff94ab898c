"""Proofs: the seconds that ``why`` takes on one cell, as the corpus grows."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import Final

import pyoxigraph as ox

from benchmarks.context import Context
from benchmarks.engines import DERIVED, load
from benchmarks.generator import Settings
from benchmarks.measuring import Clock, Result, progress
from nhskg.explain.explaining import Asked, Explainer
from nhskg.explain.proof_forms import render_text
from nhskg.explain.summary import summary_branches
from nhskg.rdf.terms import NS, RDF_TYPE
from nhskg.reasoning.reasoner import CompiledEngine, read_rule_texts

_BASES: Final = ("StipulatedHolding", "InheritedHolding", "PresupposedHolding", "TentativeHolding")


def why(context: Context) -> Iterator[Result]:
    """Measure the answer of ``why``, each time with a fresh compilation of the program."""
    sizes = context.sizes(1_000, 10_000, 100_000)
    first: tuple[float, ...] = ()
    for claims in sizes:
        store = _store(context, claims)
        cells = [cell for name in _BASES for cell in _cells(store, name, context.rounds)]
        ours = tuple(_seconds(context, store, cell) for cell in cells)
        first = first or ours
        yield Result(
            "proving",
            f"`why` of one cell, in process, {claims:,} claims",
            f"the same with {sizes[0]:,} claims",
            ours=ours,
            theirs=first,
            ratio=(median(ours) / median(first),),
            reads="times as long",
            note=f"{len(cells)} cells, of each basis; the longest took {max(ours):.2f} s",
        )


def _store(context: Context, claims: int) -> ox.Store:
    """Return a built store as ``why`` opens it: on disk, read-only."""
    folder = context.folder / f"proving-{claims}"
    if not folder.exists():
        with progress(f"building a store of {claims:,} claims"):
            memory = load([context.asserted(Settings(claims)), context.ontology()])
            CompiledEngine(read_rule_texts(context.rules)).derive(memory, DERIVED)
            disk = ox.Store(str(folder))
            disk.bulk_extend(memory)
            disk.optimize()
            del disk
    return ox.Store.read_only(str(folder))


def _cells(store: ox.Store, basis: str, count: int) -> list[Asked]:
    """Return cells that hold on a basis, spread over its holdings."""
    found = store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(NS + basis))
    holdings = sorted({str(quad.subject): quad.subject for quad in found}.items())
    chosen = [holdings[len(holdings) * n // count][1] for n in range(min(count, len(holdings)))]
    return [
        Asked(*(_value(store, node, name) for name in ("underPlan", "power", "holder", "matter")))
        for node in chosen
    ]


def _value(
    store: ox.Store, node: ox.NamedNode | ox.BlankNode | ox.Triple, name: str
) -> ox.NamedNode:
    quads = store.quads_for_pattern(node, ox.NamedNode(NS + name), None)
    values = [quad.object for quad in quads if isinstance(quad.object, ox.NamedNode)]
    return min(values, key=str)


def _seconds(context: Context, store: ox.Store, cell: Asked) -> float:
    """Return what one question takes: read the rules, compile, prove, and render."""
    with Clock() as clock:
        explainer = Explainer(store, read_rule_texts(context.rules))
        found = explainer.explain_cell(cell)
        text = render_text(summary_branches(found, explainer))
    assert text
    return clock.seconds
