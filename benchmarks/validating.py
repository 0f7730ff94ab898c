"""Validating: nhskg against pySHACL over the whole graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from benchmarks.context import Context
from benchmarks.engines import DERIVED, compiled_is_missing, load
from benchmarks.generator import Settings
from benchmarks.measuring import Goal, Result, at_least, compare, told, unavailable
from benchmarks.sides import Side, processor_note, run_engine
from nhskg.project import Project

__all__ = ["validate_whole"]

_WHAT: Final = "all shapes over the whole graph, {:,} claims"
_AGAINST: Final = "pySHACL over the whole graph, the same shapes"


def _shapes_missing(project: Project) -> str:
    if not any(project.shapes.glob("*.ttl")):
        return "not available yet: there are no shapes"
    try:
        from nhskg.shacl import validation as shacl
    except ImportError as error:
        return f"not available yet: {error}"
    return "" if hasattr(shacl, "validate_graph") else "not available yet: no validate_graph"


def validate_whole(context: Context) -> Iterator[Result]:
    """Validate graphs with what is derived in them, as ``nhskg validate`` does."""
    missing = _shapes_missing(context.seeds) or compiled_is_missing(
        context.seeds.ontology / "rules"
    )
    for claims in context.sizes(1_000, full=(10_000,)):
        if missing:
            yield unavailable("validation", _WHAT.format(claims), _AGAINST, missing)
            continue
        file = _reasoned(context, Settings(claims))
        shapes = context.seeds.shapes
        limit = context.limit
        ours = Side(partial(run_engine, "shapes", file, rules=shapes))
        theirs = Side(partial(run_engine, "pyshacl", file, rules=shapes, limit=limit))
        found = compare(
            "validation",
            _WHAT.format(claims),
            _AGAINST,
            (ours, theirs),
            rounds=1,
            faster=True,
            goal=Goal(10, at_least=True) if claims == 10_000 else None,
        )
        if theirs.last.get("stopped"):
            yield at_least(found, limit)
            continue
        note = "the graph reasoned over before; making rdflib's graph counts"
        yield replace(found, note=f"{note}; {processor_note(ours, theirs)}")


def _reasoned(context: Context, settings: Settings) -> Path:
    """Return a file of what a corpus asserts, the ontology, and what follows."""
    from nhskg.reasoning.engine import CompiledEngine, read_rule_texts

    store = load((context.asserted(settings), context.ontology()))
    with told(f"reasoning over {settings.claims:,} claims, to validate them"):
        CompiledEngine(read_rule_texts(context.seeds.ontology / "rules")).derive(store, DERIVED)
    path = context.folder / f"reasoned-{settings.claims}.nq"
    ox.serialize(store, str(path), ox.RdfFormat.N_QUADS)
    return path
