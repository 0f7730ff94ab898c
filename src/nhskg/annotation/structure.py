"""Checks of what belongs together: the fields of a provision, a plan and its baseline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from nhskg.annotation.problems import Problem
from nhskg.rdf.bounds import MOST_CIRCLES
from nhskg.rdf.yaml_source import Route
from nhskg.vocabulary import Vocabulary

__all__ = [
    "check_dates",
    "check_merges",
    "check_plan",
    "check_provision",
    "check_quantity",
    "check_silence",
    "find_cycles",
]

_POWER_FIELDS: Final = ("power", "matter", "from", "to", "qualifier")
_DATE_ENDS: Final = {4: ("-01-01", "-12-31"), 7: ("-01", "-31"), 10: ("", "")}


def check_provision(
    raw: Mapping[str, Any], vocabulary: Vocabulary, *, route: Route = ()
) -> Iterator[Problem]:
    """Yield what is wrong with the shape of a provision: on a power, or on a target."""
    action = str(raw.get("action", ""))
    if "power" in raw and "target" in raw:
        message = "a provision is on a 'power' or on a 'target', not on both; make two claims of it"
        yield Problem((*route, "target"), message, on_key=True)
    elif "power" in raw:
        yield from _check_on_power(raw, action, vocabulary, route)
    elif "target" in raw:
        yield from _check_on_target(raw, action, vocabulary, route)
    else:
        message = "missing field 'power' (with 'matter', and 'to' or 'from') or 'target'"
        yield Problem(route, message)
    if "new_name" in raw and action != "rename":
        yield Problem((*route, "new_name"), "'new_name' goes with the action rename", on_key=True)


def _is_a(action: str, name: str, vocabulary: Vocabulary) -> bool:
    term = vocabulary.get(action)
    return term is not None and term.is_a(name)


def _check_on_power(
    raw: Mapping[str, Any], action: str, vocabulary: Vocabulary, route: Route
) -> Iterator[Problem]:
    confers = _is_a(action, "ConferringAction", vocabulary)
    divests = _is_a(action, "DivestingAction", vocabulary)
    if _is_a(action, "Action", vocabulary) and not (confers or divests):
        message = f"'{action}' acts on a 'target', not on a power"
        yield Problem((*route, "power"), message, on_key=True)
        return
    if "matter" not in raw:
        yield Problem(route, "missing field 'matter': what the power is over")
    if confers and "to" not in raw:
        yield Problem(route, f"missing field 'to': '{action}' gives a power to somebody")
    if divests and not confers and "from" not in raw:
        yield Problem(route, f"missing field 'from': '{action}' takes a power from somebody")
    if "from" in raw and confers and not divests:
        message = f"'{action}' takes nothing away; use transfer, or delete 'from'"
        yield Problem((*route, "from"), message, on_key=True)
    if "to" in raw and divests and not confers:
        message = f"'{action}' gives nothing; use transfer, or delete 'to'"
        yield Problem((*route, "to"), message, on_key=True)
    if "result" in raw:
        yield Problem((*route, "result"), "'result' goes with a 'target'", on_key=True)


def _check_on_target(
    raw: Mapping[str, Any], action: str, vocabulary: Vocabulary, route: Route
) -> Iterator[Problem]:
    for name in _POWER_FIELDS[1:]:
        if name in raw:
            message = f"'{name}' goes with a 'power', and this provision is on a 'target'"
            yield Problem((*route, name), message, on_key=True)
    on_power = any(
        _is_a(action, each, vocabulary) for each in ("ConferringAction", "DivestingAction")
    )
    if on_power and action != "retain":
        message = f"'{action}' needs a 'power' and a 'matter', not a 'target'"
        yield Problem((*route, "target"), message, on_key=True)
    if action == "rename" and "new_name" not in raw:
        yield Problem(route, "missing field 'new_name': what the target is to be called")
    if action in ("merge", "replace") and "result" not in raw:
        yield Problem(route, f"missing field 'result': what follows when something is {action}d")


def check_merges(claims: list[Any]) -> Iterator[Problem]:
    """Yield a problem for each merger of one thing only.

    The things merged stand in one claim (``target: [a, b]``), or in several
    that have the plan and the result in common.
    """
    merged: dict[tuple[str, str], set[str]] = defaultdict(set)
    routes: dict[tuple[str, str], Route] = {}
    for index, raw in enumerate(claims):
        if isinstance(raw, dict) and raw.get("action") == "merge" and "target" in raw:
            key = str(raw.get("plan")), str(raw.get("result"))
            target = raw["target"]
            merged[key].update(map(str, target if isinstance(target, list) else [target]))
            routes.setdefault(key, ("claims", index, "target"))
    for key, targets in merged.items():
        if len(targets) < 2:
            message = f"a merger of '{min(targets, default='')}' with nothing; give two targets"
            yield Problem(routes[key], message)


def check_silence(raw: Mapping[str, Any], *, route: Route = ()) -> Iterator[Problem]:
    """Yield what is wrong with the shape of a silence: about something, or about a power."""
    if "about" in raw and "power" in raw:
        message = "a silence is 'about' something or about who holds a 'power', not both"
        yield Problem((*route, "power"), message, on_key=True)
    elif "power" in raw and "matter" not in raw:
        yield Problem(route, "missing field 'matter': what the power is over")
    elif "power" not in raw and "about" not in raw:
        yield Problem(route, "missing field 'about', or 'power' and 'matter'")
    for name in ("matter", "candidates"):
        if name in raw and "power" not in raw:
            yield Problem((*route, name), f"'{name}' goes with a 'power'", on_key=True)


def check_plan(raw: Mapping[str, Any], *, route: Route = ()) -> Iterator[Problem]:
    """Yield what is wrong with a plan's baseline: a proposal has one, a status quo none."""
    if raw.get("type") == "proposal" and "baseline" not in raw:
        yield Problem(route, "missing field 'baseline': the plan that this proposal changes")
    if raw.get("type") == "status-quo" and "baseline" in raw:
        message = "a status quo changes nothing and has no 'baseline'; delete the line"
        yield Problem((*route, "baseline"), message, on_key=True)


def check_quantity(raw: Any, *, route: Route = ()) -> Iterator[Problem]:
    """Yield what is wrong with the shape of a quantity."""
    if not isinstance(raw, dict):
        return
    given = [name for name in ("amount", "share", "extent") if name in raw]
    if len(given) != 1:
        found = " and ".join(f"'{name}'" for name in given) or "none"
        message = f"a quantity has one of 'amount', 'share' and 'extent'; here: {found}"
        yield Problem(route, message)
    for name, partner in (("amount", "currency"), ("share", "of")):
        if name in raw and partner not in raw:
            yield Problem(route, f"missing field '{partner}', which goes with '{name}'")
    if "currency" in raw and "amount" not in raw:
        yield Problem((*route, "currency"), "'currency' goes with 'amount'", on_key=True)
    if "of" in raw and "amount" in raw:
        yield Problem((*route, "of"), "'of' goes with 'share' or 'extent'", on_key=True)


def check_dates(raw: Any, *, route: Route = ()) -> Iterator[Problem]:
    """Yield a problem where a timing ends before it begins, or dates nothing at all."""
    if not isinstance(raw, dict):
        return
    first, last = raw.get("not_before"), raw.get("not_after")
    if isinstance(first, str) and isinstance(last, str):
        start, end = _DATE_ENDS.get(len(first)), _DATE_ENDS.get(len(last))
        if start and end and first + start[0] > last + end[1]:
            message = f"'not_before' {first} is later than 'not_after' {last}"
            yield Problem((*route, "not_before"), message)
    if raw.get("inferred") == "true" and first is None and last is None:
        message = "'inferred' marks a date that was computed, and there is none"
        yield Problem((*route, "inferred"), message, on_key=True)


def find_cycles(edges: Mapping[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Return each cycle of a graph once, told from its least member: ``(a, b, c, a)``.

    ``edges`` gives the neighbours of a node. One cycle is found for each group
    of nodes that reach one another through the node first met; of more than
    ``MOST_CIRCLES`` the first that are met, as there can be more than anybody reads.
    """
    done: set[str] = set()
    cycles: set[tuple[str, ...]] = set()
    for start in sorted(edges):
        path: list[str] = []
        on_path: dict[str, int] = {}
        stack: list[tuple[str, Iterator[str]]] = []

        def enter(node: str) -> None:
            on_path[node] = len(path)  # noqa: B023 (called at once)
            path.append(node)  # noqa: B023
            stack.append((node, iter(edges.get(node, ()))))  # noqa: B023

        if start in done:
            continue
        enter(start)
        while stack:
            node, neighbours = stack[-1]
            following = next(neighbours, None)
            if following is None:
                stack.pop()
                path.pop()
                del on_path[node]
                done.add(node)
            elif following in on_path:
                cycles.add(_rotated(path[on_path[following] :]))
                if len(cycles) == MOST_CIRCLES:
                    return sorted(cycles)
            elif following not in done:
                enter(following)
    return sorted(cycles)


def _rotated(cycle: list[str]) -> tuple[str, ...]:
    least = cycle.index(min(cycle))
    turned = cycle[least:] + cycle[:least]
    return (*turned, turned[0])
