"""Validating: nhskg against pySHACL over the whole graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from benchmarks.context import Context
from benchmarks.engines import DERIVED, load
from benchmarks.generator import Settings
from benchmarks.measuring import Result, compare, engine, progress


def validate_whole(context: Context) -> Iterator[Result]:
    """Validate graphs with what is derived in them, as ``nhskg validate`` does."""
    for claims in context.sizes(1_000, full=(10_000,)):
        file = _reasoned(context, Settings(claims))
        shapes = context.seeds.shapes
        yield compare(
            "validation",
            f"all shapes over the whole graph, {claims:,} claims",
            "pySHACL over the whole graph, the same shapes",
            (
                engine("shapes", file, rules=shapes),
                engine("pyshacl", file, rules=shapes, limit=context.limit),
            ),
            goal=10 if claims == 10_000 else None,
            note="the graph reasoned over before; making rdflib's graph counts",
        )


def _reasoned(context: Context, settings: Settings) -> Path:
    """Return a file of what a corpus asserts, the ontology, and what follows."""
    from nhskg.reasoning.reasoner import CompiledEngine, read_rule_texts

    store = load((context.asserted(settings), context.ontology()))
    with progress(f"reasoning over {settings.claims:,} claims, to validate them"):
        CompiledEngine(read_rule_texts(context.rules)).derive(store, DERIVED)
    path = context.folder / f"reasoned-{settings.claims}.nq"
    ox.serialize(store, str(path), ox.RdfFormat.N_QUADS)
    return path
