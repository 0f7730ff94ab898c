"""Terms, triples, axioms and conditions in words: labels in place of IRIs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Final

import pyoxigraph as ox

from nhskg.queries.names import label, split_words
from nhskg.rdf.sparql.algebra import (
    TYPE,
    Element,
    Exists,
    Filter,
    Group,
    Node,
    Pattern,
    Term,
    Union,
    exists_in,
    expression_text,
)
from nhskg.rdf.terms import DCTERMS, NS, OA, OWL, PROV, RDF, RDFS, SKOS, local_name
from nhskg.reasoning.proofs import Absence
from nhskg.reasoning.triple_lookup import Facts, nodes

_BROADER: Final = ox.NamedNode(SKOS + "broader")
# {0} and {1} are the subject and the object, {2} is the object with an article
_AXIOMS: Final = {
    OWL + "SymmetricProperty": "“{}” holds both ways",
    OWL + "TransitiveProperty": "“{}” carries on from one to the next",
    OWL + "FunctionalProperty": "nothing has two of “{}”",
    OWL + "InverseFunctionalProperty": "no two things share one “{}”",
    RDFS + "subClassOf": "every {0} is {2}",
    OWL + "equivalentClass": "{0} and {1} are one class",
    RDFS + "subPropertyOf": "“{0}” implies “{1}”",
    OWL + "equivalentProperty": "“{0}” and “{1}” say the same",
    RDFS + "domain": "what has “{0}” is {2}",
    RDFS + "range": "what stands as “{0}” is {2}",
    OWL + "inverseOf": "“{0}” is “{1}” the other way round",
}
_RESTRICTIONS: Final = {
    "someValuesFrom": "with {2} as “{0}”",
    "allValuesFrom": "with only {1} as “{0}”",
    "hasValue": "with {1} as “{0}”",
}
_PARTS: Final = {OWL + name for name in ("intersectionOf", "unionOf", "oneOf", *_RESTRICTIONS)}
_LIMITS: Final = {
    "deontic": "{}",
    "bearerQualifier": "{}",
    "counterpart": "with {}",
    "subjectTo": "subject to: {}",
    "timing": "{}",
}
_PART: Final = {"cohort": "for {}", "quantity": "{}"}
_OF_BEARERS: Final = {"deontic", "bearerQualifier", "counterpart"}
"""What a claim says of the bodies that it gives a power, and not of those that lose one."""
_KEEPS, _RETAIN = ox.NamedNode(NS + "Keeps"), ox.NamedNode(NS + "Retain")
_WHOLE: Final = {ox.NamedNode(NS + effect) for effect in ("Takes", "Ends", "Keeps")}
_IN_FORCE: Final = "in force then, as the texts report it"
_SOLE: Final = re.compile(r"\b(merely|only|solely|purely|just)\b", re.IGNORECASE)
_TOLD: Final = {TYPE.value, *(NS + n for n in ("underPlan", "holder", "power", "matter"))}


def _article(words: str) -> str:
    return f"an {words}" if words[:1].lower() in "aeiou" else f"a {words}"


class Wording:
    """Puts what a store says into words."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.label: Callable[[Node], str] = cache(self._label)

    def _label(self, term: Node) -> str:
        """Return the words for a term."""
        if isinstance(term, ox.Literal):
            return f"“{term.value}”"
        if isinstance(term, ox.Variable):
            return f"some {split_words(term.value).rstrip('0123456789')}"
        if isinstance(term, ox.BlankNode):
            return self.expression(term)
        if self.is_entry(term):
            lost = "loss of " if self.facts.is_a(term, NS + "Loss") else ""
            return lost + self.entry(term)
        if self.is_competence(term):
            parts = (self.all_labels(term, "of" + n) for n in ("Power", "Matter", "Body"))
            return "{} over {} by {}".format(*parts)
        return label(self.facts, term)

    def all_labels(self, term: Term, name: str) -> str:
        """Return the labels of the values of one of the project's properties."""
        return " and ".join(map(self.label, self.facts.values(term, NS + name)))

    def is_competence(self, term: Node) -> bool:
        """Tell whether a thing is a body's power over a matter, whoever plans it."""
        return isinstance(term, ox.NamedNode) and self.facts.is_a(term, NS + "Competence")

    def is_entry(self, term: Node) -> bool:
        """Tell whether a thing is an entry: what a plan makes of a power over a matter."""
        return isinstance(term, ox.NamedNode) and self.facts.is_a(term, NS + "Entry")

    def entry(self, *terms: Term, qualifier: str = "") -> str:
        """Return what an entry, or several of different bodies, is about."""

        def said(name: str, join: str = " and ") -> str:
            found = [value for term in terms for value in self.facts.values(term, NS + name)]
            return join.join(dict.fromkeys(map(self.label, found)))

        power = f"{said('power')} {'of' if self._exists(terms[0]) else 'over'} {said('matter')}"
        who = said("holder", " or " if qualifier == "either" else " and ")
        who = f", {qualifier}: {who}," if qualifier else who and f", {who},"
        return f"{power}{who} under {said('underPlan')}"

    def told(self, *entries: Term, qualifier: str = "") -> str:
        """Return an entry, or several of different bodies, with its effect and basis."""
        standing = re.sub("in force$", _IN_FORCE, self.standing(entries[0]))
        return f"{self.entry(*entries, qualifier=qualifier)}: {standing}"

    def _exists(self, entry: Term) -> bool:
        return ox.NamedNode(NS + "Existence") in self.facts.values(entry, NS + "power")

    def claims_of(self, entry: Term) -> list[Term]:
        """Return the claims that an entry is derived from."""
        sources = self.facts.values(entry, PROV + "wasDerivedFrom")
        return [source for source in sources if self.facts.is_a(source, NS + "Claim")]

    def basis(self, entry: Term) -> str:
        """Return the name of the basis of an entry; what is left after a loss in part has none."""
        basis = self.facts.value(entry, NS + "basis")
        return local_name(basis.value) if basis else ""

    def standing(self, entry: Term) -> str:
        """Return the effect and the basis of an entry, in the words of the matrix."""
        word, effect = (self.all_labels(entry, name) for name in ("basis", "effect"))
        claims, remade = self.claims_of(entry), self._remade(entry)

        def all_of(name: str, join: str) -> str:
            values = (value for claim in claims for value in self.facts.values(claim, NS + name))
            return join.join(dict.fromkeys(map(self.label, values)))

        match self.basis(entry):
            case "OnCondition":
                return f"{word}: {effect}{remade}; until then as now"
            case "Suggested":
                return f"{word}: {effect}{remade}"
            case "RuledOut":
                return f"{word}: will not {all_of('action', ' or ')}"
            case "LeftOpen":
                who = " or ".join(map(self.label, self.facts.values(entry, NS + "candidate")))
                return f"{word}: {who}" if who else word
            case "ImpliedInForce":
                return f"in force, as implied by {all_of('claimant', ' and ')}"
            case "AsCharacterised":
                who = all_of("claimant", " and ")
                return f"in force, as {who} characterise{'s' if ' and ' not in who else ''} it"
            case "NotMentioned" | "NotAddressed":
                before = map(self._standing_before, self._before(entry))
                return "; ".join([f"{word} by the plan", *before])
        return word + remade if word else "the rest stays as it is"

    def _remade(self, entry: Term) -> str:
        """Return what a plan makes of a thing that it keeps, and does not just retain."""
        if not self._exists(entry) or _KEEPS not in self.facts.values(entry, NS + "effect"):
            return ""
        if self.facts.is_a(entry, NS + "BareEntry"):
            return ", implied by giving it a role"
        claims = (c for c in self.claims_of(entry) if self.facts.value(c, NS + "action") != _RETAIN)
        parts = ([self.all_labels(c, name) for name in ("action", "result")] for c in claims)
        made = dict.fromkeys(" into ".join(filter(None, each)) for each in parts)
        return f" (to {', to '.join(made)})" if made else ""

    def _before(self, entry: Term) -> list[Term]:
        """Return the entries under the baseline that an entry is derived from."""
        return list(filter(self.is_entry, self.facts.values(entry, PROV + "wasDerivedFrom")))

    def _standing_before(self, entry: Term) -> str:
        """Return how an entry stands that a plan leaves alone, or where, if not in force."""
        plans = self.facts.values(entry, NS + "underPlan")
        if any(self.facts.is_a(plan, NS + "StatusQuo") for plan in plans):
            return self.standing(entry)
        return f"as under {self.all_labels(entry, 'underPlan')}"

    def limits(self, claim: Term, entry: Term) -> list[str]:
        """Return how far, and on what terms, a claim supports an entry: never a sibling's."""
        facts, broader = self.facts, ox.NamedNode(SKOS + "broader")
        is_loss = facts.is_a(entry, NS + "Loss")
        is_own = claim in self.claims_of(entry) and not facts.is_a(entry, NS + "BareEntry")

        def said(forms: Mapping[str, str]) -> list[str]:
            names = [name for name in forms if not (is_loss and name in _OF_BEARERS)]
            pairs = ((forms[n], v) for n in names for v in facts.values(claim, NS + n))
            return [form.format(self._time(value) or self.label(value)) for form, value in pairs]

        part = said(_PART)
        for own in facts.values(claim, NS + "matter") if is_own else ():
            wider = (Pattern(own, broader, m, "+") for m in facts.values(entry, NS + "matter"))
            part += [self.label(own)] if any(map(facts.path, wider)) else []
        is_thing, effects = self._exists(entry), facts.values(entry, NS + "effect")
        extent = [("" if is_thing else "in part: ") + ", ".join(part)] if part else []
        if is_own and not part and not is_thing and self.basis(entry) != "Suggested":
            extent = [] if _WHOLE.isdisjoint(effects) else ["wholly"]
        gates = []
        for gate in facts.values(claim, NS + "effectiveWhen"):
            office = ox.NamedNode(NS + "TakingOffice") in facts.values(gate, DCTERMS + "type")
            gates.append(f"{'if' if office else 'once'} {self.label(gate)}")
        is_help = ox.NamedNode(NS + "ProvideSupport") in facts.values(claim, NS + "power")
        forms = {**_LIMITS, "counterpart": "for {}"} if is_help else _LIMITS
        return [*extent, *self._sole_role(claim, entry), *gates, *said(forms)]

    def _time(self, value: Term) -> str:
        words = self.facts.value(value, NS + "statedAs")
        return words.value if words else ""

    def _sole_role(self, claim: Term, entry: Term) -> list[str]:
        """Return the word by which a claim takes from a body what it does not name, or "merely"."""
        facts = self.facts
        named = set(facts.values(claim, NS + "fromBody")) & set(facts.values(entry, NS + "holder"))
        if named or not facts.is_a(claim, NS + "SoleRoleProvision"):
            return []
        if not facts.is_a(entry, NS + "Loss"):
            return [] if self._exists(entry) else ["merely"]
        places = facts.values(claim, NS + "evidence")
        selectors = (s for place in places for s in facts.values(place, OA + "hasSelector"))
        quotes = (q.value for s in selectors for q in facts.values(s, OA + "exact"))
        found = next(filter(None, map(_SOLE.search, quotes)), None)
        return [f"implied by “{found[1].lower()}”" if found else "implied by the sole role"]

    def statement(self, triples: Sequence[ox.Triple]) -> str:
        """Return one line for triples of one subject."""
        subject = nodes(triples[0])[0]
        kinds = [self.label(nodes(t)[2]) for t in triples if t.predicate == TYPE]
        if self.is_entry(subject):
            kinds += [self.property(t) for t in triples if t.predicate.value not in _TOLD]
            return ": ".join(filter(None, [self.entry(subject), "; ".join(kinds)]))
        if len(triples) == 1:
            return self.sentence(triples[0])
        said = list(map(_article, kinds))
        said += [self.property(t) for t in triples if t.predicate != TYPE]
        return f"{self.label(subject)}: {'; '.join(said)}"

    def sentence(self, triple: ox.Triple) -> str:
        """Return one triple as a sentence."""
        return self._relation(Pattern(*nodes(triple)), ())

    def property(self, triple: ox.Triple) -> str:
        """Return what a triple says of its subject, as ``predicate: object``."""
        _, predicate, value = nodes(triple)
        word = "kind" if predicate == TYPE else self.label(predicate)
        return f"{word}: {self.label(value)}"

    def axiom(self, triple: ox.Triple) -> str:
        """Return what an axiom says; nothing for one that is a part of another."""
        subject, predicate, value = nodes(triple)
        if predicate.value in _PARTS and isinstance(subject, ox.BlankNode):
            return ""
        one, two = self.expression(subject), self.expression(value)
        if predicate.value == OWL + "propertyChainAxiom":
            chain = " and then ".join(f"“{self.label(item)}”" for item in self._items(value))
            return f"{chain} make “{one}”"
        form = _AXIOMS.get(value.value if predicate == TYPE else predicate.value)
        return form.format(one, two, _article(two)) if form else self.sentence(triple)

    def expression(self, node: Node) -> str:
        """Return the words for a class, named or not."""
        if not isinstance(node, ox.BlankNode):
            return self.label(node)
        parts = list(self._items(self.facts.value(node, OWL + "intersectionOf")))
        parts.sort(key=lambda part: isinstance(part, ox.BlankNode))
        choices = self._items(self.facts.value(node, OWL + "unionOf"))
        said = " ".join(map(self.expression, parts)) or " or ".join(map(self.expression, choices))
        on = self.facts.value(node, OWL + "onProperty")
        for name, form in _RESTRICTIONS.items():
            filler = self.facts.value(node, OWL + name)
            if filler and on and not said:
                said = words = self.expression(filler)
                if on != _BROADER:  # else a group of terms: "effective modality"
                    said = form.format(self.label(on), words, _article(words))
        return said or "something"

    def _items(self, node: Term | None) -> Iterable[Term]:
        """Yield the members of a list."""
        while isinstance(node, ox.BlankNode):
            yield from self.facts.values(node, RDF + "first")[:1]
            node = self.facts.value(node, RDF + "rest")

    def absence(self, absence: Absence) -> str:
        """Return what is not there, in words."""
        patterns = absence.group.patterns()
        is_known = bool(patterns) and not isinstance(patterns[0].subject, ox.Variable)
        return f"{'not:' if is_known else 'no'} {self.conditions(absence.group)}"

    def presence(self, group: Group) -> str:
        """Return what is there of a group that must have no match, but for its own exceptions."""
        kept = (e for e in group.elements if not (isinstance(e, Exists) and e.negated))
        return self.conditions(Group(tuple(kept)))

    def conditions(self, group: Group, outer: Node | None = None) -> str:
        """Return what a group asks for, its first subject first; that of ``outer`` is "it"."""
        patterns = group.patterns()
        main = patterns[0].subject if patterns else None
        own = [p for p in patterns if p.subject == main and not p.closure]
        if isinstance(main, ox.Variable):
            ends = [(p.predicate, self._described(p.object, patterns, main)) for p in own]
            kinds = [words for predicate, words in ends if predicate == TYPE]
            has = ", ".join(f"{self.label(p)}: {words}" for p, words in ends if p != TYPE)
            said = [(" and ".join(kinds) or "thing") + (f" with {has}" if has else "")]
            if main == outer:
                said = [f"it is {_article(kind)}" for kind in kinds]
                said += [f"it has {has}"] if has else []
        else:
            said = [self._relation(pattern, patterns) for pattern in own]
        shown = {p.object for p in own} - {main}
        for each in (p for p in patterns if p not in own):
            if not (each.closure if each.object in shown else each.subject in shown):
                said.append(self._relation(each, ()))
        said += [self._test(e, main) for e in group.elements if not isinstance(e, Pattern)]
        return "; ".join(filter(None, said))

    def _relation(self, pattern: Pattern, patterns: Sequence[Pattern]) -> str:
        """Return a triple or pattern as a sentence; its object from all that ``patterns`` ask."""
        two = self._described(pattern.object, patterns, pattern.subject)
        if pattern.predicate != TYPE:
            one = self._described(pattern.subject, (), None)
            remove = " (at any remove)" if pattern.closure else ""
            two = "anything" if two == "any" else two
            return f"{one} — {self.label(pattern.predicate)}{remove} — {two}"
        subject, one = pattern.subject, self.label(pattern.subject)
        if self.is_entry(subject):
            return f"{one}: {two}"
        kinds = (OWL + "ObjectProperty", OWL + "DatatypeProperty")
        if isinstance(subject, ox.NamedNode) and any(self.facts.is_a(subject, k) for k in kinds):
            one = f"“{one}”"  # a property is quoted, as it is a verb
        return f"{one} is {_article(two)}"

    def _described(self, node: Node, patterns: Iterable[Pattern], main: Node | None) -> str:
        """Return the words for a node, a variable's from all that is asked of it."""
        if not isinstance(node, ox.Variable):
            return self.label(node)
        said = []
        for each in sorted(patterns, key=lambda pattern: pattern.predicate != TYPE):
            ends = [end for end in (each.subject, each.object) if end not in (node, main)]
            if each.closure and node in (each.subject, each.object) and ends:
                side = "broader" if each.object == node else "narrower"
                one = self.label(ends[0])
                said.append(f"{one} or {side}" if each.closure == "*" else f"{side} than {one}")
            elif each.subject == node and not each.closure:
                word, value = self.label(each.predicate), self.label(each.object)
                verb = word if word.endswith(" with") else f"has {word}:"
                forms: dict[Node, str] = {TYPE: _article(value), _BROADER: f"a kind of {value}"}
                said.append(forms.get(each.predicate, f"one that {verb} {value}"))
        return " and ".join(said) or "any"

    def _test(self, element: Element, main: Node | None) -> str:
        match element:
            case Exists(group, negated):
                words = self.conditions(group, main)
                there = words if words.startswith("it ") else f"there is {_article(words)}"
                return f"{'unless' if negated else 'where'} {there}"
            case Union(branches):
                return "either " + " or ".join(map(self.conditions, branches))
            case Filter(expression) if not any(exists_in(expression)):
                return f"where {expression_text(expression, self.label)}"
        return ""
