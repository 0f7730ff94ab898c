"""``nhskg diff``: tell what differs between two graphs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import click

from nhskg.cli.options import View, format_option, project_option, write
from nhskg.project import Project
from nhskg.queries.answers import is_id
from nhskg.queries.formats import render_rows
from nhskg.queries.layout import paragraph
from nhskg.rdf.errors import UsageError

_PARTS: Final = {"claims": "claims", "things": "terms", "terms": "terms", "kinds": "terms"}
_NOUNS: Final = {"claims": "claims", "answers": "rows of answers", "terms": "things and terms"}
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
    diff, only = compare(one, two, two.project or one.project or project), how.pop("only")
    found = {k: v for k, v in diff["parts"].items() if only in (None, _PARTS.get(k, "answers"))}
    counts = {name: Counter(each["change"] for each in items) for name, items in found.items()}
    diff |= {"counts": counts, "parts": found}
    as_json = json.dumps(diff, ensure_ascii=False, indent=2) + "\n"
    write(as_json if how["form"] == "json" else _told(diff, **how))
    ctx.exit(1 if found else 0)


def _told(diff: dict[str, Any], form: str, *, everything: bool) -> str:
    width, form = (View().width, "table") if form == "text" else (None, form)
    changes = sorted({change for of in diff["counts"].values() for change in of})
    cells = [[name, *(str(of[k] or "") for k in changes)] for name, of in diff["counts"].items()]
    title = f"From {diff['old']} to {diff['new']}, {_summary(diff['counts'])}."
    parts = ["\n".join(paragraph(each, width, indent=0) for each in (title, *diff["notes"]))]
    parts += [render_rows(["part", *changes], cells, form, layout="table")] if cells else []
    for name in diff["parts"] if everything else filter(diff["parts"].get, _FIRST):
        items = diff["parts"][name]
        rows = [_row(each) for each in items[: len(items) if everything else 20]]
        columns = [k for k in rows[0] if any(row[k] for row in rows)]
        cells = [[row[k] for k in columns] for row in rows]
        shown = render_rows(columns, cells, form, width=width, layout="record")
        left = len(items) - len(rows)
        more = f"\nAnd {left} more: --all lists them.\n" if left else ""
        parts.append(f"## {name.capitalize()}\n\n{shown}{more}")
    return "\n".join(parts)


def _summary(counts: Mapping[str, Counter[str]]) -> str:
    """Return what differs, and how much of it, as the end of a sentence."""
    found = {name: Counter[str]() for name in _NOUNS}
    for name, of in counts.items():
        found[_PARTS.get(name, "answers")] += of
    told = [
        f"{_NOUNS[name]} ({', '.join(f'{n} {change}' for change, n in sorted(of.items()))})"
        for name, of in found.items()
        if of
    ]
    return f"there are differences in {', '.join(told)}" if told else "nothing differs"


def _row(item: dict[str, Any]) -> dict[str, str]:
    row = {k: v for k, v in item.get("row", {}).items() if not is_id(k)}
    is_sentence = "sentence" in row
    by = "; ".join(f"{claim} ({change})" for claim, change in item.get("because", {}).items())
    differ = (
        f"{k}: {' → '.join(', '.join(of[side]) or '–' for side in ('before', 'after'))}"
        for k, of in item["fields"].items()
        if not is_id(k) and (k != "sentence" or len(item["fields"]) == 1)  # made of the others
    )
    return {
        **{k: item.get(k, "") for k in ("change", "id", "was", "successor", "text")},
        **{k: row.pop(k, "") for k in _ABOUT},
        "told": "" if item["fields"] or is_sentence else "; ".join(map(": ".join, row.items())),
        "differs": "; ".join(differ),
        "because": by
        or "its claims are the same: others, rules or ontology differ" * ("row" in item),
    }
