"""The reference page of the command line, generated from the commands."""

from __future__ import annotations

from collections.abc import Iterator

import click

from nhskg.cli import cli


def render_reference() -> str:
    """Return ``docs/cli.md``: each command with its help, as ``--help`` prints it."""
    introduction = (
        "# Command line\n\nGenerated from the commands; `make docs` renews it.\n\n"
        "Data goes to standard output, messages to standard error. Exit codes: 0 good, "
        "1 findings, 2 misuse or unreadable input, 70 a fault of nhskg itself. "
        "`--debug` before the command shows the traceback of an error.\n\n"
        "A project is a folder with `seeds/`. A command works on the one that `--project` names; "
        "else on the current folder or the nearest folder above it that has `seeds/documents/` or "
        "`seeds/register/`; else on the corpus that ships with nhskg, whose build goes to the "
        "user's cache (`XDG_CACHE_HOME` names another place). What a project does not have of "
        "`ontology/`, `shapes/` and `queries/` comes with nhskg, folder by folder.\n"
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
