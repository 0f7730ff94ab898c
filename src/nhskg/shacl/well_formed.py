"""Shapes that are not well-formed, which engines pass over in silence, and paths without end.

What a property takes is in the `Shapes Constraint Language, 2 to 4
<https://www.w3.org/TR/shacl/#core-components>`_.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from nhskg.rdf.paths import Term, TripleIndex, written
from nhskg.rdf.terms import RDF, SH, XSD
from nhskg.shacl.findings import Finding, Severity
from nhskg.shacl.shapes import Shapes

UNSUPPORTED: Final = "unsupported-shape"
"""The rule of the catalogue for what is not carried out."""

MOST_STEPS: Final = 10_000
"""How many steps a path has, one that is named twice counted twice.

Engines walk a path as often as it is named: forty that name each other twice never end. A sequence
of so many takes them a second.
"""
DEEPEST_PATH: Final = 100
"""How deep paths may be nested; a path that is a part of itself would be without end."""

_KINDS: Final = {
    "an IRI": """
        targetClass targetSubjectsOf targetObjectsOf class datatype equals disjoint lessThan
        lessThanOrEquals severity nodeKind""",
    "a whole number": """
        minCount maxCount minLength maxLength qualifiedMinCount qualifiedMaxCount""",
    "true or false": "uniqueLang closed deactivated qualifiedValueShapesDisjoint",
    "a text": "pattern flags",
    "a literal": "minExclusive minInclusive maxExclusive maxInclusive",
    "a node with properties": "node property not qualifiedValueShape sparql",
    "a list": "in",
    "a list of IRIs": "ignoredProperties",
    "a list of texts": "languageIn",
    "a list of shapes": "and or xone",
}
_TAKES: Final = {SH + name: kind for kind, names in _KINDS.items() for name in names.split()}
_NEEDS: Final = (
    (("qualifiedValueShape",), ("qualifiedMinCount", "qualifiedMaxCount")),
    (("qualifiedMinCount", "qualifiedMaxCount"), ("qualifiedValueShape",)),
    (("flags",), ("pattern",)),
    (
        ("qualifiedValueShape", "minCount", "maxCount", "uniqueLang"),
        ("path",),
    ),
)
"""What has no meaning without one of some others."""
_PATHS: Final = tuple(
    SH + each + "Path"
    for each in ("inverse", "alternative", "zeroOrMore", "oneOrMore", "zeroOrOne")
)
_NIL: Final = NamedNode(RDF + "nil")


def ill_formed(shapes: Shapes) -> Iterator[Finding]:
    """Yield what stands in shapes, and SHACL does not say what it means."""
    known: dict[Term, tuple[int, int]] = {}
    lists: dict[tuple[str, Term], bool] = {}
    for node, predicate, value in shapes.triples:
        name, fault = predicate.value.removeprefix(SH), ""
        lacking = (
            others
            for names, others in _NEEDS
            if predicate.value in [SH + each for each in names]
            and not shapes.values(node, *(SH + each for each in others))
        )
        if predicate.value in _TAKES and not _is(_TAKES[predicate.value], shapes, value, lists):
            fault = f" {written(value, shapes.namespaces)}" * isinstance(value, Literal | NamedNode)
            fault += f", which is not {_TAKES[predicate.value]}"
        elif name == "sparql" and (query := shapes.text(value, SH + "select")):
            fault = "" if re.search(r"[?$]this\b", query) else " with a query without $this"
        elif needed := next(lacking, ()):
            fault = f" without sh:{' or sh:'.join(needed)}"
        elif predicate.value == SH + "path":
            try:
                _measure(shapes, value, known)
            except (RecursionError, ValueError):
                fault = ", which is not a property path"
        if fault:
            message, repair = f"has sh:{name}{fault}", "correct it: it has no meaning in SHACL"
            about = UNSUPPORTED, Severity.WARNING, message, repair
            yield shapes.finding(node, *about, at=(predicate, value), value=value.value)


def too_large_paths(shapes: Shapes) -> Iterator[Finding]:
    """Yield the paths with more steps, or more paths in each other, than an engine can walk."""
    known: dict[Term, tuple[int, int]] = {}
    for node, predicate, value in shapes.triples:
        try:
            if predicate.value != SH + "path" or _measure(shapes, value, known)[0] <= MOST_STEPS:
                continue
            fault = f"has more than {MOST_STEPS:,} steps; write what it names twice once"
        except RecursionError:
            fault = f"is a part of itself, or more than {DEEPEST_PATH} deep; nest it less"
        except ValueError:
            continue
        message = f"has a sh:path that {fault}"
        yield shapes.finding(node, "", Severity.VIOLATION, message, at=(predicate, value))


def _is(kind: str, graph: TripleIndex, value: Any, lists: dict[tuple[str, Term], bool]) -> bool:
    """Return whether a value is of a kind that properties take; each cell of lists is read once."""
    if kind.startswith("a list"):
        member = {"IRIs": "an IRI", "texts": "a text", "shapes": "a node with properties"}
        of = member.get(kind.rpartition(" ")[2])
        cells: dict[tuple[str, Term], bool] = {}
        while value != _NIL and (kind, value) not in lists and (kind, value) not in cells:
            cells[kind, value] = False
            first, rest = (graph.values(value, RDF + each) for each in ("first", "rest"))
            if len(first) != 1 or len(rest) != 1 or (of and not _is(of, graph, first[0], lists)):
                break
            (value,) = rest
        is_list = value == _NIL or lists.get((kind, value), False)
        lists.update(dict.fromkeys(cells, is_list))
        return is_list
    if not isinstance(value, Literal):
        is_iri = isinstance(value, NamedNode) and value != _NIL
        return kind == "a node with properties" or (kind == "an IRI" and is_iri)
    datatype = value.datatype.value.removeprefix(XSD)
    match kind:
        case "a whole number":
            return datatype == "integer" and bool(re.fullmatch(r"[+-]?\d+", value.value))
        case "true or false":
            return datatype == "boolean" and value.value in ("true", "false", "1", "0")
        case "a text":
            return datatype == "string"
    return kind == "a literal"


def _members(graph: TripleIndex, head: Term) -> list[Term] | None:
    """Return the members of a list, or None where it is not well-formed."""
    found, seen = [], set()
    while head != _NIL:
        member, rest = (graph.values(head, RDF + each) for each in ("first", "rest"))
        if head in seen or len(member) != 1 or len(rest) != 1:
            return None
        seen.add(head)
        found += member
        (head,) = rest
    return found


def _measure(
    graph: TripleIndex, node: Term, known: dict[Term, tuple[int, int]], above: int = 0
) -> tuple[int, int]:
    """Return the steps of a path, and how deep it is.

    Raises:
        ValueError: it is not well-formed.
        RecursionError: it is too deep.
    """
    if isinstance(node, NamedNode) and node != _NIL:
        return 1, 0
    if node not in known:
        if above > DEEPEST_PATH:
            raise RecursionError
        operands = graph.values(node, *_PATHS)
        lists = graph.values(node, _PATHS[1]) or ([] if operands else [node])
        inner = (_members(graph, lists[0]) or []) if lists else operands
        if len(operands) > 1 or len(inner) < 1 + bool(lists):
            raise ValueError
        parts = [_measure(graph, each, known, above + 1) for each in inner]
        known[node] = sum(each for each, _ in parts), 1 + max(deep for _, deep in parts)
    if above + known[node][1] > DEEPEST_PATH:
        raise RecursionError
    return known[node]
