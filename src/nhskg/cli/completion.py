"""``nhskg completion``, and what a shell offers for the word that is being typed.

The names of things come from the built graph, which is not built for that; without one, or where
something goes wrong, there is nothing to offer, and no message.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from nhskg.project import Project
from nhskg.rdf.errors import NhskgError
from nhskg.rdf.escaping import escaped, plain

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion_command(context: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete nhskg's commands, options and names.

    Plans, bodies, powers and other things are completed by their ids, once the graph is built.

    \b
    eval "$(nhskg completion bash)"                                   in ~/.bashrc
    eval "$(nhskg completion zsh)"                                    in ~/.zshrc
    nhskg completion fish > ~/.config/fish/completions/nhskg.fish     once
    """
    kind: Any = get_completion_class(shell)
    script = kind(context.find_root().command, {}, "nhskg", "_NHSKG_COMPLETE")
    click.echo(script.source_template % script.source_vars())


def complete(kind: str) -> Completer:
    """Return what offers the things of a kind (see :data:`nhskg.queries.names.KINDS`), by ids.

    The kind ``query`` is the stored queries, by their names.
    """

    def offer(context: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
        found: list[tuple[str, str]] = []
        with suppress(NhskgError, OSError):
            folder = context.params.get("project") or context.find_root().params.get("project_dir")
            project = folder if isinstance(folder, Project) else Project.locate(folder)
            found = _queries(project) if kind == "query" else _things(project, kind)
        return [
            CompletionItem(name, help=plain(escaped(told)))
            for name, told in found
            if name.lower().startswith(begun.lower()) and re.fullmatch(r"[\w./-]+", name)
        ]

    return offer


def _queries(project: Project) -> list[tuple[str, str]]:
    from nhskg.queries.stored import list_queries  # noqa: PLC0415  # only a completion needs it

    return [(query.name, query.question) for query in list_queries(project.queries)]


def _things(project: Project, kind: str) -> list[tuple[str, str]]:
    from nhskg.graph.store import open_published  # noqa: PLC0415
    from nhskg.queries.names import KINDS, read_named  # noqa: PLC0415

    if kind not in KINDS:
        return []
    named = read_named(open_published(project.build).open(), kind)
    return [(each.slug, each.label) for each in named]
