"""The compiled program, the compiler that makes it, and the interface of what runs it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import TYPE, Group, Pattern, ProgramError, Term, walk_patterns
from nhskg.rdf.sparql.parser import tokens
from nhskg.reasoning.axiom_rules import COMPILERS, X, concluded, matches
from nhskg.reasoning.closure import close_schema
from nhskg.reasoning.literal_values import with_datatypes
from nhskg.reasoning.rule_normalization import RuleText, ValuesOf, check_paths, normalized_rules
from nhskg.reasoning.rules import Rule, Stratum
from nhskg.reasoning.schema import EXPRESSION, THING, Sameness, Schema, is_auxiliary, is_datatype
from nhskg.reasoning.stratify import Disjointness, stratify
from nhskg.reasoning.unfolding import class_read, fold_hidden


@dataclass(frozen=True, slots=True)
class Program:
    """Rules in strata, checks, and what the schema entails by itself.

    ``facts`` are the entailed schema triples between IRIs (table 9), to be added as they are.
    ``schema`` are the axioms the program was compiled from.
    """

    strata: tuple[Stratum, ...]
    checks: tuple[Rule, ...]
    facts: tuple[ox.Triple, ...]
    schema: frozenset[ox.Triple]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order in which their strata run."""
        return tuple(rule for stratum in self.strata for rule in stratum.rules)

    @property
    def negates(self) -> bool:
        """Whether any rule reads something under negation, so that more facts can mean fewer."""
        return any(bad for rule in self.rules for _, bad in walk_patterns(rule.body))


def is_hidden(pattern: Pattern) -> bool:
    """Return whether a triple of this form only serves reasoning, and is dropped at the end."""
    kind = class_read(pattern)
    return kind is not None and is_auxiliary(kind)


def compile_program(
    schema: Iterable[ox.Triple | ox.Quad],
    rules: Sequence[RuleText] = (),
    *,
    values_of: ValuesOf | None = None,
    same: Sameness | None = None,
) -> Program:
    """Compile the OWL 2 RL axioms of a schema, and CONSTRUCT rules, into one program.

    ``schema`` may hold other triples too; only axioms are used. ``values_of`` returns which IRIs a
    variable in predicate or class position takes in the data; without it such a rule counts as
    writing anything. ``same`` holds which terms the data hold to be the same.

    Raises:
        ProgramError: a rule cannot be read, or a cycle goes through negation.
    """
    known = Schema(schema)
    same = same or Sameness()
    closure = close_schema(known, same)
    schema_with_edges = Schema(known.triples | closure.between_restrictions)
    compiled = [rule for _, compiler in COMPILERS for rule in compiler(schema_with_edges)]
    stated = [rule for text in rules for rule in normalized_rules(text, values_of)]
    defined = {axiom.subject for axiom in known.instances("rdfs:Datatype")}
    # a literal can be no subject, so that the members of a datatype are never triples
    compiled = fold_hidden(
        with_datatypes(compiled),
        lambda k: k.value.startswith(EXPRESSION) or (k in defined and not is_datatype(k)),
    )
    has_thing = len(same.group(THING)) > 1
    compiled = _with_thing(known, [*compiled, *stated], read=has_thing)
    for rule in stated:
        check_paths(rule)
    strata = stratify(
        [rule for rule in compiled if rule.head],
        Disjointness(closure.superclasses, _disjoint_pairs(known)),
        same,
        negation_of=lambda rule: _negation_of(rule, rules),
    )
    return Program(
        strata,
        tuple(rule for rule in compiled if not rule.head),
        tuple(sorted(closure.facts - known.triples, key=str)),
        known.triples,
    )


def _negation_of(rule: Rule, texts: Sequence[RuleText]) -> str:
    """Return where a rule's first negation is, as ``file:line: ``, or nothing."""
    for text in texts:
        if rule.source and text.source == rule.source:
            for one, two in itertools.pairwise(tokens(text.text)):
                negated = one.upper in ("NOT", "!") and two.upper == "EXISTS"
                if negated or one.upper in ("MINUS", "OPTIONAL"):
                    return f"{text.source}:{text.text.count(chr(10), 0, one.start) + 1}: "
    return ""


def _with_thing(schema: Schema, rules: list[Rule], *, read: bool) -> list[Rule]:
    """Return the rules with owl:Thing filled (scm-cls, cax-sco) if it is read, else emptied."""
    read = read or any(
        class_read(pattern) == THING for rule in rules for pattern, _ in walk_patterns(rule.body)
    )
    if not read:
        return [r for r in rules if r.source or THING not in map(class_read, r.head)]
    for axiom, kind, _ in schema.instances("owl:Class"):
        if isinstance(kind, ox.NamedNode):
            head, body = [Pattern(X, TYPE, THING)], [Pattern(X, TYPE, kind)]
            rules += concluded("scm-cls+cax-sco", (axiom,), head, body)
    return rules


def _disjoint_pairs(schema: Schema) -> Iterator[tuple[Term, Term]]:
    for row in ("C owl:disjointWith D", "L a owl:AllDisjointClasses, L owl:members C&D"):
        yield from ((terms["C"], terms["D"]) for _, terms in matches(schema, row))


MOST_ROUNDS: Final = 10_000
"""Rounds after which a recursive group is taken to mint names without end."""


class Executor(Protocol):
    """Holds what is asserted and what is derived, and derives more."""

    def triples(self, patterns: Iterable[Pattern]) -> Iterator[ox.Triple]:
        """Yield the triples, asserted and derived, that match any of some patterns."""
        ...

    def solutions(
        self, body: Group, variables: Sequence[ox.Variable]
    ) -> Iterator[tuple[Term | None, ...]]:
        """Yield the distinct values of variables in the solutions of a group."""
        ...

    def evaluate(self, program: Program, *, equality: bool) -> None:
        """Add what a program derives; by ``owl:sameAs`` too, if ``equality`` says so.

        Raises:
            ProgramError: a recursive group finds no end.
        """
        ...

    def restart(self, facts: Iterable[ox.Triple]) -> None:
        """Take back all that is derived, but for some facts."""
        ...

    def finish(self, graph: ox.NamedNode) -> int:
        """Leave what is derived, and nothing auxiliary, in a graph; return how many triples."""
        ...


def no_end(rules: Sequence[Rule], rounds: int) -> ProgramError:
    """Return the error for a recursive group that has found no end after some rounds."""
    names = ", ".join(sorted({str(rule) for rule in rules}))
    return ProgramError(f"no end after {rounds} rounds of {names}")
