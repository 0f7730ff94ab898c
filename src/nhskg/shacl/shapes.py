"""SHACL shapes read from files, as numbered requirements: what they demand, the terms they use.

A requirement is a node shape with a target. Its number is the local name of its IRI; a shape that
is not nhskg's is called by its prefixed name. Its text is its ``sh:message``: ``Requirement C-02:
what MUST or SHOULD be. Repair: how to mend it.`` A query that is not SPARQL, and a reference to a
shape that no file has, are refused here: an engine would report neither with its line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from pyoxigraph import NamedNode, Store, Triple

from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.files import AnyFolder, files_in
from nhskg.rdf.lines import RdfFile, RdfFiles, find_places, read_rdf
from nhskg.rdf.paths import Term, TripleIndex, reachable
from nhskg.rdf.sparql.bounds import beyond_bounds
from nhskg.rdf.sparql.parser import tokens
from nhskg.rdf.sparql.service import find_service
from nhskg.rdf.terms import BASE, OWL, PREFIXES, RDF, RDF_TYPE, RDFS, SH, XSD, compact, local_name
from nhskg.shacl.findings import Finding, Rule, Severity, Target

NSH: Final = BASE + "shapes#"
"""The namespace of the shapes, and of ``nsh:at``, ``nsh:mayBeIdle``, ``nsh:over`` in them."""

ONTOLOGY_STYLE: Final = "ontology-style.ttl"
"""The shapes of the ontology itself."""
APART: Final = (ONTOLOGY_STYLE, "dataset-description.ttl")
"""The files of shapes that are not among those of a corpus, unless named as a file."""

SEVERITIES: Final[dict[Term | None, Severity]] = {NamedNode(SH + each): each for each in Severity}
"""The severities of SHACL; any other counts as a violation."""

_MESSAGE: Final = re.compile(
    r"\s*(?:Requirement\s+\S+?:\s*)?(?P<message>.*?)(?:\.?\s+Repair:\s*(?P<repair>.*?))?\.?\s*",
    re.DOTALL,
)
_TARGETS: Final = {
    SH + "targetClass": "class",
    SH + "targetNode": "node",
    SH + "targetSubjectsOf": "subjects of",
    SH + "targetObjectsOf": "objects of",
}
_TERM_VALUED: Final = """
    targetClass targetSubjectsOf targetObjectsOf class equals disjoint lessThan lessThanOrEquals
    hasValue ignoredProperties in path inversePath alternativePath zeroOrMorePath oneOrMorePath
    zeroOrOnePath
    """.split()
SHAPE_VALUED: Final = ("property", "node", "not", "and", "or", "xone", "qualifiedValueShape")
"""The properties whose values, or the members of whose lists, are shapes."""


class Shapes(TripleIndex):
    """A shapes graph; the files that it is from give its lines."""

    def __init__(
        self, triples: Iterable[Triple], files: Iterable[RdfFile] = (), language: str = "en"
    ) -> None:
        self.triples: Final = tuple(triples)
        self.files: Final = RdfFiles(files)
        self.language = language
        super().__init__(self.triples)

    @cached_property
    def requirements(self) -> tuple[Rule, ...]:
        """The named shapes with a target, by file and number."""
        named = (each for each in self.subjects() if isinstance(each, NamedNode))
        found = [self.rule(each) for each in named if self.is_targeted(each)]
        return tuple(sorted(found, key=lambda each: (str(each.place and each.place.path), each.id)))

    @cached_property
    def requirement_of(self) -> dict[Term | None, Rule]:
        """From a node or property shape to the first requirement that it is a part of."""
        found: dict[Term | None, Rule] = {}
        for rule in reversed(self.requirements):
            start = NamedNode(rule.iri or "")
            parts = reachable([start], lambda each: self.values(each, SH + "property"))
            found |= dict.fromkeys(parts, rule)
        return found

    @cached_property
    def owners(self) -> dict[Term, NamedNode]:
        """From a node to the named node that it belongs to: itself, or by way of blank nodes."""
        found: dict[Term, NamedNode] = {}
        for start in self.subjects():
            if isinstance(start, NamedNode):
                found |= dict.fromkeys(reachable([start], self.blank_values), start)
        return found

    def only(self, numbers: Collection[str]) -> Shapes:
        """Return the requirements of some numbers, with the shapes that they refer to."""
        reached = set(reachable(self._nodes_of(numbers), self.values))
        return Shapes((each for each in self.triples if each.subject in reached), self.files)

    def without(self, numbers: Collection[str]) -> Shapes:
        """Return all shapes, those of some numbers without their targets."""
        nodes, targets = set(self._nodes_of(numbers)), {*_TARGETS, SH + "target"}
        kept = (
            each
            for each in self.triples
            if each.subject not in nodes or each.predicate.value not in targets
        )
        return Shapes(kept, self.files)

    def _nodes_of(self, numbers: Collection[str]) -> list[Term]:
        return [NamedNode(each.iri or "") for each in self.requirements if each.id in numbers]

    def uses(self) -> Iterator[tuple[str, NamedNode]]:
        """Yield each term of no built-in vocabulary in a shape, path or query, with the shape."""
        built_in = RDF, RDFS, OWL, XSD, SH
        for node, shape in self.owners.items():
            terms = [each.value for each in self.named_values(node, _TERM_VALUED)]
            prefixes = self.prefixes(node)
            for token in tokens(self.text(node, SH + "select")):
                prefix, _, name = token.text.partition(":")
                if token.kind == "iri" and name:
                    terms.append(token.text[1:-1])
                elif token.kind == "pname" and name and prefix in prefixes:
                    terms.append(prefixes[prefix] + name)
            yield from ((each, shape) for each in terms if not each.startswith(built_in))

    def named_values(self, node: Term, names: Iterable[str]) -> Iterator[NamedNode]:
        """Yield the named values of some properties of SHACL of a node, those in lists too."""
        for value in self.values(node, *(SH + each for each in names)):
            members = [value] if isinstance(value, NamedNode) else self.members(value)
            named = (each for each in members if isinstance(each, NamedNode))
            yield from (each for each in named if each.value != RDF + "nil")

    def targets(self, node: Term) -> tuple[Target, ...]:
        """Return the targets of a shape; none if it is switched off."""
        if self.is_deactivated(node):
            return ()
        found = {
            Target(kind, term)
            for predicate, kind in _TARGETS.items()
            for term in self.values(node, predicate)
        }
        classes = {NamedNode(RDFS + "Class"), NamedNode(OWL + "Class")}
        if isinstance(node, NamedNode) and not classes.isdisjoint(self.values(node, RDF_TYPE)):
            found.add(Target("class", node))
        return tuple(sorted(found, key=lambda target: (target.kind, target.term.value)))

    def is_targeted(self, node: Term) -> bool:
        """Return whether a shape has a target, one of SHACL-AF (``sh:target``) included."""
        custom = self.values(node, SH + "target") and not self.is_deactivated(node)
        return bool(custom or self.targets(node))

    def is_deactivated(self, shape: Term) -> bool:
        """Return whether a shape is switched off."""
        return self.text(shape, SH + "deactivated") in ("true", "1")

    def place(self, shape: Term | None) -> Place:
        """Return where a shape is written; for one that no file has, the first file."""
        found = find_places(self.files, shape) if isinstance(shape, NamedNode) else ()
        return found[0] if found else Place(self.files[0].path if self.files else Path("shapes"))

    def finding(
        self,
        node: Term,
        rule: str,
        severity: Severity,
        message: str,
        repair: str = "",
        *,
        at: Sequence[Term] = (),
        value: str | None = None,
    ) -> Finding:
        """Return a finding about the shape that a node is of, at the line of the node's triple."""
        owner = self.owners.get(node)
        name = self.name(owner.value) if owner else "a shape without a name"
        requirement, focus = self.requirement_of.get(owner), owner and owner.value
        text = f"{requirement.id if requirement else name} {message}"
        place, *_ = find_places(self.files, node, *at) or (self.place(owner),)
        return Finding(rule, severity, text, repair, focus=focus, value=value, place=place)

    def name(self, iri: str) -> str:
        """Return the number of a requirement of nhskg, else the IRI with a prefix of the files."""
        return local_name(iri) if iri.startswith(NSH) else compact(iri, self.namespaces)

    @cached_property
    def namespaces(self) -> dict[str, str]:
        """The namespaces by prefix; where files differ, that of the first file."""
        declared = [each.prefixes for each in self.files]
        return {k: v for each in (PREFIXES, *reversed(declared)) for k, v in each.items()}

    def rule_of(self, shape: Term | None, component: Term) -> Rule:
        """Return what a result breaks: the shape, or the nearest with a name, or the constraint.

        Of nhskg's own shapes it is the requirement.
        """
        requirement = self.requirement_of.get(shape)
        if requirement and (requirement.iri or "").startswith(NSH):
            return requirement
        named = shape if isinstance(shape, NamedNode) or shape is None else self.owners.get(shape)
        if isinstance(named, NamedNode):
            return self.rule(named)
        return Rule(self.name(component.value), "", Severity.VIOLATION, iri=component.value)

    def rule(self, node: NamedNode) -> Rule:
        """Return a shape as a rule."""
        message, repair = split_message(self.text(node, SH + "message"))
        at, severity = self.value(node, NSH + "at"), self.value(node, SH + "severity")
        place, targets = self.place(node), self.targets(node)
        looks_at = ", ".join(f"{each.kind} {compact(each.term.value)}" for each in targets)
        return Rule(
            id=self.name(node.value),
            title=self.text(node, SH + "name") or self.text(node, RDFS + "label"),
            severity=SEVERITIES.get(severity, Severity.VIOLATION),
            protects=self.text(node, SH + "description") or self.text(node, RDFS + "comment"),
            demands=message,
            repair=repair,
            source=f"requirement of `shapes/{place.path.name}`" + (looks_at and f" on {looks_at}"),
            iri=node.value,
            place=place,
            targets=targets,
            asserted_only=NamedNode(NSH + "AssertedGraphs") in self.values(node, NSH + "over"),
            at=at if isinstance(at, NamedNode) else None,
        )

    def prefixes(self, node: Term) -> dict[str, str]:
        """Return the prefixes of the query of a SPARQL constraint."""
        found = {name: PREFIXES[name] for name in ("owl", "rdf", "rdfs")}
        given = self.values(node, SH + "prefixes")
        for ontology in reachable(given, lambda each: self.values(each, OWL + "imports")):
            for declaration in self.values(ontology, SH + "declare"):
                prefix = self.text(declaration, SH + "prefix")
                found[prefix] = self.text(declaration, SH + "namespace")
        return found


@cache
def split_message(text: str) -> tuple[str, str]:
    """Return what a ``sh:message`` says, without its number, and the repair.

    >>> split_message("Requirement C-02: a claim MUST name its claimant. Repair: add 'claimant'.")
    ('a claim MUST name its claimant', "add 'claimant'")
    """
    found = _MESSAGE.fullmatch(text)
    assert found is not None
    return found["message"], found["repair"] or ""


def load_shapes(path: AnyFolder) -> Shapes:
    """Read a file of shapes, or all of a folder but those that are apart.

    Raises:
        InputError: there is nothing to read, a file is not Turtle, a query is not SPARQL, or a
            shape refers to one that no file has.
    """
    paths = [Path(path)]
    if paths[0].is_dir():
        paths = [each for each in files_in(path, ".ttl") if each.name not in APART]
        if not paths:
            raise InputError("no shapes here: no *.ttl in the folder", place=Place(Path(path)))
    files = [read_rdf(each) for each in paths]
    shapes = Shapes(dict.fromkeys(triple for file in files for triple in file.triples), files)
    if not shapes.requirements:
        raise InputError("no shape with a target here", place=Place(Path(path)))
    for node, shape in shapes.owners.items():
        for other in shapes.named_values(node, SHAPE_VALUED):
            if other not in shapes:
                names = f"{local_name(shape.value)} refers to {local_name(other.value)}"
                message = f"{names}, which no file has; correct the name"
                raise InputError(message, place=shapes.place(shape))
    for error in faulty_queries(shapes):
        raise error
    return shapes


def faulty_queries(shapes: Shapes, *, parsed: bool = True) -> Iterator[InputError]:
    """Yield an error, at its line, for each query of a shape that has SERVICE, or is not SPARQL.

    Where they need not be ``parsed``, only for those that have SERVICE, or are beyond a bound.
    """
    for node, predicate, value in shapes.triples:
        if predicate.value.removeprefix(SH) not in ("ask", "construct", "select"):
            continue
        prefixes, text = shapes.prefixes(node), re.sub(r"[$?]PATH\b", "a", value.value)
        try:
            if beyond := beyond_bounds(text):
                why = f"with {beyond[0]}"
            elif find_service(text, prefixes=prefixes) is None:
                _ = parsed and Store().query(text, prefixes=prefixes)
                continue
            else:
                why = "with SERVICE, which sends data to another server; take it out"
        except (SyntaxError, ValueError) as error:  # a prefix may stand for no IRI
            if not parsed:
                continue
            why = f"that is not SPARQL: {' '.join(str(error).split())[:120]}"
            used = {each.text.partition(":")[0] for each in tokens(text) if each.kind == "pname"}
            if "Prefix not found" in why:
                undeclared = ", ".join(f"{each}:" for each in sorted(used - prefixes.keys()))
                why = f"with a prefix that sh:prefixes does not declare ({undeclared}); declare it"
        about = "", Severity.VIOLATION, f"has a query {why}"
        found = shapes.finding(node, *about, at=(predicate, value))
        yield InputError(found.message, place=found.place)
