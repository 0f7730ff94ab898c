"""The matrix: what each plan makes of a power over a matter, on what basis, by whose words.

It only arranges the rows of the stored query ``entries``, from which ``holders``, ``roles`` and
``budgets`` take theirs too. A cell is a plan, a power and a matter; it has an entry for each body,
or one for nobody named, or none where no text says anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from itertools import chain, islice
from typing import Any, Final, cast

from pyoxigraph import Literal, NamedNode, Store

from nhskg.queries.answers import NAMED, limits_of, source, who_says
from nhskg.queries.engine import Row, select
from nhskg.queries.formats import render_rows
from nhskg.queries.layout import WIDTH, draw_pages, paragraph
from nhskg.queries.names import label, notation, resolve, short_label
from nhskg.queries.plans import in_order
from nhskg.queries.stored import bind, find_query
from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.escaping import BREAK, json_text, markdown
from nhskg.rdf.files import AnyFolder
from nhskg.rdf.terms import SKOS, local_name
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
_MARKS: Final = {"⇄": "tension", "??": "gap"}
"""The signs in a grid of what pulls apart with another claim, and of what no text says."""
_LEGEND: Final = (
    "⇄ it pulls apart with another claim; ?? no text says a part of it, as who or when: the matrix"
    " without --grid tells which."
)
UNTOUCHED: Final = BASES[-2:]
"""The bases of entries of which their plan says nothing."""
_OF_CLAIMS: Final = tuple(
    "firmness deontic qualifier part condition cohort quantity timing with tension gap claimant"
    " capacity voice claim document paragraph sentence_no start end quote also".split()
)
"""The columns of ``entries`` that belong to one of the claims of an entry."""
_FOOT: Final = "In force: then, as the texts report it."
_LEFT_OUT: Final = (
    "Where a plan says something of a power, what it leaves as it was is left out;"
    " --unchanged shows it."
)


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
        shown = self.effect and self.basis in NAMED
        return f"{self.basis}: {self.effect}" if shown else self.basis


@dataclass(frozen=True, slots=True)
class Matrix:
    """Entries by power, matter and plan, the plans in the order of time.

    Without ``unchanged``, what a plan does not touch is there only where it says nothing else;
    ``left_out`` is whether there is such.
    """

    plans: tuple[Label, ...]
    entries: tuple[Entry, ...]
    unchanged: bool
    left_out: bool = False


def read_entries(store: Store, queries: AnyFolder, powers: Sequence[str] = ()) -> list[Row]:
    """Return the rows of the stored query ``entries``, with what a plan does not touch.

    Raises UsageError and QueryError as :func:`read_matrix`; InputError where the query of a corpus
    has another parameter in place of one that it is asked by.
    """
    query, asked = find_query(queries, "entries"), [{"power": name} for name in powers] or [{}]
    for name in sorted({"power", "unchanged"} - {each.name for each in query.parameters}):
        message = f"it has no parameter '{name}', by which it is asked; add it to the header"
        raise InputError(message, place=Place(query.path, 1))
    bound = (bind(query, {**given, "unchanged": "yes"}, store) for given in asked)
    return [row for text in bound for row in select(store, text, source=query.path)]


def read_matrix(
    store: Store,
    queries: AnyFolder,
    *,
    powers: Sequence[str] = (),
    plans: Sequence[str] = (),
    unchanged: bool = False,
    unsaid: bool = True,
    rows: Iterable[Row] | None = None,
) -> Matrix:
    """Read the matrix from a built store, by the stored query ``entries``.

    Powers come with their narrower ones; none asks for all of which some text speaks, and no plan
    for all plans. Without the ``unsaid``, a cell of which no text says anything has no entry. The
    ``rows`` are those of :func:`read_entries`, if they have been read.

    Raises:
        UsageError: a name is unknown; names the nearest.
        QueryError: the stored query cannot be evaluated.
    """
    facts = Facts(store)

    @cache
    def named(name: str) -> Label:
        known = facts.subjects(SKOS + "notation", Literal(name))
        node = cast("NamedNode", next(iter(known), None) or NamedNode(name))
        slug = notation(facts, node) or local_name(name)
        return Label(label(facts, node), slug, short_label(facts, node))

    asked = {resolve(store, plan, "plan").value for plan in plans}
    shown = [named(plan) for plan in in_order(store, asked or None)]
    sources: dict[Entry, list[Row]] = {}
    for row in read_entries(store, queries, powers) if rows is None else rows:
        plan, power, matter = (named(row[f"{name}_id"]) for name in ("plan", "power", "matter"))
        bodies = tuple(map(named, row["body_id"].split()))
        told = (row["effect"], row["basis"], row["in_force"])
        known = sources.setdefault(Entry(plan, power, matter, bodies, *told), [])
        if (claim := {name: row[name] for name in _OF_CLAIMS}) not in known:
            known.append(claim)
    cells: dict[tuple[Label, Label], dict[Label, list[Entry]]] = {}
    for entry, known in sources.items():
        cell = cells.setdefault((entry.power, entry.matter), {})
        cell.setdefault(entry.plan, []).append(replace(entry, sources=tuple(known)))
    if not cells:
        nothing = Label("", "", "")
        cells = {(named(resolve(store, each, "power").value), nothing): {} for each in powers}
    found, left_out = list[Entry](), False
    places = {plan: place for place, plan in enumerate(shown)}
    for (power, matter), cell in sorted(cells.items()):
        for plan in shown if unsaid else sorted(places.keys() & cell, key=places.__getitem__):
            entries = cell.get(plan, [Entry(plan, power, matter)])
            said = [each for each in entries if unchanged or each.basis not in UNTOUCHED]
            found += said or entries
            left_out |= 0 < len(said) < len(entries)
    return Matrix(tuple(shown), tuple(found), unchanged, left_out)


_HEADERS: Final = ("plan", "body", "basis", "how firmly, by whom", "source")
_IDS: Final = ("plan_id", "body_id", "claim")


def render_matrix(
    matrix: Matrix,
    form: str,
    *,
    width: int | None = None,
    unsaid: bool = False,
    ids: bool = False,
    **how: Any,
) -> str:
    """Render the matrix, power by power; as CSV, TSV or JSON a row an entry and source, with ids.

    A table is laid out as :func:`nhskg.queries.layout.draw` does. Powers of which no text says
    anything are counted, unless the ``unsaid`` is asked for.
    """
    if form == "json":
        return json_text(list(map(asdict, matrix.entries)))
    if form in ("csv", "tsv"):
        nothing = dict.fromkeys(_OF_CLAIMS, "")
        lines = [
            {**_columns(entry), **nothing, **row}
            for entry in matrix.entries
            for row in entry.sources or (nothing,)
        ]
        columns = list(dict.fromkeys(chain.from_iterable(lines)))
        rows = [[line.get(name, "") for name in columns] for line in lines]
        return render_rows(columns, rows, form, safe=how.get("safe", False))
    cells, folded = _said(matrix, unsaid=unsaid)
    parts = []
    for (power, matter), plans in cells.items():
        title = f"{power.label[:1].upper()}{power.label[1:]}: {matter.label or 'any matter'}"
        ruled = paragraph(title, width) + "=" * min(len(title), width or WIDTH)
        parts.append(f"## {markdown(title)}\n" if form == "markdown" else ruled)
        rows, short = list[list[str]](), dict[str, list[str]]()
        for plan, known in plans.items():
            if told := _in_short(known, matrix):
                short.setdefault(told, []).append(plan.short)
            else:
                rows += (row if ids else row[: -len(_IDS)] for row in _rows(known))
        if rows:
            headers = (*_HEADERS, *_IDS) if ids else _HEADERS
            parts.append(render_rows(headers, rows, form, width=width, **how))
        for told, names in sorted(short.items(), key=lambda each: each[0].startswith(NO_TEXT_SAYS)):
            listed = "; ".join(names)
            if told == NO_TEXT_SAYS and len(names) > 3:
                listed = f"{'the other' if rows or len(short) > 1 else 'all'} {len(names)} plans"
            parts.append(paragraph(f"{told[:1].upper()}{told[1:]}: {listed}.", width, form=form))
    return "\n".join([*parts, *_foot(matrix, folded, width)])


def _columns(entry: Entry) -> Row:
    """Return the columns of CSV and TSV before those of claims."""
    row = Row()
    for name in ("plan", "power", "matter"):
        thing: Label = getattr(entry, name)
        row |= {f"{name}_id": thing.slug, name: thing.label}
    row["body_ids"] = " ".join(body.slug for body in entry.bodies)
    row["body"] = " or ".join(body.label for body in entry.bodies)
    return row | {name: getattr(entry, name) for name in ("effect", "basis", "in_force")}


_Cells = dict[tuple[Label, Label], dict[Label, list[Entry]]]


def _said(matrix: Matrix, *, unsaid: bool) -> tuple[_Cells, str]:
    """Return the cells by power, matter and plan, without powers of which no text says anything.

    The sentence counts these; there is none where they are shown.
    """
    cells: _Cells = {}
    for entry in matrix.entries:
        plans = cells.setdefault((entry.power, entry.matter), {})
        plans.setdefault(entry.plan, []).append(entry)
    said = {
        place: plans
        for place, plans in cells.items()
        if unsaid or any(each[0].basis != NO_TEXT_SAYS for each in plans.values())
    }
    if len(cells) == 1 or len(said) == len(cells):
        return cells, ""
    folded = f"Of {len(cells) - len(said)} of {len(cells)} powers over a matter no text says"
    return said, f"{folded} anything under the plans asked for; --unsaid lists them."


def _foot(matrix: Matrix, folded: str, width: int | None) -> list[str]:
    notes = (folded, _LEFT_OUT if matrix.left_out else "", _FOOT)
    return ["".join(paragraph(each, width) for each in notes if each)]


def _in_short(cell: Sequence[Entry], matrix: Matrix, numbers: dict[str, int] | None = None) -> str:
    """Return what is told of a cell of which the plan does not speak; nothing of any other."""
    basis = cell[0].basis
    if basis == NO_TEXT_SAYS or (numbers is not None and basis in UNTOUCHED):
        return basis
    if basis not in UNTOUCHED or matrix.unchanged:
        return ""
    held: dict[str, list[Row]] = {}
    for entry in _joined(cell):
        for each in entry.sources:
            names = _bodies(entry)
            told = f"{each['firmness']}: {names}" if names else each["firmness"]
            held.setdefault(told, []).append(each)
    known = (f"{told} {_places(rows, numbers)}" for told, rows in held.items())
    return f"{basis}; {'; '.join(known)}"


def with_sources(matrix: Matrix, rows: Sequence[Row]) -> Matrix:
    """Return a matrix with other rows as the sources of its entries, as many and in this order."""
    left = iter(rows)
    entries = [
        replace(each, sources=tuple(islice(left, len(each.sources)))) for each in matrix.entries
    ]
    return replace(matrix, entries=tuple(entries))


def _place(row: Row) -> str:
    """Return where a source is: its citation, or the passage in full, or in short."""
    if passage := row.get("passage"):
        row = {**row, "quote": passage.replace("\n", " … "), "also": ""}
    return row.get("cite") or source(row)


def _rows(cell: Sequence[Entry]) -> Iterator[list[str]]:
    """Yield the rows of a cell: an entry takes one for each of its sources."""
    for entry in _joined(cell):
        for each in entry.sources:
            told = (_bodies(entry), _told(entry, each), who_says(each), _place(each))
            ids = (entry.plan.slug, " ".join(body.slug for body in entry.bodies), each["claim"])
            yield [entry.plan.short, *told, *ids]


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
    tension = source["tension"] and f"⇄ {source['tension']}"
    gap = source["gap"] and f"no text says {source['gap'].replace('; ', ' or ')}"
    limits = limits_of({**source, "condition": condition, "qualifier": ""})
    return "; ".join(filter(None, [f"{_SIGNS[entry.basis]} {entry.told}", limits, gap, tension]))


def _joined(cell: Iterable[Entry]) -> list[Entry]:
    """Put the bodies that the same claims name together into one entry."""
    joined: dict[tuple[str, ...], Entry] = {}
    for entry in cell:
        key = (entry.effect, entry.basis, *map(repr, entry.sources))
        known = joined.get(key, replace(entry, bodies=()))
        joined[key] = replace(known, bodies=known.bodies + entry.bodies)
    return list(joined.values())


def render_grid(
    matrix: Matrix,
    form: str,
    *,
    width: int | None = None,
    unsaid: bool = False,
    **how: Any,
) -> str:
    """Render powers over matters (rows) by plans (columns), with signs for people only.

    A table has as many pages as its plans need, and no line is wider than the width. For people,
    the plans that say nothing are named below, and so is what a cell's numbers refer to.
    """
    cells, folded = _said(matrix, unsaid=unsaid or form not in ("table", "markdown"))
    if form in ("csv", "tsv", "json"):
        lines = [
            [f"{power.label}: {matter.label}", *(_in_grid(cell, matrix) for cell in plans.values())]
            for (power, matter), plans in cells.items()
        ]
        headers = ["power", *(each.label for each in matrix.plans)]
        return render_rows(headers, lines, form, safe=how.get("safe", False))
    numbers: dict[str, int] = {}
    table: dict[Label, list[str]] = {plan: [] for plan in matrix.plans}
    for plan, cell in chain.from_iterable(plans.items() for plans in cells.values()):
        table[plan].append(_in_grid(cell, matrix, numbers))
    silent = [plan for plan, told in table.items() if {*told} == {NO_TEXT_SAYS} and not unsaid]
    shown = {plan.short: told for plan, told in table.items() if plan not in silent}
    powers = [f"{power.label}: {matter.label or 'any matter'}" for power, matter in cells]
    if form == "markdown":
        lines = list(map(list, zip(powers, *shown.values(), strict=True)))
        parts = [render_rows(["power", *shown], lines, form)] if shown else []
    else:
        said = "" if unsaid else NO_TEXT_SAYS
        parts = draw_pages(
            "power", powers, shown, silent=said, width=width, color=how.get("color", False)
        )
    below = [f"[{number}] {place}" for place, number in numbers.items()]
    legend = (each for each in matrix.plans if each.short in shown and each.short != each.label)
    named = [f"{each.short}: {each.label}" for each in legend]
    under = f"No text says anything under these plans: {'; '.join(each.short for each in silent)}."
    marked = any(f" {sign}" in cell for told in shown.values() for cell in told for sign in _MARKS)
    end = "\n" * (form == "markdown")
    for told in filter(None, (below, named, [under][: len(silent)], [_LEGEND][:marked])):
        parts.append(end.join(paragraph(each, width, form=form) for each in told))
    return "\n".join([*parts, *_foot(matrix, folded, width)])


def _in_grid(cell: Sequence[Entry], matrix: Matrix, numbers: dict[str, int] | None = None) -> str:
    """Return what is told in a cell; sources in full, or numbered, with signs, for people."""
    if told := _in_short(cell, matrix, numbers):
        return told
    shown = []
    for entry in _joined(cell):
        known = list(dict.fromkeys(_told(entry, each) for each in entry.sources))
        words = " / ".join(each[2:] for each in known)
        if numbers is not None:
            marks = [sign for sign, name in _MARKS.items() if any(e[name] for e in entry.sources)]
            words = " ".join([_SIGNS[entry.basis], entry.told, *marks])
        bodies = _bodies(entry)
        shown.append(f"{bodies}: {words}" if bodies else words)
        shown[-1] += f" {_places(entry.sources, numbers)}"
    return ("; " if numbers is None else BREAK).join(shown)


def _places(sources: Iterable[Row], numbers: dict[str, int] | None) -> str:
    """Return the places of sources; or their numbers, in the order in which they are told."""
    if numbers is None:
        bare = ({**each, "quote": "", "passage": "", "also": ""} for each in sources)
        return f"({', '.join(dict.fromkeys(map(_place, bare)))})"
    found = (numbers.setdefault(_place(each), len(numbers) + 1) for each in sources)
    return f"[{', '.join(map(str, dict.fromkeys(found)))}]"
