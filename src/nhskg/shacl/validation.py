"""SHACL validation of a project's graph by its shapes, as findings with rule, line and repair.

Each validation result becomes a :class:`~nhskg.shacl.findings.Finding`, with the number of the
requirement and the line of YAML behind the focus. Shapes that check nothing, and terms that no
ontology declares, are found too: a typo must not pass as success.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import NamedNode, Quad, Store

from nhskg.rdf.errors import Place
from nhskg.rdf.terms import DERIVED_GRAPH, SH, local_name, shorten_iri
from nhskg.shacl.findings import Finding, Locate, Severity, settle
from nhskg.shacl.loading import load_shapes
from nhskg.shacl.requirements import Requirement, Shapes, split_message
from nhskg.shacl.unused_shapes import TargetedData, check_shapes

if TYPE_CHECKING:
    from nhskg.shacl.engines import EngineName, Result

__all__ = ["nowhere", "run_shapes", "validate_graph", "validate_quads"]

_ANY_IRI: Final = re.compile(r"https?://[^\s<>\"'{}()\[\],;]+[^\s<>\"'{}()\[\],;.:]")
_SEVERITIES: Final = {SH + each.value: each for each in Severity}
_PLACEHOLDER: Final = re.compile(r"\{[$?](\w+)\}")


def nowhere(
    focus: str,  # noqa: ARG001
    predicate: str | None = None,  # noqa: ARG001
    value: str | None = None,  # noqa: ARG001
) -> tuple[Place, ...]:
    """Locate nothing: for RDF that comes from no annotations."""
    return ()


def validate_graph(
    store: Store, shapes: Path, *, locate: Locate = nowhere, engine: EngineName = "turbo"
) -> tuple[Finding, ...]:
    """Validate the union of the graphs of a store.

    The store holds the ontology too, for its classes and its declarations. Nothing is inferred:
    what is derived must be in it. Shapes marked ``nsh:over nsh:AssertedGraphs`` see all graphs but
    the derived one.

    Args:
        store: asserted graphs, ontology and derived graph.
        shapes: a folder of shapes, of which those of the ontology's style are left out, or a file.
        locate: from a focus to its places.
        engine: what validates; pySHACL is the reference, many times slower.

    Returns:
        The findings, in order of place.

    Raises:
        InputError: the shapes cannot be read, or pySHACL refuses them.
    """
    return validate_quads(store, load_shapes(shapes), locate=locate, engine=engine)


def validate_quads(
    quads: Iterable[Quad],
    shapes: Shapes,
    *,
    locate: Locate = nowhere,
    engine: EngineName = "turbo",
) -> tuple[Finding, ...]:
    """Validate the union of the graphs of some quads; see :func:`validate_graph`."""
    if not isinstance(quads, Store):
        quads = list(quads)
    findings = [_finding(each, shapes, locate) for each in run_shapes(quads, shapes, engine=engine)]
    return settle([*findings, *check_shapes(TargetedData(as_store(quads)), shapes)])


def as_store(statements: Iterable[Quad]) -> Store:
    """Return a store of some quads: itself, if it is one."""
    if isinstance(statements, Store):
        return statements
    store = Store()
    store.bulk_extend(statements)
    return store


def run_shapes(
    quads: Iterable[Quad], shapes: Shapes, *, engine: EngineName = "turbo"
) -> list[Result]:
    """Return the validation results of some quads."""
    from nhskg.shacl.engines import n_quads, run  # noqa: PLC0415  # loads rdflib

    text = n_quads(quads)
    place = Place(shapes.requirements[0].place.path) if shapes.requirements else None
    asserted_only = {each.number for each in shapes.requirements if each.asserted_only}
    results = run(text, shapes.without(asserted_only).triples, engine=engine, place=place)
    if asserted_only:
        derived = f" <{DERIVED_GRAPH}> ."
        lines = (line for line in text.split("\n") if not line.endswith(derived))
        only = shapes.only(asserted_only).triples
        results += run("\n".join(lines), only, engine=engine, place=place)
    return results


def _finding(result: Result, shapes: Shapes, locate: Locate) -> Finding:
    requirement = shapes.requirement_of(result.shape) if result.shape else None
    message, repair = _text(result, requirement, shapes)
    predicate = result.path.first_predicate if result.path else None
    value = result.other_value.value if result.other_value else None
    places = locate(
        result.focus.value, predicate or (requirement.at if requirement else None), value
    )
    named = result.shape.value if isinstance(result.shape, NamedNode) else result.component
    return Finding(
        rule=requirement.number if requirement else local_name(named),
        # a severity that SHACL doesn't have counts as a violation
        severity=_SEVERITIES.get(result.severity, Severity.VIOLATION),
        message=message,
        repair=repair,
        focus=result.focus.value,
        path=result.path,
        value=value,
        place=places[0] if places else None,
        related=tuple(places[1:]),
        component=result.component,
    )


def _text(result: Result, requirement: Requirement | None, shapes: Shapes) -> tuple[str, str]:
    """Return message and repair: of the shape, else of its requirement, else of the engine."""
    own = result.shape is not None and shapes.text(result.shape, SH + "message")
    if not own and requirement is not None and requirement.message:
        message, repair = requirement.message, requirement.repair
    else:
        message, repair = split_message(" ".join(each.value for each in result.messages))
    return _filled(message, result), _filled(repair, result)


def _filled(text: str, result: Result) -> str:
    """Replace ``{$this}``, ``{?value}`` and ``{?path}`` by the terms of a result."""
    if "{" in text:
        path = str(result.path) if result.path else ""
        value = result.other_value.value if result.other_value else ""
        known = {"this": result.focus.value, "value": value, "path": path, "PATH": path}
        text = _PLACEHOLDER.sub(lambda found: known.get(found[1]) or found[0], text)
    return _ANY_IRI.sub(lambda found: shorten_iri(found[0]), text) if "://" in text else text
