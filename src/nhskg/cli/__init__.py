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
from pathlib import Path
from typing import Any, Final, TextIO, cast

import click

from nhskg import __version__
from nhskg.rdf.errors import AnnotationError, NhskgError

__all__ = ["cli", "main"]

_COMMANDS: Final = {
    "anchor": "Write positions and digests from the quotes, or check them.",
    "build": "Read, map, reason, validate, and put a new store in place.",
    "coverage": "List for each document which sentences are accounted for.",
    "dump": "Write the graph as Turtle, TriG and N-Quads.",
    "explain": "Print what a rule protects against, an example, and the repair.",
    "matrix": "Print who holds which power under each plan, with basis and source.",
    "query": "List, show and run the stored queries.",
    "reason": "Derive what follows from RDF files.",
    "sparql": "Ask a SPARQL query of the built store, or of RDF files.",
    "validate": "Check annotations and shapes without building.",
    "why": "Explain why a body holds a power, or why a triple holds.",
    "why-not": "Explain why a body does not hold a power.",
}

_NOBODY_READS: Final = 141
"""128 and the number of SIGPIPE: neither good nor findings, as the command did not end."""

_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})
"""What goes wrong with standard output itself; every other file is named where it is written."""


class LazyGroup(click.Group):
    """A group that imports a command's module when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        del ctx
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"nhskg.cli.{cmd_name.replace('-', '_')}")
        return cast("click.Command", module.command)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click would call a closed pipe exit code 1, which means findings."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _silence(sys.stdout, sys.stderr)
            ctx.exit(_NOBODY_READS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nhskg")
@click.option(
    "--project",
    "project_dir",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of a corpus (seeds/, and its own ontology/, shapes/, queries/ if it has them).",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def cli(ctx: click.Context, project_dir: Path | None, *, debug: bool) -> None:
    """Who holds which power and budget in the English NHS under each plan, and who said so.

    \b
    nhskg build                          build the graph from the annotations
    nhskg matrix --power sign-off        who signs off, plan by plan
    nhskg query list                     the questions that are ready to ask
    """
    ctx.obj = {"project": project_dir, "debug": debug}


def main(argv: list[str] | None = None) -> None:
    """Run the command line and exit; the entry point of the ``nhskg`` script."""
    arguments = sys.argv[1:] if argv is None else argv
    debug = "--debug" in arguments
    _open_missing_stdout()
    try:
        code = cli.main(arguments, prog_name="nhskg", standalone_mode=False)
        sys.stdout.flush()
    except NhskgError as error:
        if debug:
            raise
        placed = isinstance(error, AnnotationError) or getattr(error, "place", None) is not None
        click.echo(f"{'' if placed else 'nhskg: '}{error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BrokenPipeError:
        _silence(sys.stdout)
        sys.exit(_NOBODY_READS)
    except (KeyboardInterrupt, click.Abort):
        click.echo("nhskg: interrupted", err=True)
        sys.exit(130)
    except Exception as error:  # the last line of defence: never a traceback unasked
        if debug:
            raise
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            _silence(sys.stdout)
            click.echo(f"nhskg: standard output cannot be written ({error.strerror})", err=True)
            sys.exit(2)
        kind = type(error).__name__
        click.echo(f"nhskg: internal error ({kind}: {error}); --debug shows where", err=True)
        sys.exit(70)
    sys.exit(code if isinstance(code, int) else 0)


def _silence(*streams: TextIO) -> None:
    """Keep the interpreter from complaining, at exit, of what it could not write."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(devnull, stream.fileno())


def _open_missing_stdout() -> None:
    """Write to nowhere where the caller closed standard output (``>&-``)."""
    if cast("TextIO | None", sys.stdout) is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # kept to the end
