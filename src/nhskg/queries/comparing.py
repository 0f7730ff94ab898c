"""Compare plans: what they make of the same powers over the same matters, and their tensions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from pyoxigraph import Store

from nhskg.queries.answers import Answer, answer, composed, stacked
from nhskg.queries.engine import Row
from nhskg.queries.names import notation, resolve, short_label
from nhskg.queries.pages import Page, Section
from nhskg.queries.stored import Values
from nhskg.rdf.errors import UsageError
from nhskg.rdf.escaping import BREAK
from nhskg.rdf.files import AnyFolder
from nhskg.reasoning.triple_lookup import Facts

_ALONE: Final = (
    *("power", "matter", "body", "effect", "basis", "part", "condition", "document"),
    *("paragraph", "sentence_no", "start", "end", "quote", "also"),
)
"""The columns that people see of what only one plan addresses."""

_PLAIN: Final = ("says so", "keeps", "takes away", "ended", "suggested")

_Topic = dict[str, list[Row]]
"""The entries of a power over a matter, by the ids of their plans."""


def compare(store: Store, folder: AnyFolder, names: Sequence[str], body: str | None = None) -> Page:
    """Compare plans, by any of their names, on a page; of a body, what they make of it.

    Of each power over each matter that several plans address, the plans agree if they have the
    same effects on the same bodies on the same basis; what some only suggest is told apart. What a
    plan does not speak of is no entry.

    Raises:
        UsageError: there are not two plans, or a name is unknown or ambiguous.
    """
    plans = list(dict.fromkeys(resolve(store, name, "plan") for name in names))
    if len(plans) < 2:
        raise UsageError("give two plans or more to compare; 'nhskg list plans' lists them")
    asked: Values = {"plan": [each.value for each in plans]}
    of_body: Values = {"body": resolve(store, body, "holder").value} if body else {}
    entries = answer(store, folder, "entries", {**asked, **of_body})
    topics: dict[tuple[str, str], _Topic] = {}
    for row in entries.rows:
        topic = topics.setdefault((row["power_id"], row["matter_id"]), {})
        topic.setdefault(row["plan_id"], []).append(row)
    shared = [topic for topic in topics.values() if len(topic) > 1]
    alone = [topic for topic in topics.values() if len(topic) == 1]
    agreeing = [topic for topic in shared if len({_outcome(rows) for rows in topic.values()}) == 1]
    others = [topic for topic in shared if topic not in agreeing]
    firmer = [
        topic for topic in others if len({_outcome(each, _PLAIN) for each in topic.values()}) == 1
    ]
    differing = [topic for topic in others if topic not in firmer]
    facts = Facts(store)
    titles = {str(notation(facts, plan)): short_label(facts, plan) for plan in plans}
    # of two plans, what the command beside it gives
    sides: Values = (
        {"plan": [plans[0].value], "other": [plans[1].value]} if len(plans) == 2 else asked
    )
    tensions = answer(store, folder, "tensions", {**sides, **of_body})
    conflicts = answer(store, folder, "conflicts", sides)
    if body:
        topics_named = {f"{row['power']} over {row['matter']}" for row in entries.rows}
        rows = [row for row in conflicts.rows if row["about"] in topics_named]
        conflicts = replace(conflicts, rows=rows)
    sections = (
        _side_by_side("What differs", entries, differing, titles),
        _side_by_side("What differs only in that some suggest it", entries, firmer, titles),
        _side_by_side("What agrees", entries, agreeing, titles),
        _between(
            "Tensions", tensions, "other_plan_id", [*titles], f" --body {body}" if body else ""
        ),
        _between("Conflicts", conflicts, "other_id", [*titles], ""),
        *(_only(entries, alone, slug, title) for slug, title in titles.items()),
    )
    about = f"plans {', '.join(titles)}"
    return Page(" · ".join(titles.values()), about, {"plans": [*titles]}, {}, sections)


def _outcome(rows: list[Row], like: Sequence[str] = ()) -> frozenset[tuple[str, ...]]:
    """Return the bodies, effects and bases of rows; bases that are ``like`` each other as one."""
    return frozenset(
        (row["body_id"], row["effect"], "" if row["basis"] in like else row["basis"])
        for row in rows
    )


def _side_by_side(
    heading: str, entries: Answer, topics: list[_Topic], titles: Mapping[str, str]
) -> Section:
    """Show each power over a matter with what each plan makes of it, and the passages."""
    shown = list[Row]()
    for topic in topics:
        first = next(iter(topic.values()))[0]
        cells = {
            title: BREAK.join(
                map(_cell, stacked(composed(row, ids=True) for row in topic.get(slug, ())))
            )
            for slug, title in titles.items()
        }
        shown.append({"power": first["power"], "matter": first["matter"], **cells})
    data = [row for topic in topics for rows in topic.values() for row in rows]
    columns = ("power", "matter", *titles.values())
    return Section(heading, "", replace(entries, columns=columns, rows=shown, notes=()), data=data)


def _cell(row: Row) -> str:
    body = row["body"] or ("" if row["power_id"] == "existence" else "nobody named")
    told = ": ".join(filter(None, [body, row["basis"]]))
    limits = "; ".join(filter(None, [row["limits"], row["who_says_so"]]))
    source = row["source"].replace(BREAK, "; ")
    return f"{told} ({limits}) — {source}"


def _between(heading: str, found: Answer, other: str, plans: list[str], asked: str) -> Section:
    """Show the rows in which two of the plans stand against each other.

    Of two plans they are those of a command, with what else is ``asked`` in it.
    """
    if len(plans) == 2:
        command = f"nhskg query run {found.query.name} --plan {plans[0]} --other {plans[1]}{asked}"
        return Section(heading, command, replace(found, notes=()))
    rows = [
        row
        for row in found.rows
        if row["plan_id"] != row[other] and {row["plan_id"], row[other]} <= {*plans}
    ]
    return Section(heading, "", replace(found, rows=rows, notes=()))


def _only(entries: Answer, alone: list[_Topic], slug: str, title: str) -> Section:
    """Show what no other of the plans addresses."""
    rows = [row for topic in alone for row in topic.get(slug, ())]
    command = f"nhskg query run entries --plan {slug}"
    shown = replace(entries, columns=_ALONE, rows=rows, notes=())
    return Section(f"Only {title}", command, shown)
