"""The matrix: what each plan makes of a power over a matter, on what basis, by whose words.

It only arranges the rows of the stored query ``entries``, from which ``holders``, ``roles`` and
``budgets`` take theirs too. A cell is a plan, a power and a matter; it has an entry for each body,
or one for nobody named, or none where no text says anything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from textwrap import fill
from typing import Final, cast

from pyoxigraph import Literal, NamedNode, Store

from nhskg.queries.engine import Row, select
from nhskg.queries.formats import draw_table, render_rows
from nhskg.queries.names import label, notation, resolve, short_label
from nhskg.queries.plans import in_order
from nhskg.queries.stored import bind, find_query
from nhskg.rdf.terms import DERIVED_GRAPH, SKOS, local_name
from nhskg.reasoning.triple_lookup import Facts

NO_TEXT_SAYS: Final = "no text says"
"""What is told of a cell without an entry; it does not mean that nobody has the power."""
BASES: Final = (
    "in force; implied; as characterised; not so in force; says so; keeps; on condition;"
    " takes away; ended; ruled out; suggested; left open; not mentioned; not addressed"
).split("; ")
"""The bases of entries by their labels, in order."""
_SIGNS: Final = dict(zip(BASES, "•…“≠+=>−†✗~?··", strict=True))
"""The sign of each basis, which people see."""
_UNTOUCHED: Final = BASES[-2:]
_OF_CLAIMS: Final = tuple(
    "firmness deontic qualifier part condition cohort quantity timing with tension gap claimant"
    " capacity voice claim document start end quote".split()
)
"""The columns of ``entries`` that belong to one of the claims of an entry."""
_FOOT: Final = "In force: then, as the texts report it."


@dataclass(frozen=True, order=True, slots=True)
class Label:
    """A thing with the words for it: its label, its id, and the shortest label that it has."""

    label: str
    slug: str
    short: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What a plan makes of a power over a matter for a body, if any text says.

    The bodies are the candidates where it is left open, and several where entries are shown
    together. The effect is empty where the plan does not speak of it. A source is a claim at one
    passage, by those columns of the query ``entries`` that are of claims.
    """

    plan: Label
    power: Label
    matter: Label
    bodies: tuple[Label, ...] = ()
    effect: str = ""
    basis: str = NO_TEXT_SAYS
    in_force: str = ""
    sources: tuple[Row, ...] = ()

    @property
    def told(self) -> str:
        """The basis in words, with the effect where the basis does not name it."""
        named = self.basis in ("on condition", "ruled out", "suggested")
        return f"{self.basis}: {self.effect}" if named and self.effect else self.basis


@dataclass(frozen=True, slots=True)
class Matrix:
    """Entries by power, matter and plan, the plans in the order of time.

    Without ``unchanged``, what a plan does not touch is there only where it says nothing else.
    """

    plans: tuple[Label, ...]
    entries: tuple[Entry, ...]
    unchanged: bool


def read_matrix(
    store: Store,
    queries: Path,
    *,
    powers: Sequence[str] = (),
    plans: Sequence[str] = (),
    unchanged: bool = False,
) -> Matrix:
    """Read the matrix from a built store, by the stored query ``entries``.

    Powers come with their narrower ones; none asks for all of which some text speaks, and no plan
    for all plans.

    Raises:
        UsageError: a name is unknown; names the nearest.
        QueryError: the stored query cannot be evaluated.
    """
    facts = Facts(store, NamedNode(DERIVED_GRAPH))

    @cache
    def named(name: str) -> Label:
        known = facts.subjects(SKOS + "notation", Literal(name))
        node = NamedNode(name) if ":" in name else cast("NamedNode", next(iter(known)))
        slug = notation(facts, node) or local_name(name)
        return Label(label(facts, node), slug, short_label(facts, node))

    query = find_query(queries, "entries")
    asked = {resolve(store, plan, "plan").value for plan in plans}
    shown = [named(plan) for plan in in_order(store, asked or None)]
    sources: dict[Entry, list[Row]] = {}
    for given in [{"power": name} for name in powers] or [{}]:
        bound = bind(query, {**given, "unchanged": "yes"}, store)
        for row in select(store, bound, source=query.path):
            plan, power, matter = (named(row[f"{name}_id"]) for name in ("plan", "power", "matter"))
            bodies = tuple(map(named, row["body_id"].split()))
            told = (row["effect"], row["basis"], row["in_force"])
            known = sources.setdefault(Entry(plan, power, matter, bodies, *told), [])
            if (source := {name: row[name] for name in _OF_CLAIMS}) not in known:
                known.append(source)
    cells: dict[tuple[Label, Label], dict[Label, list[Entry]]] = {}
    for entry, known in sources.items():
        cell = cells.setdefault((entry.power, entry.matter), {})
        cell.setdefault(entry.plan, []).append(replace(entry, sources=tuple(known)))
    if not cells:
        nothing = Label("", "", "")
        cells = {(named(resolve(store, each, "power").value), nothing): {} for each in powers}
    found: list[Entry] = []
    for (power, matter), cell in sorted(cells.items()):
        for plan in shown:
            entries = cell.get(plan, [Entry(plan, power, matter)])
            said = [each for each in entries if unchanged or each.basis not in _UNTOUCHED]
            found += said or entries
    return Matrix(tuple(shown), tuple(found), unchanged)


_COLUMNS: Final[dict[str, Callable[[Entry], str]]] = {
    "plan_id": lambda entry: entry.plan.slug,
    "plan": lambda entry: entry.plan.label,
    "power_id": lambda entry: entry.power.slug,
    "power": lambda entry: entry.power.label,
    "matter_id": lambda entry: entry.matter.slug,
    "matter": lambda entry: entry.matter.label,
    "body_ids": lambda entry: " ".join(body.slug for body in entry.bodies),
    "body": lambda entry: " or ".join(body.label for body in entry.bodies),
    "effect": lambda entry: entry.effect,
    "basis": lambda entry: entry.basis,
    "in_force": lambda entry: entry.in_force,
}
"""The columns of CSV and TSV before those of claims."""
_HEADERS: Final = ("plan", "body", "basis", "how firmly, by whom", "source")
_WIDTHS: Final = (24, 22, 34, 34, 50)  # at most, of the columns of a table


def render_matrix(matrix: Matrix, form: str, *, width: int | None = None) -> str:
    """Render the matrix, power by power; as CSV, TSV or JSON a row an entry and source, with ids.

    A table is fitted to a width in columns as far as its words allow, or is easiest to read.
    """
    if form == "json":
        return json.dumps(list(map(asdict, matrix.entries)), ensure_ascii=False, indent=2) + "\n"
    if form in ("csv", "tsv"):
        lines = [
            [*(value(entry) for value in _COLUMNS.values()), *(source[name] for name in _OF_CLAIMS)]
            for entry in matrix.entries
            for source in entry.sources or (dict.fromkeys(_OF_CLAIMS, ""),)
        ]
        return render_rows([*_COLUMNS, *_OF_CLAIMS], lines, form)
    parts = []
    for (power, matter), found in groupby(matrix.entries, attrgetter("power", "matter")):
        title = f"{power.label[:1].upper()}{power.label[1:]}: {matter.label or 'any matter'}"
        parts.append(f"## {title}\n" if form == "markdown" else f"{title}\n{'=' * len(title)}")
        rows, short = list[list[str]](), dict[str, list[str]]()
        for plan, entries in groupby(found, attrgetter("plan")):
            known = list(entries)
            if told := _in_short(known, matrix):
                short.setdefault(told, []).append(plan.short)
            else:
                rows += _rows(known, form)
        if rows and form == "markdown":
            parts.append(render_rows(_HEADERS, rows, form))
        elif rows:
            parts.append(draw_table(_HEADERS, rows, width=width, most=_WIDTHS))
        for told, plans in sorted(short.items(), key=lambda each: each[0].startswith(NO_TEXT_SAYS)):
            names = "; ".join(plans)
            if told == NO_TEXT_SAYS and len(plans) > 3:
                names = f"{'the other' if rows or len(short) > 1 else 'all'} {len(plans)} plans"
            line = f"{told[:1].upper()}{told[1:]}: {names}."
            parts.append(
                fill(line, width or 100, subsequent_indent="  ", break_on_hyphens=False) + "\n"
            )
    return "\n".join([*parts, f"{_FOOT}\n"])


def _in_short(cell: Sequence[Entry], matrix: Matrix) -> str:
    """Return what is told of a cell of which the plan does not speak; nothing of any other."""
    basis = cell[0].basis
    if basis == NO_TEXT_SAYS:
        return basis
    if basis not in _UNTOUCHED or matrix.unchanged:
        return ""
    held: dict[str, list[str]] = {}
    for entry in _joined(cell):
        for source in entry.sources:
            names = _bodies(entry)
            told = f"{source['firmness']}: {names}" if names else source["firmness"]
            held.setdefault(told, []).append(_reference(source))
    known = (f"{told} [{', '.join(dict.fromkeys(places))}]" for told, places in held.items())
    return f"{basis}; {'; '.join(known)}"


def _reference(source: Row) -> str:
    return f"{source['document']}:{source['start']}-{source['end']}"


def _rows(cell: Sequence[Entry], form: str) -> list[list[str]]:
    """Return the rows of a cell: an entry takes one for each of its sources."""
    rows: list[list[str]] = []
    for entry in _joined(cell):
        known = _bodies(entry)
        for source in entry.sources:
            plan = entry.plan.short if not rows or form == "markdown" else ""
            claimant = "" if source["claimant"] in source["firmness"] else source["claimant"]
            speaker = ", ".join(filter(None, [claimant, source["capacity"]]))
            firmness = " — ".join(filter(None, [source["firmness"], speaker, source["voice"]]))
            passage = f"{_reference(source)} “{source['quote']}”"
            rows.append([plan, known, _told(entry, source), firmness, passage])
            known = "″"
    return rows


def _bodies(entry: Entry) -> str:
    qualifier = entry.sources[0]["qualifier"] if entry.sources else ""
    either = qualifier == "either" or entry.basis == "left open"
    names = (" or " if either else " + ").join(body.short for body in entry.bodies)
    words = (names, qualifier) if qualifier.startswith("or ") else (qualifier, names)
    return " ".join(filter(None, words))


def _told(entry: Entry, source: Row) -> str:
    """Return the basis in words, with the limits of a claim."""
    now = f"as now: {entry.in_force}" if entry.in_force else "as now"
    condition = source["condition"].replace("until then as now", f"until then {now}")
    partner = source["with"] and f"with {source['with']}"
    tension = source["tension"] and f"⇄ {source['tension']}"
    gap = source["gap"] and f"no text says {source['gap'].replace('; ', ' or ')}"
    size = "" if source["quantity"] in source["part"] else source["quantity"]
    group = "" if source["cohort"] in source["part"] else f"for {source['cohort']}"
    when = source["timing"]
    notes = (source["deontic"], source["part"], condition, group, size, when, partner, gap, tension)
    return "; ".join([f"{_SIGNS[entry.basis]} {entry.told}", *filter(None, notes)])


def _joined(cell: Iterable[Entry]) -> list[Entry]:
    """Put the bodies that the same claims name together into one entry."""
    joined: dict[tuple[str, ...], Entry] = {}
    for entry in cell:
        key = (entry.effect, entry.basis, *map(repr, entry.sources))
        known = joined.get(key, replace(entry, bodies=()))
        joined[key] = replace(known, bodies=known.bodies + entry.bodies)
    return list(joined.values())


def render_grid(matrix: Matrix, form: str, *, width: int | None = None) -> str:
    """Render powers over matters (rows) by plans (columns), with signs for people only."""
    plain = form in ("csv", "tsv", "json")
    rows = []
    for (power, matter), found in groupby(matrix.entries, attrgetter("power", "matter")):
        row = [f"{power.label}: {matter.label}"]
        for _, entries in groupby(found, attrgetter("plan")):
            cell = list(entries)
            row.append(_in_short(cell, matrix) or "; ".join(_in_grid(cell, plain=plain)))
        rows.append(row)
    headers = ("power", *(plan.label if plain else plan.short for plan in matrix.plans))
    if form != "table":
        return render_rows(headers, rows, form) + ("" if plain else f"\n{_FOOT}\n")
    widths = [18] + [22] * len(matrix.plans)
    return draw_table(headers, rows, tablefmt="grid", width=width, most=widths) + f"\n{_FOOT}\n"


def _in_grid(cell: Sequence[Entry], *, plain: bool) -> Iterator[str]:
    for entry in _joined(cell):
        told = list(dict.fromkeys(_told(entry, source) for source in entry.sources))
        words = " / ".join(each[2:] if plain else each for each in told)
        places = ", ".join(dict.fromkeys(map(_reference, entry.sources)))
        bodies = _bodies(entry)
        yield f"{bodies}: {words} [{places}]" if bodies else f"{words} [{places}]"
