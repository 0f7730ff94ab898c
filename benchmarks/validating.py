"""Validating: nhskg against pySHACL over the whole graph, and after an edit of one document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from benchmarks.context import Context
from benchmarks.engines import DERIVED, compiled_is_missing, load
from benchmarks.generator import Settings
from benchmarks.measuring import (
    Goal,
    Result,
    Spread,
    alternate,
    at_least,
    compare,
    run_python,
    seconds_of,
    told,
    unavailable,
)
from benchmarks.sides import Side, processor_note, run_engine
from nhskg.project import Project

__all__ = ["validate_edit", "validate_whole"]

_WHAT: Final = "all shapes over the whole graph, {:,} claims"
_AGAINST: Final = "pySHACL over the whole graph, the same shapes"
_EDIT: Final = "`nhskg validate` after an edit of one document in {:,}"
_DOCUMENTS: Final = 500


def _shapes_missing(project: Project) -> str:
    if not any(project.shapes.glob("*.ttl")):
        return "not available yet: there are no shapes"
    try:
        from nhskg.validation import shacl
    except ImportError as error:
        return f"not available yet: {error}"
    return "" if hasattr(shacl, "validate_graph") else "not available yet: no validate_graph"


def validate_whole(context: Context) -> Iterator[Result]:
    """Validate graphs with what is derived in them, as a full run of ``nhskg validate`` does."""
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
    from nhskg.reasoning.compiled_engine import CompiledEngine, read_rule_texts

    store = load((context.asserted(settings), context.ontology()))
    with told(f"reasoning over {settings.claims:,} claims, to validate them"):
        CompiledEngine(read_rule_texts(context.seeds.ontology / "rules")).derive(store, DERIVED)
    path = context.folder / f"reasoned-{settings.claims}.nq"
    ox.serialize(store, str(path), ox.RdfFormat.N_QUADS)
    return path


def validate_edit(context: Context) -> Iterator[Result]:
    """Validate a project anew after an edit of one document, against a run from nothing."""
    if not context.full and context.size is None:
        why = "long: python -m benchmarks edit --full"
        yield unavailable("validation", _EDIT.format(_DOCUMENTS), "a full run", why)
        return
    claims = context.size or round(_DOCUMENTS * 66.2)
    project = context.synthetic_project(Settings(claims, mixing=0.0))
    documents = sorted(project.documents.glob("*.yaml"))
    what, against = _EDIT.format(len(documents)), "the full run, from nothing"
    command = ("-m", "nhskg", "--project", str(project.root), "validate")
    _settle(lambda: run_python(*command))
    edited, edits = documents[len(documents) // 2], iter(range(1_000))

    def edit() -> float:
        text = edited.read_text("utf-8")
        changed = re.sub(r"modality: \w[\w-]*", f"modality: {_word(next(edits))}", text, count=1)
        edited.write_text(changed, "utf-8")
        return seconds_of(lambda: _settle(lambda: run_python(*command)))()

    def whole() -> float:
        fresh = (*command, "--fresh")
        return seconds_of(lambda: _settle(lambda: run_python(*fresh)))()

    ours, theirs = alternate(edit, whole, rounds=context.rounds)
    ratios = [b / a for a, b in zip(ours, theirs, strict=True)]
    yield Result(
        "validation",
        what,
        against,
        ours=Spread.of(ours),
        theirs=Spread.of(theirs),
        ratio=Spread.of(ratios),
        reads="times faster",
        goal=Goal(10, at_least=True),
        note="whole processes; the edit changes the modality of one provision; the corpus is one "
        "in which each claim names what the real one names, and so has next to no findings",
    )


def _word(number: int) -> str:
    return "would" if number % 2 else "could"


def _settle(work: Callable[[], object]) -> None:
    """Run a validation; findings (exit 1) are a result like any other."""
    try:
        work()
    except RuntimeError as error:
        if not str(error).startswith("exit 1:"):
            raise
