"""Terms, triples, axioms and absences as a person reads them: labels in place of IRIs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Exists, Filter, Group, Node, Pattern, Union, exists_in
from nhskg.rdf.sparql.render import expression_text
from nhskg.rdf.terms import ID, NS, OWL, RDF, RDF_TYPE, RDFS, SKOS, compact, local_name
from nhskg.reasoning.proofs import Absence
from nhskg.reasoning.triple_lookup import Facts, nodes

__all__ = ["Wording"]

_CLAIM: Final = re.compile(re.escape(ID) + r"claim/([^/]+/[^/]+)(/.*)?$")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_VOWELS: Final = "aeiou"
_PARTS: Final = {
    OWL + n
    for n in ("intersectionOf", "unionOf", "oneOf", "someValuesFrom", "allValuesFrom", "hasValue")
}
_KINDS: Final = {
    OWL + "SymmetricProperty": "“{}” holds both ways",
    OWL + "TransitiveProperty": "“{}” carries on from one to the next",
    OWL + "FunctionalProperty": "nothing has two of “{}”",
    OWL + "InverseFunctionalProperty": "no two things share one “{}”",
}
_AXIOMS: Final = {
    RDFS + "subClassOf": "every {0} is {1:a}",
    OWL + "equivalentClass": "{0} and {1} are one class",
    RDFS + "subPropertyOf": "“{0}” implies “{1}”",
    OWL + "equivalentProperty": "“{0}” and “{1}” say the same",
    RDFS + "domain": "what has “{0}” is {1:a}",
    RDFS + "range": "what stands as “{0}” is {1:a}",
    OWL + "inverseOf": "“{0}” is “{1}” the other way round",
}
_LIMITS: Final = {
    NS + "effectiveWhen": "once: {}",
    NS + "reducedBy": "a part goes to others (claim {})",
}
_RESTRICTIONS: Final = {
    "someValuesFrom": "with {1:a} as “{0}”",
    "allValuesFrom": "with only {1} as “{0}”",
    "hasValue": "with {1} as “{0}”",
}


class _Words(str):
    """Words for a class; ``{:a}`` puts the article before them."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        return _article(self) if form == "a" else str(self)


def _article(words: str) -> str:
    return f"an {words}" if words[:1].lower() in _VOWELS else f"a {words}"


class Wording:
    """Puts what a store says into words."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self._labels: dict[Node, str] = {}

    def label(self, term: Node) -> str:
        """Return the words for a term."""
        if term not in self._labels:
            self._labels[term] = self._label(term)
        return self._labels[term]

    def _label(self, term: Node) -> str:
        if isinstance(term, ox.Literal):
            return f"“{term.value}”"
        if isinstance(term, ox.Variable):
            return f"some {_CAMEL.sub(' ', term.value).lower().rstrip('0123456789')}"
        if isinstance(term, ox.BlankNode):
            return self.expression(term)
        english = [
            value
            for value in self.facts.values(term, SKOS + "prefLabel")
            if isinstance(value, ox.Literal) and value.language in ("en", None)
        ]
        return english[0].value if english else self._made_label(term)

    def _made_label(self, term: ox.NamedNode) -> str:
        """Return words for a thing without a label: a claim, a holding, a property."""
        claim = _CLAIM.match(term.value)
        if claim:
            return claim[1] + (claim[2] or "")
        if self.is_holding(term):
            return self.holding(term)
        if self.is_competence(term):
            power, matter, body = (self._all(term, "of" + n) for n in ("Power", "Matter", "Body"))
            return f"{power} over {matter} by {body}"
        if term.value.startswith(ID):
            return term.value.removeprefix(ID)
        known = compact(term.value) != term.value
        return _CAMEL.sub(" ", local_name(term.value)).lower() if known else term.value

    def _all(self, term: Node, *names: str) -> str:
        """Return the labels of the values of some properties."""
        found = [v for name in names for v in self.facts.values(term, NS + name)]  # type: ignore[arg-type]
        return " and ".join(dict.fromkeys(map(self.label, found)))

    def is_competence(self, term: Node) -> bool:
        """Tell whether a thing is a competence: a body's power over a matter, whoever plans it."""
        return isinstance(term, ox.NamedNode) and self.facts.is_a(term, NS + "Competence")

    # -- holdings

    def is_holding(self, term: Node) -> bool:
        """Tell whether a thing is a holding: somebody's, of a power, under a plan."""
        if not isinstance(term, ox.NamedNode):
            return False
        return all(self.facts.value(term, NS + n) for n in ("holder", "power", "underPlan"))

    def holding(self, *terms: Node) -> str:
        """Return the sentence that a holding, or several of different bodies, stands for."""
        said: dict[str, str] = {}
        for name in ("bearerQualifier", "holder", "power", "matter", "underPlan", "cohort"):
            found = [value for term in terms for value in self.facts.values(term, NS + name)]  # type: ignore[arg-type]
            join = " or " if name == "holder" and said["bearerQualifier"] == "either" else " and "
            said[name] = join.join(dict.fromkeys(map(self.label, found)))
        how = f"{said['bearerQualifier']}: " if said["bearerQualifier"] else ""
        cohort = f", for {said['cohort']}" if said["cohort"] else ""
        # "is held by" is right of one body and of many; a label doesn't tell which it is
        return (
            f"{said['power']} over {said['matter']} is held by {how}{said['holder']}"
            f" under {said['underPlan']}{cohort}"
        )

    def limit(self, triple: ox.Triple) -> str:
        """Return what limits a holding: ``once: the boards are ready``."""
        known = _LIMITS.get(triple.predicate.value)
        return known.format(self.label(nodes(triple)[2])) if known else self.property(triple)

    # -- statements

    def statement(self, triples: Iterable[ox.Triple]) -> str:
        """Return one line for triples of one subject."""
        triples = list(triples)
        subject = triples[0].subject
        kinds = [t.object for t in triples if t.predicate.value == RDF_TYPE]
        if isinstance(subject, ox.NamedNode) and self.is_holding(subject):
            rest = [t for t in triples if t.predicate.value not in _HOLDING]
            said = [self.label(k) for k in kinds if not isinstance(k, ox.Triple)]
            said += [self.property(t) for t in rest]
            return ": ".join(filter(None, [self.holding(subject), "; ".join(said)]))
        if len(triples) == 1:
            return self.sentence(triples[0])
        said = [_article(self.label(k)) for k in kinds if not isinstance(k, ox.Triple)]
        said += [self.property(t) for t in triples if t.predicate.value != RDF_TYPE]
        return f"{self.label(nodes(triples[0])[0])}: {'; '.join(said)}"

    def sentence(self, triple: ox.Triple) -> str:
        """Return one triple as a sentence."""
        subject, predicate, value = nodes(triple)
        if predicate.value == RDF_TYPE:
            return f"{self._named(subject)} is {_article(self.label(value))}"
        return f"{self.label(subject)} — {self.label(predicate)} — {self.label(value)}"

    def _named(self, subject: Node) -> str:
        """Return the words for the subject of a sentence; a property is quoted, as it is a verb."""
        words = self.label(subject)
        is_property = not isinstance(subject, ox.Variable | ox.Literal) and any(
            self.facts.is_a(subject, OWL + kind) for kind in ("ObjectProperty", "DatatypeProperty")
        )
        return f"“{words}”" if is_property else words

    def property(self, triple: ox.Triple) -> str:
        """Return what a triple says of its subject, as ``predicate: object``."""
        _, predicate, value = nodes(triple)
        word = "kind" if predicate.value == RDF_TYPE else self.label(predicate)
        return f"{word}: {self.label(value)}"

    def said(self, claim: str, triples: Iterable[ox.Triple]) -> str:
        """Return what a claim says in some triples, its own without their subject."""
        return "; ".join(
            self.property(t) if getattr(t.subject, "value", "") == claim else self.sentence(t)
            for t in triples
        )

    # -- axioms

    def axiom(self, triple: ox.Triple) -> str:
        """Return what an axiom says; nothing for one that is a part of another."""
        subject, predicate, value = nodes(triple)
        if predicate.value in _PARTS and isinstance(subject, ox.BlankNode):
            return ""
        one = self.expression(subject)
        if predicate.value == OWL + "propertyChainAxiom":
            chain = " and then ".join(f"“{self.label(item)}”" for item in self._items(value))
            return f"{chain} make “{one}”"
        if predicate.value == RDF_TYPE and isinstance(value, ox.NamedNode):
            kind = _KINDS.get(value.value)
            return kind.format(one) if kind else self.sentence(triple)
        form = _AXIOMS.get(predicate.value)
        return form.format(one, _Words(self.expression(value))) if form else self.sentence(triple)

    def expression(self, node: Node) -> str:
        """Return the words for a class, named or not."""
        if not isinstance(node, ox.BlankNode):
            return self.label(node)
        parts = self.facts.value(node, OWL + "intersectionOf")
        if parts is not None:
            items = sorted(self._items(parts), key=lambda n: isinstance(n, ox.BlankNode))
            return " ".join(self.expression(item) for item in items)
        choices = self.facts.value(node, OWL + "unionOf")
        if choices is not None:
            return " or ".join(self.expression(item) for item in self._items(choices))
        on = self.facts.value(node, OWL + "onProperty")
        for name, form in _RESTRICTIONS.items():
            filler = self.facts.value(node, OWL + name)
            if filler is not None and on is not None:
                return form.format(self.label(on), _Words(self.expression(filler)))
        return "something"

    def _items(self, node: Node) -> Iterable[Node]:
        while isinstance(node, ox.BlankNode):
            yield from self.facts.values(node, RDF + "first")[:1]
            node = next(iter(self.facts.values(node, RDF + "rest")), ox.NamedNode(RDF + "nil"))

    # -- groups of patterns

    def absence(self, absence: Absence) -> str:
        """Return what is not there, in words."""
        patterns = absence.group.patterns()
        is_known = bool(patterns) and not isinstance(patterns[0].subject, ox.Variable)
        return f"{'not:' if is_known else 'no'} {self.conditions(absence.group)}"

    def presence(self, group: Group) -> str:
        """Return what is there, in words, of a group that must have no match.

        What the group itself excepts is left out: it doesn't except this.
        """
        kept = (e for e in group.elements if not (isinstance(e, Exists) and e.negated))
        return self.conditions(Group(tuple(kept)))

    def conditions(self, group: Group, outer: Node | None = None) -> str:
        """Return what a group asks for, its first subject first, variables in words.

        Args:
            group: patterns and tests.
            outer: what the group around it is about; said again, it is "it".
        """
        patterns = group.patterns()
        main = patterns[0].subject if patterns else None
        own = [p for p in patterns if p.subject == main and not p.closure]
        shown = {main, *(p.object for p in own)}
        said = self._subject(main, patterns, outer) if main is not None else []
        for each in (p for p in patterns if p not in own):
            about = {each.subject, each.object} & (shown - {main})
            if not about or (each.object in about and not each.closure):
                said.append(self._relation(each, ()))
        said += [self._other(e, main) for e in group.elements if not isinstance(e, Pattern)]
        return "; ".join(filter(None, said))

    def _subject(self, main: Node, patterns: Sequence[Pattern], outer: Node | None) -> list[str]:
        """Return the classes and properties of a subject, in one where it is a variable."""
        own = [p for p in patterns if p.subject == main and not p.closure]
        if not isinstance(main, ox.Variable):
            return [self._relation(pattern, patterns) for pattern in own]
        kinds = [self._described(p.object, patterns, main) for p in own if _is_type(p)]
        said = [
            f"{self.label(p.predicate)}: {self._described(p.object, patterns, main)}"
            for p in own
            if not _is_type(p)
        ]
        if main == outer:
            told = [f"it is {_article(kind)}" for kind in kinds]
            return [*told, f"it has {', '.join(said)}"] if said else told
        words = " and ".join(kinds) or "thing"
        return [words + (f" with {', '.join(said)}" if said else "")]

    def _relation(self, pattern: Pattern, patterns: Sequence[Pattern]) -> str:
        one = self._described(pattern.subject, (), None)
        two = self._described(pattern.object, patterns, pattern.subject)
        if _is_type(pattern):
            known = not isinstance(pattern.subject, ox.Variable) and self.is_holding(
                pattern.subject
            )
            return (
                f"{one}: {two}" if known else f"{self._named(pattern.subject)} is {_article(two)}"
            )
        remove = " (at any remove)" if pattern.closure else ""
        two = "anything" if two == "any" else two
        return f"{one} — {self.label(pattern.predicate)}{remove} — {two}"

    def _described(self, node: Node, patterns: Iterable[Pattern], main: Node | None) -> str:
        """Return the words for a node, a variable's from all that is asked of it."""
        if not isinstance(node, ox.Variable):
            return self.label(node)
        said = []
        for each in patterns:
            ends = [end for end in (each.subject, each.object) if end not in (node, main)]
            if each.closure and node in (each.subject, each.object) and ends:
                side = "broader" if each.object == node else "narrower"
                one = self.label(ends[0])
                said.append(f"{one} or {side}" if each.closure == "*" else f"{side} than {one}")
            elif each.subject == node and not each.closure:
                word, value = self.label(each.predicate), self.label(each.object)
                other = word if word.endswith(" with") else f"has {word}:"
                said.append(_article(value) if _is_type(each) else f"one that {other} {value}")
        return " and ".join(said) or "any"

    def _other(self, element: object, main: Node | None) -> str:
        match element:
            case Exists():
                told = self.conditions(element.group, main)
                there = told if told.startswith("it ") else f"there is {_article(told)}"
                return f"{'unless' if element.negated else 'where'} {there}"
            case Union():
                return "either " + " or ".join(self.conditions(b) for b in element.branches)
            case Filter():
                if any(exists_in(element.expression)):
                    return ""
                return f"where {expression_text(element.expression, self.label)}"
        return ""


def _is_type(pattern: Pattern) -> bool:
    return isinstance(pattern.predicate, ox.NamedNode) and pattern.predicate.value == RDF_TYPE


_HOLDING: Final = {RDF_TYPE} | {NS + n for n in ("underPlan", "holder", "power", "matter")}
