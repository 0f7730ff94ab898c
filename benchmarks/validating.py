"""Validating: nhskg against pySHACL over the whole graph, and after an edit of one document."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from benchmarks.context import Context
from benchmarks.engines import DERIVED, compiled_is_missing, load
from benchmarks.generator import Settings
from benchmarks.measuring import (
    Clock,
    Goal,
    Result,
    Spread,
    alternate,
    compare,
    run_python,
    seconds_of,
    told,
    unavailable,
)
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
        store = _reasoned(context, Settings(claims))
        shapes = context.seeds.shapes
        yield compare(
            "validation",
            _WHAT.format(claims),
            _AGAINST,
            (partial(_ours, store, shapes), partial(_pyshacl, store, shapes)),
            rounds=1,
            faster=True,
            goal=Goal(10, at_least=True) if claims == 10_000 else None,
            note="in one process, the graph reasoned over before; making rdflib's graph counts",
        )


def _reasoned(context: Context, settings: Settings) -> ox.Store:
    """Return a store that holds a corpus, the ontology and what follows."""
    from nhskg.reasoning.compiled_engine import CompiledEngine, read_rule_texts

    store = load((context.asserted(settings), context.ontology()))
    with told(f"reasoning over {settings.claims:,} claims, to validate them"):
        CompiledEngine(read_rule_texts(context.seeds.ontology / "rules")).derive(store, DERIVED)
    return store


def _ours(store: ox.Store, shapes: Path) -> float:
    from nhskg.validation.shacl import validate_graph

    with told("nhskg"), Clock() as clock:
        validate_graph(store, shapes)
    return clock.seconds


def _pyshacl(store: ox.Store, shapes: Path) -> float:
    from pyshacl import validate
    from rdflib import Graph

    graph = Graph()
    for path in sorted(shapes.glob("*.ttl")):
        if path.name != "ontology-style.ttl":
            graph.parse(path, format="turtle")
    raw = ox.serialize({quad.triple for quad in store}, format=ox.RdfFormat.N_TRIPLES)
    assert raw is not None
    with told("pySHACL"), Clock() as clock:
        data = Graph().parse(data=raw, format="nt")
        validate(data, shacl_graph=graph, inplace=True)
    return clock.seconds


def validate_edit(context: Context) -> Iterator[Result]:
    """Validate a project anew after an edit of one document, against a run from nothing."""
    if not context.full and context.size is None:
        why = "long: python -m benchmarks edit --full"
        yield unavailable("validation", _EDIT.format(_DOCUMENTS), "a full run", why)
        return
    claims = context.size or round(_DOCUMENTS * 65)
    project = context.synthetic_project(Settings(claims))
    documents = sorted(project.documents.glob("*.yaml"))
    what, against = _EDIT.format(len(documents)), "the full run, from nothing"
    if not _is_incremental():
        why = "not available yet: nhskg validate keeps nothing from run to run"
        yield unavailable("validation", what, against, why)
        return
    command = ("-m", "nhskg", "--project", str(project.root), "validate")
    _settle(lambda: run_python(*command))
    edited, edits = documents[len(documents) // 2], iter(range(1_000))

    def edit() -> float:
        text = edited.read_text("utf-8")
        changed = re.sub(r"modality: \w[\w-]*", f"modality: {_word(next(edits))}", text, count=1)
        edited.write_text(changed, "utf-8")
        return seconds_of(lambda: _settle(lambda: run_python(*command)))()

    def whole() -> float:
        fresh = (*command, "--from-nothing")
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
        note="whole processes",
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


def _is_incremental() -> bool:
    """Tell whether ``nhskg validate`` offers a run from nothing, and so others that are not."""
    return "--from-nothing" in run_python("-m", "nhskg", "validate", "--help")
