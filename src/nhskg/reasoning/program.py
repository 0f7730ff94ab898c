"""The compiled program, and the compiler that makes it.

An anonymous class expression is compiled to a class with rules of its own. Where such a class is
not recursive and has few definitions, it is unfolded: each rule that reads it takes the body of a
definition in place of the pattern, and the class needs no triples. Reading it through one
definition a rule is the unfolding of logic programs (Tamaki and Sato, 1984); it keeps what follows.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Group, Node, Pattern, ProgramError, walk_patterns
from nhskg.rdf.sparql.parser import tokens
from nhskg.reasoning.axiom_rules import COMPILERS, X, concluded, matches
from nhskg.reasoning.literal_values import LITERALS, MEMBER, as_triples, for_literals
from nhskg.reasoning.rules import (
    Rule,
    RuleText,
    Stratum,
    ValuesOf,
    check_paths,
    class_read,
    normalized_rules,
    told_of,
)
from nhskg.reasoning.schema import (
    EXPRESSION,
    THING,
    Sameness,
    Schema,
    close_schema,
    is_auxiliary,
    is_axiom,
)
from nhskg.reasoning.stratify import Dependencies, stratify

MOST_DEFINITIONS: Final = 8
"""An anonymous class with more definitions than this is materialized rather than unfolded."""


@dataclass(frozen=True, slots=True)
class Program:
    """Rules in strata, checks, the axioms, and the triples of IRIs that follow from these alone."""

    strata: tuple[Stratum, ...]
    checks: tuple[Rule, ...]
    facts: tuple[ox.Triple, ...]
    schema: frozenset[ox.Triple]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order in which their strata run."""
        return tuple(rule for stratum in self.strata for rule in stratum.rules)


def compile_program(
    triples: Iterable[ox.Triple | ox.Quad],
    texts: Sequence[RuleText] = (),
    *,
    values_of: ValuesOf | None = None,
    same: Sameness | None = None,
    of_thing: bool = False,
) -> Program:
    """Compile the OWL 2 RL axioms among some triples, and CONSTRUCT rules, into one program.

    Without ``values_of``, a rule with a predicate or class variable in its head counts as writing
    anything. ``same`` is the equality that the data state. With ``of_thing`` it has the rules that
    conclude membership of owl:Thing, also where nothing reads it.

    Raises:
        ProgramError: a rule cannot be read, or a cycle goes through negation.
    """
    schema = Schema(filter(is_axiom, triples))
    same = same or Sameness()
    facts, superclasses, between = close_schema(schema, same)
    whole = Schema(schema.triples | between)
    individuals = {axiom.subject for axiom in schema.instances("owl:ObjectProperty")}
    compiled = [rule for _, compiler in COMPILERS for rule in compiler(whole)]
    equal = any(isinstance(triple.object, ox.Literal) for triple in same.triples)
    compiled = for_literals(compiled, individuals, equal=equal)
    stated = [rule for text in texts for rule in normalized_rules(text, values_of)]
    compiled = unfold_hidden(compiled, lambda kind: kind.value.startswith((EXPRESSION, LITERALS)))
    compiled = list(map(as_triples, compiled))
    rules = _with_thing(schema, [*compiled, *stated], always=of_thing or len(same.group(THING)) > 1)
    for rule in stated:
        check_paths(rule, rule.body)
    rows = ("C owl:disjointWith D", "L a owl:AllDisjointClasses, L owl:members C&D")
    disjoint = [(terms["C"], terms["D"]) for row in rows for _, terms in matches(schema, row)]
    dependencies = Dependencies(superclasses, disjoint, same)
    deriving = [rule for rule in rules if rule.head]
    strata = stratify(deriving, dependencies, negation_of=lambda rule: _negation_of(rule, texts))
    checks = tuple(rule for rule in rules if not rule.head)
    return Program(strata, checks, tuple(sorted(facts - schema.triples, key=str)), schema.triples)


def is_hidden(pattern: Pattern) -> bool:
    """Return whether a triple of this form only serves reasoning, and is dropped at the end."""
    return pattern.predicate == MEMBER or is_auxiliary(class_read(pattern))


def _negation_of(rule: Rule, texts: Sequence[RuleText]) -> str:
    """Return where a rule's first negation is, as ``file:line: ``, or nothing."""
    for text in texts:
        if rule.source and text.source == rule.source:
            for one, two in itertools.pairwise(tokens(text.text)):
                negated = one.upper in ("NOT", "!") and two.upper == "EXISTS"
                if negated or one.upper in ("MINUS", "OPTIONAL"):
                    return f"{text.source}:{text.text.count(chr(10), 0, one.start) + 1}: "
    return ""


def _with_thing(schema: Schema, rules: list[Rule], *, always: bool) -> list[Rule]:
    """Return the rules with owl:Thing filled (scm-cls, cax-sco) if it is read, else emptied."""
    read = (class_read(pattern) for rule in rules for pattern, _ in walk_patterns(rule.body))
    if not always and THING not in read:
        return [r for r in rules if r.source or THING not in map(class_read, r.head)]
    for axiom, kind, _ in schema.instances("owl:Class"):
        if isinstance(kind, ox.NamedNode):
            head, body = [Pattern(X, TYPE, THING)], [Pattern(X, TYPE, kind)]
            rules += concluded("scm-cls+cax-sco", (axiom,), head, body)
    return rules


# -- unfolding


def unfold_hidden(rules: Iterable[Rule], hidden: Callable[[ox.NamedNode], bool]) -> list[Rule]:
    """Return the rules and checks with hidden classes unfolded where that is possible.

    What nothing reads, and what reads a class that nothing defines, is left out.
    """
    rules = list(rules)
    fresh = itertools.count()
    while True:
        reads = [
            (rule, [k for each in rule.body.patterns() if (k := class_read(each)) and hidden(k)])
            for rule in rules
        ]
        read = {kind for _, kinds in reads for kind in kinds}
        # a check names the triples at fault only where it is unfolded
        several = {k for rule, kinds in reads if rule.head or len(kinds) > 1 for k in kinds}
        several |= {kind for kind in read if not kind.value.startswith(LITERALS)}
        defined: dict[ox.NamedNode, list[Rule]] = defaultdict(list)
        for rule in rules:
            kind = class_read(rule.head[0]) if len(rule.head) == 1 else None
            if kind is not None and hidden(kind):
                defined[kind].append(rule)
        foldable = {
            kind
            for kind in read
            if (len(defined[kind]) <= MOST_DEFINITIONS or kind not in several)
            and not any(kind in _classes_read(rule) for rule in defined[kind])
        }
        chosen = min(foldable | (defined.keys() - read), key=str, default=None)
        if chosen is None:
            return rules
        rest = (rule for rule in rules if rule not in defined[chosen])
        unfolded = (out for rule in rest for out in _unfold(rule, chosen, defined[chosen], fresh))
        rules = [
            rule for rule in dict.fromkeys(unfolded) if not set(rule.head) & set(rule.body.elements)
        ]


def _classes_read(rule: Rule) -> set[ox.NamedNode]:
    return {kind for each in rule.body.elements if (kind := class_read(each)) is not None}


def _unfold(
    rule: Rule, kind: ox.NamedNode, definitions: Sequence[Rule], fresh: Iterator[int]
) -> Iterator[Rule]:
    """Yield the rule once for each way to replace its readings of a class."""
    spot = next((each for each in rule.body.patterns() if class_read(each) == kind), None)
    if spot is None:
        yield rule
        return
    for definition, number in zip(definitions, fresh, strict=False):
        subject = definition.head[0].subject
        names = definition.body.variables()
        renamed: dict[ox.Variable, Node] = {v: ox.Variable(f"{v.value}_{number}") for v in names}
        given: dict[ox.Variable, Node] = {}
        if isinstance(subject, ox.Variable):
            renamed[subject] = spot.subject
        elif isinstance(spot.subject, ox.Variable):
            given[spot.subject] = subject
        elif subject != spot.subject:
            continue
        head = tuple(pattern.substituted(given) for pattern in rule.head)
        if any(isinstance(pattern.subject, ox.Literal) for pattern in head):
            continue
        parts = [
            definition.body.substituted(renamed).elements
            if each is spot
            else (each.substituted(given),)
            for each in rule.body.elements
        ]
        replaced = replace(
            rule,
            name="+".join(dict.fromkeys(f"{rule.name}+{definition.name}".split("+"))),
            head=head,
            body=Group(tuple(dict.fromkeys(itertools.chain(*parts)))),
            axioms=tuple(dict.fromkeys((*rule.axioms, *definition.axioms))),
        )
        yield from _unfold(replaced, kind, definitions, fresh)


MOST_ROUNDS: Final = 10_000
"""Rounds after which a recursive group is taken to mint names without end."""


def no_end(rules: Sequence[Rule], rounds: int) -> ProgramError:
    """Return the error for a recursive group that has found no end after some rounds."""
    names = ", ".join(sorted(set(map(str, rules))))
    message = f"no end after {rounds:,} rounds of {names}; let it make no new names for ever"
    return told_of(min(rules, key=lambda rule: not rule.source), message)
