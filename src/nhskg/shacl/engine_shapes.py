"""The shapes that an engine is given, and findings about what none of them carries out.

Left out or written anew is what the engines do not read as the `Shapes Constraint Language
<https://www.w3.org/TR/shacl/>`_ does, and the `Advanced Features <https://www.w3.org/TR/shacl-af/>`_
that nobody asked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from nhskg.rdf.errors import InputError
from nhskg.rdf.paths import Term, TripleIndex, reachable
from nhskg.rdf.sparql.exact import SlowPatternError
from nhskg.rdf.terms import OWL, SH
from nhskg.shacl.findings import Finding, Severity
from nhskg.shacl.patterns import translate, translate_query
from nhskg.shacl.shapes import SHAPE_VALUED, Shapes, faulty_queries
from nhskg.shacl.well_formed import UNSUPPORTED, ill_formed, too_large_paths

DEEPEST: Final = 1000
"""How deep shapes may be nested; some four times as deep the stack of pyshacl-turbo overflows."""

MOST_SHAPES: Final = 1_000_000
"""How many shapes are evaluated for one node, one that is referred to twice counted twice.

Engines evaluate a shape as often as it is referred to: thirty that refer twice to the next never
end. A million take some seconds.
"""

_ADVANCED: Final = {SH + each for each in ("expression", "rule", "target")}
_NEVER: Final = {SH + each for each in ("entailment", "js", "values")}


def adapted(shapes: Collection[Triple], *, advanced: bool) -> list[Triple]:
    """Return shapes as the engines read them rightly, without what they would not carry out."""
    graph, found = TripleIndex(shapes), []
    left_out = _NEVER if advanced else _NEVER | _ADVANCED
    for triple in shapes:
        subject, predicate, value = triple
        match predicate.value.removeprefix(SH):
            case "ignoredProperties":  # without sh:closed no constraint (2.1.4)
                kept = bool(graph.values(subject, SH + "closed"))
            case "uniqueLang":  # "1" is no constraint (4.4.5)
                kept = value == Literal(True)
            case "prefixes":  # of imported ontologies, too (5.2.1)
                kept = True
                imported = reachable([value], lambda each: graph.values(each, OWL + "imports"))
                found += [Triple(subject, predicate, each) for each in imported[1:]]
            case "ask" | "construct" | "select" if isinstance(value, Literal):
                kept = False
                text = translate_query(value.value)
                found.append(Triple(subject, predicate, Literal(text, datatype=value.datatype)))
            case "pattern" if isinstance(value, Literal):
                kept = False
                with suppress(ValueError):
                    pattern, flags = translate(value.value, graph.text(subject, SH + "flags"))
                    found.append(Triple(subject, predicate, Literal(pattern)))
                    if flags:
                        found.append(Triple(subject, NamedNode(SH + "flags"), Literal(flags)))
            case "flags":
                kept = not isinstance(value, Literal)
            case _:
                kept = predicate.value not in left_out
        if kept:
            found.append(triple)
    return found


def check_support(shapes: Shapes, *, advanced: bool = False) -> Iterator[Finding]:
    """Yield what is not carried out.

    These are what is not well-formed, refused patterns, advanced features, recursion, deep nests.
    """
    yield from ill_formed(shapes)
    for node, predicate, value in shapes.triples:
        name = predicate.value.removeprefix(SH)
        if name == "pattern" and isinstance(value, Literal):
            try:
                translate(value.value, shapes.text(node, SH + "flags"))
                continue
            except ValueError as error:
                message = f"has a sh:pattern that is not checked: {error}"
                repair = "write it as a regular expression of XPath"
        elif predicate.value in _NEVER:
            message = f"has sh:{name}, which is not supported"
            repair = "give --inference" if name == "entailment" else "say it in SHACL Core"
        elif name == "jsFunctionName":
            message, repair = "has a function in JavaScript, which is not run", "write it in SPARQL"
        elif predicate.value in _ADVANCED and not advanced:
            message = f"has sh:{name} of SHACL-AF, which is not supported by default"
            repair = "give --advanced, which carries it out"
        else:
            continue
        about = UNSUPPORTED, Severity.WARNING, message, repair
        yield shapes.finding(node, *about, at=(predicate, value), value=value.value)
    yield from _check_nesting(shapes)


@contextmanager
def placing(shapes: Shapes) -> Iterator[None]:
    """Where an engine refuses shapes name their file; shape and line, where they are known.

    Queries with SERVICE, and what is too large for an engine, are refused before.
    """
    for error in faulty_queries(shapes, parsed=False):
        raise error
    for found in _too_large(shapes):
        raise InputError(found.message, place=found.place)
    try:
        yield
    except InputError as error:
        refused = InputError(error.message, place=shapes.place(None))
        if len(suspects := _refused_triples(shapes, error)) == 1:
            node, *at = suspects[0]
            reason = re.sub("^'.*' exists but", "what it names", error.message.partition(": ")[2])
            about = "", Severity.VIOLATION, f"is refused by pySHACL: {reason}"
            found = shapes.finding(node, *about, at=at)
            refused = InputError(found.message, place=found.place)
        elif ill := next(ill_formed(shapes), None):
            refused = InputError(ill.text, place=ill.place)
        raise next(faulty_queries(shapes), refused) from error


def _refused_triples(shapes: Shapes, error: InputError) -> list[Triple]:
    """Return the triples of shapes that an engine may mean in what it says of a fault."""
    message = error.message
    if isinstance(error.__cause__, SlowPatternError):
        pattern = error.__cause__.pattern
        return [each for each in shapes.triples if _has_pattern(shapes, each, pattern)]
    if quoted := re.match(r".*: '(.*)' exists but", message):
        return [each for each in shapes.triples if getattr(each[2], "value", None) == quoted[1]]
    components = re.findall(r"(\w)(\w+)ConstraintComponent", message)
    named = {SH + first.lower() + rest for first, rest in components}
    named |= {SH + name for name in re.findall(r"(?:sh:|/ns/shacl#)(?!path\b)(\w+)", message)}
    found: dict[tuple[Term, Term], Triple] = {}
    for triple in shapes.triples:
        node, predicate, _ = triple
        is_meant = predicate.value in named
        if "at most one" in message:
            is_meant = is_meant and len(shapes.values(node, predicate.value)) > 1
        elif "not a NodeShape" in message:
            is_meant = is_meant and not shapes.values(node, SH + "path")
        if is_meant:
            found.setdefault((node, predicate), triple)
    return [*found.values()]


def _has_pattern(shapes: Shapes, triple: Triple, pattern: str) -> bool:
    """Return whether a triple of shapes has what is this regular expression for an engine."""
    node, predicate, value = triple
    match predicate.value.removeprefix(SH):
        case "pattern":
            with suppress(ValueError):
                return translate(value.value, shapes.text(node, SH + "flags"))[0] == pattern
        case "ask" | "construct" | "select":
            return str(Literal(pattern)) in translate_query(value.value)
    return False


def _nested(shapes: Shapes) -> tuple[list[Term], dict[Term, list[Term]]]:
    """Return shapes that refer to themselves, and from the inside out each with those in it.

    What closes a circle is left out of the second.
    """
    names = [SH + each for each in SHAPE_VALUED]

    def parts(node: Term) -> list[Term]:
        found = shapes.values(node, *names)
        return [each for value in found for each in (value, *shapes.members(value))]

    recursive: dict[Term, None] = {}
    done: dict[Term, list[Term]] = {}
    for start in sorted(shapes.subjects(), key=lambda each: not isinstance(each, NamedNode)):
        inner = {} if start in done else {start: parts(start)}
        ahead = {node: iter(found) for node, found in inner.items()}
        while ahead:  # the shapes that are in each other, the outermost first
            node = next(reversed(ahead))
            for each in ahead[node]:
                if each in ahead:
                    recursive[each] = None
                    inner[node] = [other for other in inner[node] if other != each]
                elif each not in done:
                    inner[each] = parts(each)
                    ahead[each] = iter(inner[each])
                    break
            else:
                done[node] = inner[node]
                del ahead[node]
    return [*recursive], done


def _too_large(shapes: Shapes) -> Iterator[Finding]:
    """Yield the shapes that engines would not come to the end of."""
    yield from too_large_paths(shapes)
    counts: dict[Term, int] = {}
    depths: dict[Term, int] = {}
    for node, inner in _nested(shapes)[1].items():
        depths[node] = 1 + max((depths[each] for each in inner), default=0)
        # of how many values a path leads to only the data know
        with_path = shapes.values(node, SH + "path")
        counts[node] = 1 if with_path else 1 + sum(counts[each] for each in inner)
        for bound, found, what in (
            (MOST_SHAPES, counts, "evaluates more than {:,} shapes; refer to each shape once"),
            (4 * DEEPEST, depths, "has shapes in shapes, more than {:,} deep; nest them less"),
        ):
            if found[node] > bound:
                yield shapes.finding(node, "", Severity.VIOLATION, what.format(bound))
                return


def _check_nesting(shapes: Shapes) -> Iterator[Finding]:
    """Yield the shapes that refer to themselves, and the outermost of too many."""
    recursive, nested = _nested(shapes)
    depths: dict[Term, int] = {}
    for node, inner in nested.items():
        depths[node] = 1 + max((depths[each] for each in inner), default=0)
    for node in recursive:
        message = (
            "refers to itself: SHACL leaves open what this means, and a few rounds are checked"
        )
        repair = "write it without recursion, or do not rely on its results"
        yield shapes.finding(node, UNSUPPORTED, Severity.WARNING, message, repair)
    outermost = max(depths, key=depths.__getitem__, default=None)
    if outermost is not None and depths[outermost] > DEEPEST:
        message = f"has shapes in shapes, more than {DEEPEST} deep: the innermost are not checked"
        yield shapes.finding(outermost, UNSUPPORTED, Severity.WARNING, message, "nest them less")
