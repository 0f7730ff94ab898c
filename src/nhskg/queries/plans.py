"""The order of plans: of time as far as the graph knows it, and then of document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from pyoxigraph import Store

from nhskg.queries.engine import Row, select

_PLANS: Final = """
SELECT ?plan ?law ?base WHERE {
  ?plan a nhs:Plan .
  OPTIONAL { ?plan a ?law FILTER(?law = nhs:StatusQuo) }
  OPTIONAL { ?plan nhs:baseline ?base }
}"""
_PLACES: Final = """
SELECT ?plan ?document (MIN(?at) AS ?start) WHERE {
  %s
  ?plan a nhs:Plan .
  ?claim nhs:provisionOf|nhs:subject ?plan ; nhs:evidence ?passage .
  ?passage oa:hasSource/skos:notation ?document ; oa:hasSelector/oa:start ?at .
} GROUP BY ?plan ?document"""
_TIMES: Final = """
SELECT DISTINCT ?plan ?event ?time ?after ?before ?first ?last WHERE {
  %s
  ?plan a nhs:Plan .
  { ?plan a nhs:Plan BIND(?plan AS ?event) }
  UNION { ?plan nhs:setOutIn|(^nhs:provisionOf/nhs:setOutIn) ?event }
  OPTIONAL {
    ?event time:hasTime ?time .
    OPTIONAL { ?time time:after ?after }
    OPTIONAL { ?time time:before ?before }
    OPTIONAL { ?time nhs:notBefore ?first }
    OPTIONAL { ?time nhs:notAfter ?last }
  }
}"""


def in_order(store: Store, among: Collection[str] | None = None) -> list[str]:
    """Return the IRIs of plans, or of those asked for, in the order of time, then of document.

    Arrangements in force come first, and plans for the same arrangement stand together. Of two
    plans one is the earlier if it is the baseline of the other, or if a text says so of them or of
    where they are set out, or by their dates. What nothing dates follows the document that speaks
    of it. There, what has a time of its own ("last year") goes before what is news; then the place
    of the first claim decides.
    """
    rows = select(store, _PLANS)
    bases = {row["plan"]: row["base"] for row in rows if row["base"]}
    wanted = {row["plan"] for row in rows if among is None or row["plan"] in among}
    eras = {plan: _era(plan, bases) for plan in wanted}
    values = f"VALUES ?plan {{ {' '.join(f'<{iri}>' for iri in wanted | {*eras.values()})} }}"
    times = select(store, _TIMES % values)
    dates = {row["plan"]: "8" for row in times if row["time"] and row["plan"] == row["event"]}
    dates |= {row["plan"]: row["first"] for row in times if row["first"]}
    starts = defaultdict[str, tuple[str, int]](lambda: ("", 0))
    for row in select(store, _PLACES % values):
        start = (row["document"], int(row["start"]))
        starts[row["plan"]] = min(start, starts.get(row["plan"], start))
    earlier = _earlier(times)
    places = dict[str, tuple[object, ...]]()
    for row in rows:
        plan = row["plan"]
        earlier[plan].update(filter(None, [row["base"]]))
        if (era := eras.get(plan)) is not None:
            document, at = starts[plan]
            date = dates.get(plan, "9")
            places[plan] = (not row["law"], starts[era], era, document, date, at, plan)
    order: list[str] = []
    left = sorted(places, key=places.__getitem__)
    before = {plan: _all_before(plan, earlier) for plan in left}
    while left:  # where texts contradict each other, the document decides
        order.append(next((plan for plan in left if before[plan].isdisjoint(left)), left[0]))
        left.remove(order[-1])
    return order


def _era(plan: str, bases: Mapping[str, str]) -> str:
    """Return the arrangement in force that a plan, by way of others or not, would change."""
    known = {plan}
    while (plan := bases.get(plan, plan)) not in known:
        known.add(plan)
    return plan


def _earlier(times: Sequence[Row]) -> dict[str, set[str]]:
    """Return of each plan and event the plans and events that are said or dated to be earlier."""
    earlier, plans = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for row in times:
        plans[row["event"]].add(row["plan"])
    for row in times:
        for first, then in ((row["after"], row["event"]), (row["event"], row["before"])):
            for each in (then, *plans.get(then, ())) if first and then else ():
                earlier[each].update({first, *plans.get(first, ())} - {each})
        for other in times if row["first"] else ():
            if other["last"] and other["last"] < row["first"][: len(other["last"])]:
                earlier[row["plan"]].add(other["plan"])
    return earlier


def _all_before(plan: str, earlier: Mapping[str, set[str]]) -> set[str]:
    found, new = set[str](), {plan}
    while new:
        new = set[str]().union(*(earlier.get(each, ()) for each in new)) - found
        found |= new
    return found - {plan}
