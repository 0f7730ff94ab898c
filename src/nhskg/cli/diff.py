"""``nhskg diff``: tell what differs between two graphs."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import click

from nhskg.cli.options import View, format_option, project_option
from nhskg.cli.printing import write
from nhskg.project import Project
from nhskg.queries.answers import is_id
from nhskg.queries.formats import render_rows
from nhskg.queries.layout import paragraph
from nhskg.rdf.errors import UsageError
from nhskg.rdf.escaping import json_text, markdown

_PARTS: Final = {"claims": "claims", "things": "terms", "terms": "terms", "kinds": "terms"}
_NOUNS: Final = {"claims": "claims", "entries": "matrix entries", "terms": "things and terms"}
_NAMES: Final = {"alt": "other label", "hidden": "hidden label"}
_CHANGES: Final = "changes what is in force"
_WORDING: Final = {"alt", "definition", "hidden", "label", "note"}
_FIRST: Final = ("entries", "conflicts", "tensions", "gaps", *_PARTS)  # others say it again
_ABOUT: Final = ("plan", "power", "matter", "body", "kind", "sentence")


@click.command("diff")
@click.argument("old", type=click.Path())
@click.argument("new", type=click.Path())
@format_option(type=click.Choice(["text", "markdown", "json"]), default="text", help="[text]")
@click.option("--only", type=click.Choice(["answers", "claims", "terms"]), help="Only one part.")
@click.option("--all", "everything", is_flag=True, help="All that differs, and of all queries.")
@project_option
@click.pass_context
def diff_command(ctx: click.Context, /, old: str, new: str, project: Project, **how: Any) -> None:
    """Tell which answers differ between two graphs by which claims; which claims and terms do.

    OLD and NEW are each a folder that 'nhskg dump' wrote, a project, its build folder, a
    file or folder of RDF, or a git revision of the project, as REV or REV:path. The
    stored queries of NEW, or else of this project, are asked of both. Exit code 0: they
    are the same; 1: they differ.

    \b
    nhskg diff HEAD~1 .
    nhskg diff nhskg-0.2.0/ nhskg-0.3.0/ --format markdown > notes.md
    nhskg diff old.nq.gz new.nq.gz --only answers --format json
    """
    if not (old and new):
        name = "NEW" if old else "OLD"
        raise UsageError(f"{name} names nothing; give one, or . for the current folder")
    from nhskg.release.diff import compare, open_side  # noqa: PLC0415  # heavy

    one, two = (open_side(each, project) for each in (old, new))
    if one.is_flat is not two.is_flat:
        message = f"{old if one.is_flat else new} does not tell what is derived, as the other does"
        raise UsageError(f"{message}; give the asserted.ttl or nhskg.nq of the same dump")
    if how["form"] == "markdown":  # to be published: without the folders of this machine
        one, two = (replace(x, name=re.sub("^[^:]*/(?=.)", "", x.name)) for x in (one, two))
    diff, only = compare(one, two, two.project or one.project or project), how.pop("only")
    names = [k for k in {**dict.fromkeys(_FIRST), **diff["parts"]} if k in diff["parts"]]
    found = {k: diff["parts"][k] for k in names if only in (None, _PARTS.get(k, "answers"))}
    counts = {name: Counter(each["change"] for each in items) for name, items in found.items()}
    diff |= {"counts": counts, "parts": found}
    as_json = json_text(diff)
    write(as_json if how["form"] == "json" else _told(diff, **how))
    ctx.exit(1 if found else 0)


def _told(diff: dict[str, Any], form: str, *, everything: bool) -> str:
    width, form = (View().width, "table") if form == "text" else (None, form)
    changes = sorted({change for of in diff["counts"].values() for change in of})
    cells = [[_words(k), *(str(of[x] or "") for x in changes)] for k, of in diff["counts"].items()]
    sides = f"from {diff['old']} to {diff['new']}"
    lines = [f"F{sides[1:]}, {_summary(diff['counts'])}.", *diff["notes"]]
    parts = [f"# What differs {markdown(sides)}\n"] if form == "markdown" else []
    parts += ["\n".join(paragraph(each, width, indent=0, form=form) for each in lines)]
    parts += [render_rows(["part", *changes], cells, form, layout="table")] if cells else []
    for name in diff["parts"] if everything else filter(diff["parts"].get, _FIRST):
        items = diff["parts"][name]
        rows = [_row(each) for each in (items if everything else _sample(items)[:20])]
        columns = [k for k in rows[0] if any(row[k] for row in rows)]
        cells = [[row[k] for k in columns] for row in rows]
        shown = render_rows(columns, cells, form, width=width, layout="record")
        left = len(items) - len(rows)
        more = f"\nAnd {left} more: --all lists them.\n" if left else ""
        parts.append(f"## {_words(name).capitalize()}\n\n{shown}{more}")
    return "\n".join(parts)


def _summary(counts: Mapping[str, Counter[str]]) -> str:
    """Return what differs, and how much of it, as the end of a sentence."""
    found = defaultdict[str, Counter[str]](Counter)
    for name, of in counts.items():
        found[_PARTS.get(name, name)] += of
    told = [
        f"{noun} ({', '.join(f'{n} {change}' for change, n in sorted(found[name].items()))})"
        for name, noun in _NOUNS.items()
        if name in found
    ]
    others = len(found.keys() - _NOUNS.keys())
    told += [f"rows of {others} other answers, which overlap"] if others else []
    return f"there are differences in {', '.join(told)}" if told else "nothing differs"


def _sample(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put tensions before changes, and rows that are only reworded last; each plan has its turn."""
    turns = Counter[Any]()

    def place(item: dict[str, Any]) -> tuple[bool, bool, int]:
        row, fields = item.get("row", {}), {*item["fields"]}
        last = row.get("kind") == _CHANGES, "sentence" in fields or set() < fields <= _WORDING
        plan = row.get("plan_id") or item.get("id", "").partition("/")[0]
        turns[last, plan] += 1
        return (*last, turns[last, plan])

    return sorted(items, key=place)


def _words(name: str) -> str:
    """Return the names of fields in a text as words."""
    return re.sub(r"\w+", lambda each: _NAMES.get(each[0], each[0]), name).replace("_", " ")


def _row(item: dict[str, Any]) -> dict[str, str]:
    row = {_words(k): v for k, v in item.get("row", {}).items() if not is_id(k)}
    is_sentence = "sentence" in row
    by = "; ".join(f"{k} ({_words(v)})" for k, v in item.get("because", {}).items())
    differ = (
        f"{_words(k)}: {' → '.join(', '.join(of[side]) or '–' for side in ('before', 'after'))}"
        for k, of in item["fields"].items()
        if not is_id(k) and (k != "sentence" or len(item["fields"]) == 1)  # made of the others
    )
    return {
        **{k: item.get(k, "") for k in ("change", "id", "was", "successor", "text")},
        **{k: row.pop(k, "") for k in _ABOUT},
        "told": "" if item["fields"] or is_sentence else "; ".join(map(": ".join, row.items())),
        "differs": "; ".join(differ),
        "because": by or "not its own claims: others, the rules or ontology" * ("row" in item),
    }
