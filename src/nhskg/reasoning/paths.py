"""The check that a path of any length (``p*``) begins or ends at something that is bound.

Between two variables that no other triple pattern binds, ``p*`` relates every term of the graph to
itself (SPARQL 1.1 Query Language, section 18.4): such a rule would read every triple that any rule
writes.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Group, Minus, Pattern, ProgramError, Rule, groups_in

__all__ = ["check_paths"]


def check_paths(rules: Iterable[Rule]) -> None:
    """Check the paths of rules.

    Raises:
        ProgramError: no premise binds an end of a path of any length.
    """
    for rule in rules:
        _check(rule, rule.body, set())


def _check(rule: Rule, group: Group, around: set[ox.Variable]) -> None:
    premises = (p for p in group.patterns() if p.closure != "*")
    bound = around.union(*(premise.variables() for premise in premises))
    for element in group.elements:
        if isinstance(element, Pattern) and element.closure == "*":
            ends = (element.subject, element.object)
            if not any(not isinstance(end, ox.Variable) or end in bound for end in ends):
                raise ProgramError(f"{rule}: no premise binds an end of {element.predicate}*")
        for inner, _ in groups_in(element):
            _check(rule, inner, set() if isinstance(element, Minus) else bound)
