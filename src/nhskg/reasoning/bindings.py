"""The variables that a group graph pattern binds."""

from __future__ import annotations

import pyoxigraph as ox

from nhskg.rdf.sparql.algebra import Bind, Expression, Group, Optional, Pattern, Union, Values

__all__ = ["certain", "possible"]


def certain(group: Group) -> set[ox.Variable]:
    """Return the variables that every match of the group binds; a BIND may fail."""
    bound: set[ox.Variable] = set()
    for element in group.elements:
        match element:
            case Pattern():
                bound |= element.variables()
            case Values(names, rows):
                bound |= {name for i, name in enumerate(names) if all(row[i] for row in rows)}
            case Union(branches):
                bound |= set.intersection(*map(certain, branches))
            case Bind(Expression((ox.Variable() as part,)), name) if part in bound:
                bound.add(name)
            case Bind(Expression((ox.NamedNode() | ox.Literal(),)), name):
                bound.add(name)
    return bound


def possible(group: Group) -> set[ox.Variable]:
    """Return the variables that some match of the group may bind."""
    bound: set[ox.Variable] = set()
    for element in group.elements:
        match element:
            case Pattern() | Values():
                bound |= element.variables()
            case Bind(_, name):
                bound.add(name)
            case Optional(inner):
                bound |= possible(inner)
            case Union(branches):
                bound |= set().union(*map(possible, branches))
    return bound
