"""The command line: a command parses, calls one library function, and renders.

Data goes to standard output, messages to standard error. Exit codes: 0 good,
1 findings, 2 misuse or unreadable input, 70 a fault of nhskg itself. As shells
have it, 130 is interrupted and 141 is that nobody read on.
"""

from __future__ import annotations

import errno
import importlib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn, TextIO

import click

from nhskg import __version__
from nhskg.cli.printing import say
from nhskg.rdf.errors import AnnotationError, NhskgError
from nhskg.rdf.nearest import did_you_mean, hint, nearest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_COMMANDS: Final = {
    "anchor": ("coverage", "Write positions and digests from the quotes, or check them."),
    "ask": ("pages", "Answer a question in plain words."),
    "build": ("build", "Read, map, reason, validate, and put a new store in place."),
    "completion": ("completion", "Print the script that completes commands and names in a shell."),
    "compare": ("pages", "Compare plans: what differs, what agrees, what only one addresses."),
    "coverage": ("coverage", "List for each document which sentences are accounted for."),
    "diff": ("diff", "Tell which answers, claims and terms differ between two graphs."),
    "dump": (
        "dump",
        "Write the files of a release: the graph in each format, and its description.",
    ),
    "explain": ("explain", "Print what a rule protects against, an example, and the repair."),
    "find": ("pages", "Find what has some words in its labels, quotes, assessments or notes."),
    "list": ("pages", "List plans, bodies, people, powers, … with ids and labels."),
    "matrix": ("query", "Print who holds which power under each plan, with basis and source."),
    "new": ("new", "Begin a corpus of your own, with one invented document."),
    "query": ("query", "List, show and run the stored queries."),
    "reason": ("reason", "Derive what follows from RDF files."),
    "schema": ("coverage", "Write JSON Schemas of the annotation files, for editors."),
    "show": ("pages", "Print all that is known of a plan, body, person, power, claim, …."),
    "sparql": ("query", "Ask a SPARQL query of the built store, or of RDF files."),
    "validate": ("validate", "Check annotations and shapes without building."),
    "why": ("why", "Explain why a body holds a power, or why a triple holds."),
    "why-not": ("why", "Explain why a body does not hold a power."),
}
"""The module of each command, and what it does."""

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What goes wrong with standard output itself; every other file is named where it is written."""


class _LazyGroup(click.Group):
    """A group that imports a command's module when that command is asked for."""

    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"nhskg.cli.{_COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands without importing them."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  # --help does without

        found = [(name, text) for name, (_, text) in _COMMANDS.items()]
        options = super(click.Group, self).shell_complete(ctx, incomplete)
        items = (CompletionItem(name, help=text) for name, text in found)
        return [*(each for each in items if each.value.startswith(incomplete)), *options]

    def main(self, args: Sequence[str] | None = None, *_: Any, **__: Any) -> NoReturn:
        """Run the command line and exit; whatever goes wrong is one message and an exit code."""
        arguments = sys.argv[1:] if args is None else list(args)
        try:
            code = super().main(arguments, "nhskg", standalone_mode=False)
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            code = error.exit_code
        except click.ClickException as error:
            say(_misused(error, arguments))
            code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            say("nhskg: interrupted")
            code = 130
        except Exception as error:  # the last line of defence: never a traceback unasked
            if "--debug" in arguments:
                raise
            message, code = _explained(error)
            say(message)
        sys.exit(code if isinstance(code, int) else 0)

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Read the command line, or print help."""
        with _until_closed():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _until_closed():
            result = super().invoke(ctx)
            sys.stdout.flush()
        return result

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(_COMMANDS.items())])


@click.group(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nhskg")
@click.option(
    "--project",
    "project_dir",
    type=click.Path(file_okay=False),
    help="Folder of a corpus (seeds/, and its own ontology/, shapes/, queries/ if it has them).",
)
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
def cli(**_: object) -> None:
    """Who holds which power and budget in the English NHS under each plan, and who said so.

    \b
    nhskg build                          build the graph from the annotations
    nhskg matrix --power sign-off        who signs off, plan by plan
    nhskg query list                     the questions that are ready to ask
    """


main: Final = cli.main
"""The entry point of the ``nhskg`` script."""


def _misused(error: click.ClickException, arguments: Sequence[str]) -> str:
    """Return the message for what click finds wrong, with the nearest name, or where to read on."""
    context = getattr(error, "ctx", None)
    told, meant = " ".join(error.format_message().split()), ""
    if isinstance(error, click.NoSuchOption) and context is not None:
        known = (each.to_info_dict() for each in context.command.get_params(context))
        options = (name for each in known if not each.get("hidden") for name in each["opts"])
        words = (name[2:] for name in options if name.startswith("--"))
        near = nearest(error.option_name.lstrip("-"), words)
        told = f"unknown option '{error.option_name}'"
        meant = f"; did you mean '--{near}'?" if near else ""
    elif isinstance(error, click.exceptions.NoSuchCommand) and context is not None:
        told = f"unknown command '{error.command_name}'"
        meant = did_you_mean(error.command_name, context.command.list_commands(context))
    elif isinstance(error, click.BadParameter) and " is not one of " in error.message:
        of: Any = error.param
        name = error.message.partition(" is not one of ")[0].strip("'")
        told, meant = f"unknown {of.opts[0].lstrip('-')} '{name}'", hint(name, of.type.choices)
    if context is not None and not meant:
        of_query = f" {context.meta['query'].name}" if "query" in context.meta else ""
        meant = f"; see '{context.command_path}{of_query} --help'"
    elif context is None:  # click does not tell in which command an option has no argument
        command = next((f" {each}" for each in arguments if each in _COMMANDS), "")
        meant = f"; see 'nhskg{command} --help'"
    return f"nhskg: {told[:1].lower()}{told[1:].rstrip('.')}{meant}"


def _explained(error: Exception) -> tuple[str, int]:
    """Return the message for an error, and the exit code."""
    if isinstance(error, NhskgError):
        placed = isinstance(error, AnnotationError) or getattr(error, "place", None) is not None
        return f"{'' if placed else 'nhskg: '}{error}", error.exit_code
    if isinstance(error, OSError) and error.errno in _NO_ROOM and not error.filename:
        _silence(sys.stdout)
        return f"nhskg: standard output cannot be written ({error.strerror})", 2
    if isinstance(error, RuntimeError) and str(error).startswith("Symlink loop"):  # of pathlib
        return f"nhskg: {str(error).partition(' from ')[2]} is a link that leads to itself", 2
    if isinstance(error, OSError) and error.errno:
        named = f"{error.filename}: " if error.filename else ""
        return f"nhskg: {named}{error.strerror}", 2
    kind = type(error).__name__
    if isinstance(error, MemoryError):
        return "nhskg: not enough memory; give it less at once, or NHSKG_MEMORY=MEGABYTES", 2
    if isinstance(error, RecursionError):
        return "nhskg: the input is nested too deep; nest it less; --debug shows where", 2
    return f"nhskg: internal error ({kind}: {error}); --debug shows where", 70


@contextmanager
def _until_closed() -> Iterator[None]:
    """End where nobody reads on: by 128 + SIGPIPE, and not by 1, which is findings."""
    try:
        yield
    except BrokenPipeError:
        _silence(sys.stdout, sys.stderr)
        sys.exit(141)


def _silence(*streams: TextIO) -> None:
    """Keep the interpreter from complaining, at exit, of what it could not write."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(devnull, stream.fileno())
