"""Inference over any RDF: what follows, in the forms of RDF, and contradictions, in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pyoxigraph as ox

from nhskg.rdf.alike import can_be_named
from nhskg.rdf.errors import InputError, UsageError
from nhskg.rdf.paths import bracketed, written
from nhskg.rdf.sparql.algebra import TYPE, ends
from nhskg.rdf.terms import OWL, PREFIXES, RDF, RDF_TYPE, RDFS, XSD
from nhskg.reasoning.blank_nodes import BLANK, deskolemize, deskolemize_term, skolemize
from nhskg.reasoning.closure import DERIVED, GIVEN, Closure
from nhskg.reasoning.general_rules import SCHEMA_PREDICATES
from nhskg.reasoning.literal_values import is_ill_typed
from nhskg.reasoning.reasoner import CompiledEngine, Engine
from nhskg.reasoning.rules import Inconsistency
from nhskg.reasoning.schema import Schema, is_axiom
from nhskg.reasoning.triple_lookup import nodes

FORMATS: Final = {
    "turtle": ox.RdfFormat.TURTLE,
    "ntriples": ox.RdfFormat.N_TRIPLES,
    "trig": ox.RdfFormat.TRIG,
    "nquads": ox.RdfFormat.N_QUADS,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdfxml": ox.RdfFormat.RDF_XML,
}
"""The forms that derived triples are written in."""

_ELEMENT: Final = re.compile(r"[^\W\d][\w.-]*$")
"""The end of an IRI that can be an XML name, by which RDF/XML writes a property."""

_VOCABULARIES: Final = (RDF, RDFS, OWL, XSD)
ERROR: Final = "http://www.daml.org/2002/03/agents/agent-ont#error"
_SUB_CLASS: Final = RDFS + "subClassOf"
_TO_THING: Final = frozenset({RDF_TYPE, RDFS + "subClassOf", RDFS + "domain", RDFS + "range"})
_REFLEXIVE: Final = SCHEMA_PREDICATES - _TO_THING | {OWL + "sameAs", RDFS + "subClassOf"}


@dataclass(frozen=True, slots=True)
class Inference:
    """What follows from some data: the triples in order, and the contradictions."""

    triples: tuple[ox.Triple, ...]
    inconsistencies: tuple[Inconsistency, ...]


def infer(
    quads: Iterable[ox.Quad], engine: Engine, *, axiomatic: bool = False, rename: bool = True
) -> Inference:
    """Derive what follows from the union of the graphs of some quads.

    What holds of everything is left out, unless it is asked for as ``axiomatic``: then it is what
    the tables of OWL 2 RL say, by :class:`CompiledEngine`. With ``rename`` blank nodes are named
    anew, the same each time, unless that takes too many steps; what follows for the nodes of class
    expressions and lists is left out.

    Raises:
        NhskgError: the rules make no program.
    """
    given = {quad.triple for quad in quads}
    expressions = {
        triple.subject
        for triple in given
        if isinstance(triple.subject, ox.BlankNode) and is_axiom(triple)
        # an individual without a name may be given a class without one
        if triple.predicate.value != RDF_TYPE or isinstance(triple.object, ox.NamedNode)
    }
    store = ox.Store()
    named = (skolemize(triple, keep=expressions) for triple in given)
    store.extend(ox.Quad(t.subject, t.predicate, t.object, GIVEN) for t in named)
    derivation = engine.derive(store, DERIVED)
    found = {q.triple for q in store.quads_for_pattern(None, None, None, DERIVED)}
    if axiomatic and isinstance(engine, CompiledEngine):
        found |= Closure(given, engine).triples()
    dataset = ox.Dataset(
        ox.Quad(triple.subject, triple.predicate, triple.object)
        for triple in map(deskolemize, found)
        if not str(triple.subject).startswith(f"<{BLANK}")  # a triple term, which is no subject
        if (axiomatic or is_informative(triple))
        and expressions.isdisjoint((triple.subject, triple.object))
        and not triple.predicate.value.startswith(BLANK)  # of an inverse without a name
    )
    if rename and can_be_named(dataset):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    clashes = tuple(
        replace(clash, triples=tuple(map(deskolemize, clash.triples)))
        for clash in derivation.inconsistencies
    )
    return Inference(tuple(sorted((quad.triple for quad in dataset), key=str)), clashes)


def as_written(found: Inference, quads: Iterable[ox.Quad]) -> Inference:
    """Return an inference with literals as they are written in the data, which a store changes.

    What the data have of the same subject as ``01``, or only so, is so in what follows. An
    ill-typed literal is a contradiction (dt-not-type), whatever a store makes of it.
    """
    given = [(q.triple, q.object) for q in quads if isinstance(q.object, ox.Literal)]
    literals = {value for _, value in given if value.datatype.value != XSD + "string"}
    store, name = ox.Store(), ox.NamedNode("urn:literal")
    names: dict[Any, ox.Literal] = {
        ox.NamedNode(f"{name.value}:{number}"): value for number, value in enumerate(literals)
    }
    store.extend(ox.Quad(node, name, value) for node, value in names.items())
    kept: dict[Any, Any] = {names[quad.subject]: quad.object for quad in store}
    changed = sorted((pair for pair in kept.items() if pair[0] != pair[1]), key=str, reverse=True)
    forms = {now: value for value, now in changed if now not in literals}
    own = {(t.subject, kept[value]): value for t, value in given if value in kept}
    own |= {(t.subject, value): value for t, value in given}

    def as_given(t: ox.Triple) -> ox.Triple:
        value = own.get((t.subject, t.object)) or forms.get(t.object, t.object)
        return ox.Triple(t.subject, t.predicate, value)

    ill_typed = {value for value in literals if is_ill_typed(value)}
    clashes = [replace(c, triples=tuple(map(as_given, c.triples))) for c in found.inconsistencies]
    clashes = [
        each
        for each in clashes
        if "dt-not-type" not in each.rule or ill_typed.isdisjoint(t.object for t in each.triples)
    ]
    clashes += [Inconsistency("dt-not-type", (t,)) for t, value in given if value in ill_typed]
    triples = sorted(map(as_given, found.triples), key=str)
    return Inference(tuple(triples), tuple(sorted(set(clashes), key=str)))


def is_informative(triple: ox.Triple) -> bool:
    """Return whether a derived triple says something that is not so of everything.

    What the vocabularies of RDF, RDFS, OWL and XML Schema say of their own terms is left aside too.
    """
    predicate = triple.predicate.value
    one, two = (n.value if isinstance(n, ox.NamedNode) else "" for n in ends(triple))
    return not (
        predicate == ERROR
        or (predicate in _REFLEXIVE and triple.subject == triple.object)
        or (two in (OWL + "Thing", RDFS + "Resource") and predicate in _TO_THING)
        or (one == OWL + "Nothing" and predicate == RDFS + "subClassOf")
        or (one.startswith(_VOCABULARIES) and two.startswith(_VOCABULARIES))
    )


def render(
    triples: Sequence[ox.Triple],
    form: str,
    *,
    prefixes: Mapping[str, str],
    graph: ox.NamedNode,
    given: Iterable[ox.Quad] = (),
) -> bytes:
    """Return triples in one of :data:`FORMATS`, with prefixes and a graph where the form has such.

    What is ``given`` comes with it, in its own graphs where the form has graphs, JSON-LD too.

    Raises:
        InputError: the form has no way to write one of the triples.
    """
    syntax, given, default = FORMATS[form], list(given), ox.DefaultGraph()
    is_graph = syntax.supports_datasets and (given or syntax != ox.RdfFormat.JSON_LD)
    quads = [ox.Quad(*nodes(t), graph if is_graph else default) for t in triples]
    quads += given if is_graph else [ox.Quad(*nodes(quad.triple)) for quad in given]
    quads = sorted(
        set(quads), key=lambda q: (q.graph_name != default, str(q.graph_name), str(q.triple))
    )
    terms = {getattr(node, "datatype", node) for quad in quads for node in quad}
    iris = [node.value for node in terms if isinstance(node, ox.NamedNode)]
    used = {
        prefix: namespace
        for prefix, namespace in sorted(prefixes.items())
        if namespace and any(iri.startswith(namespace) for iri in iris)
    }
    for quad in quads if syntax == ox.RdfFormat.RDF_XML else ():
        if not _ELEMENT.search(quad.predicate.value):
            raise InputError(f"RDF/XML cannot name the property {quad.predicate}")
    if syntax == ox.RdfFormat.JSON_LD:
        used = {}  # it names things by whole IRIs
        if any(isinstance(quad.object, ox.Triple) for quad in quads):
            raise InputError("JSON-LD cannot write a triple term of RDF 1.2; take another form")
    raw = ox.serialize(quads, format=syntax, prefixes=used) or b""
    return raw if not raw or raw.endswith(b"\n") else raw + b"\n"


def read_triple(text: str, prefixes: Mapping[str, str]) -> ox.Triple:
    """Read one triple in Turtle, with the prefixes of some files.

    Raises:
        UsageError: it is none, or not one.
    """
    known = {**PREFIXES, **prefixes}
    head = "".join(f"@prefix {name}: <{iri}> . " for name, iri in known.items())
    fault = ""
    try:
        found = list(ox.parse(f"{head}\n{text.rstrip().removesuffix('.')}\n.", ox.RdfFormat.TURTLE))
    except SyntaxError as error:
        found, fault = [], re.sub(r"^Parser error at line \d+ [^:]*: ", "", str(error.msg))
    if len(found) == 1:
        triple: ox.Triple = found[0].triple
        return triple
    fault = fault or f"{len(found)} triples"
    raise UsageError(f"not a triple in Turtle: {fault}; write it as 'ex:a rdf:type ex:B'")


class StatementWriter:
    """Writes statements about some data, with class expressions and lists as they are there."""

    def __init__(self, given: Iterable[ox.Quad], prefixes: Mapping[str, str]) -> None:
        known = {**PREFIXES, **prefixes}
        longest = sorted(known.items(), key=lambda item: (-len(item[1]), item[0]))
        self._prefixes = dict(longest)
        self._schema = Schema(filter(is_axiom, given))

    def line(self, clash: Inconsistency) -> str:
        """Return an inconsistency as one line."""
        text = clash.rule
        if clash.triples:
            text += f": these cannot all be true: {self._joined(clash.triples)}"
        # the axioms of an expression are written where it is
        axioms = [a for a in clash.axioms if not self._is_described(a.subject)] or clash.axioms
        return f"{text}; by {self._joined(axioms)}" if axioms else text

    def statement(self, triple: ox.Triple) -> str:
        """Return a triple as in Turtle."""
        return " ".join("a" if node == TYPE else self._term(node, ()) for node in triple)

    def axiom(self, triple: ox.Triple) -> str:
        """Return an axiom; the whole class expression where it is a part of one."""
        named = deskolemize(triple)
        is_part = self._is_described(named.subject) and triple.predicate.value != _SUB_CLASS
        return self._term(triple.subject, ()) if is_part else self.statement(triple)

    def _is_described(self, node: Any) -> bool:
        return isinstance(node, ox.BlankNode) and bool(self._schema.about(node))

    def _joined(self, triples: Iterable[ox.Triple]) -> str:
        return " . ".join(
            " ".join(self._term(node, ()) for node in triple) for triple in dict.fromkeys(triples)
        )

    def _term(self, term: Any, within: tuple[object, ...]) -> str:
        term = deskolemize_term(term, BLANK)
        if isinstance(term, ox.Triple):
            return f"<<( {term} )>>"
        if not self._is_described(term) or term in within:
            return written(term, self._prefixes)
        within = (*within, term)
        if items := self._schema.items(term):
            return f"({' '.join(self._term(item, within) for item in items)})"
        described = self._schema.about(term)
        parts = [
            f"{'a' if p == RDF_TYPE else bracketed(p, self._prefixes)} {self._term(value, within)}"
            for p, value in described
            if p != RDF_TYPE or len(described) == 1
        ]
        return f"[ {' ; '.join(sorted(parts))} ]"
