"""Generated pages of the documentation: the command line, and the list of requirements."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

import click
from pyoxigraph import NamedNode

from nhskg.cli import cli
from nhskg.queries.stored import StoredQuery
from nhskg.rdf.errors import InputError, Place
from nhskg.rdf.terms import BASE, DCTERMS, shorten_iri
from nhskg.shacl.findings import Rule
from nhskg.shacl.shapes import Shapes

BEGIN: Final = "<!-- requirements: make docs renews them -->"
END: Final = "<!-- end of requirements -->"

_TARGETS: Final = {
    "class": "{}",
    "node": "the node {}",
    "subjects of": "what has {}",
    "objects of": "values of {}",
}


def render_reference() -> str:
    """Return ``docs/cli.md``: each command with its help, as ``--help`` prints it."""
    introduction = (
        "# Command line\n\nGenerated from the commands; `make docs` renews it.\n\n"
        "Data goes to standard output, messages to standard error. Exit codes: 0 good, "
        "1 findings, 2 misuse or unreadable input, 70 a fault of nhskg itself. "
        "`--debug` before the command shows the traceback of an error.\n\n"
        "A line of TSV is a row, in which `\\t`, `\\n`, `\\r` and `\\\\` stand for tab, line feed, "
        "carriage return and backslash; `--format sparql-tsv` is the TSV of SPARQL 1.1. CSV is "
        "that of RFC 4180, with CR LF. `--safe` puts an apostrophe before each cell that "
        "begins with `=`, `+`, `-`, `@`, a tab or a line end.\n\n"
        "A project is a folder with `seeds/`. A command works on the one that `--project` names; "
        "else on the current folder or the nearest folder above it that has `seeds/documents/` or "
        "`seeds/register/`; else on the corpus that ships with nhskg, whose build goes to the "
        "user's cache (`XDG_CACHE_HOME` names another place).\n\n"
        "A project's own files in `ontology/`, `ontology/rules/`, `shapes/`, `queries/` and "
        "`queries/parts/` add to those that ship with nhskg. A file takes the place of the shipped "
        "one of the same name; an empty file takes it away. `nhskg build`, `nhskg validate` and "
        "`nhskg query list` say which: `shapes: 10 shipped, 1 own (my.ttl), 0 replaced`.\n"
    )
    return "\n".join([introduction, *_sections(cli, "nhskg", None)])


def _sections(command: click.Command, name: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(
        command,
        parent,
        info_name=name,
        terminal_width=88,
        max_content_width=88,
        **command.context_settings,
    )
    help_text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    yield f"## {context.command_path}\n\n```text\n{help_text}\n```\n"
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            child = command.get_command(context, each)
            assert child is not None
            yield from _sections(child, each, context)


def render_queries(
    queries: Sequence[StoredQuery], ask: Callable[[str], str] = lambda _name: ""
) -> str:
    """Return the page of the stored queries: question, parameters and columns of each.

    ``ask`` gives the answer of a query as Markdown, to be put below it.
    """
    page = "# Stored queries\n\nWritten by `make docs`. `nhskg query run NAME` asks one.\n"
    for query in queries:
        page += f"\n## {query.name}\n\n{query.question}\n\n"
        for each in query.parameters:
            default = f"; {each.default} if not given" if each.default else ""
            page += f"- `--{each.name}` ({each.kind}): {each.about}{default}\n"
        page += f"\nColumns: {', '.join(query.columns)}.\n"
        page += f"\n{answer}" if (answer := ask(query.name)) else ""
    return page


def list_requirements(shapes: Shapes) -> str:
    """Return all requirements as Markdown: a section a file, an entry a requirement."""
    parts = []
    for path, group in groupby(shapes.requirements, lambda each: each.place and each.place.path):
        assert path is not None
        ontology = NamedNode(f"{BASE}shapes/{path.stem}")
        title = shapes.text(ontology, DCTERMS + "title") or path.stem
        about = shapes.text(ontology, DCTERMS + "description")
        parts.append(f"### {title}\n\n`shapes/{path.name}`. {about}\n")
        parts += map(_entry, group)
    return "\n".join(parts)


def _entry(requirement: Rule) -> str:
    targets = [(each.kind, shorten_iri(each.term.value)) for each in requirement.targets]
    looks_at = ", ".join(_TARGETS[kind].format(f"`{name}`") for kind, name in targets)
    scope = " Asserted graphs only." if requirement.asserted_only else ""
    message = requirement.demands[:1].upper() + requirement.demands[1:]
    return (
        f"**{requirement.id}** {requirement.title} ({requirement.severity.value.lower()}). "
        f"{message}.\n"
        f"*Protects against:* {requirement.protects}\n"
        f"*Repair:* {requirement.repair}.\n"
        f"*Looks at:* {looks_at}.{scope}\n"
    )


def put_list(page: str, requirements: str, *, path: Path = Path("docs/validation.md")) -> str:
    """Return a page with the list of requirements in the place of the one that it has.

    Raises:
        InputError: the page has no place for it.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise InputError(f"no place for the list: {BEGIN} … {END}", place=Place(path))
    return f"{before}{begin}\n\n{requirements}\n{end}{after}"
