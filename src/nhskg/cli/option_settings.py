"""The options of a command as they stand in a file of settings; the command line wins."""

from __future__ import annotations

import os
from collections.abc import Iterator
from glob import glob, has_magic
from pathlib import Path
from typing import Final

import click

from nhskg.rdf.errors import InputError
from nhskg.settings import find_settings, read_settings

SETTINGS: Final = "nhskg.settings"
"""In the context of a command: the file of its settings, if it has any."""

_OF_ONE_RUN: Final = {"folder", "network", "update_baseline"}


def take_settings(ctx: click.Context, file: Path | None) -> None:
    """Make the settings of a file the defaults of a command's options.

    Without a file these are the settings of the folder that ``--project`` names, or else of the
    nearest folder, and may be a stranger's: they read and write in their own folder only. Paths
    are relative to the file, and may be patterns where many are taken.

    Raises:
        InputError: a setting is none of the command's, or not such a value as the option takes.
    """
    if ctx.resilient_parsing:  # completing a command line
        return
    folder = ctx.params.get("folder")
    nearest = find_settings(folder or Path.cwd(), above=folder is None)
    settings = read_settings(file) if file else nearest
    options = {
        each.opts[0].removeprefix("--"): each
        for each in ctx.command.params
        if isinstance(each, click.Option) and each.expose_value and each.name not in _OF_ONE_RUN
    }
    kinds = {
        name: bool if each.is_flag else tuple if each.multiple else str
        for name, each in options.items()
    }
    table, found = str(ctx.info_name), {}
    for name, value in settings.values(table, kinds).items():
        option = options[name]
        try:
            texts = value if option.multiple else [value]
            base = settings.path.parent
            placed = [
                f"{head}{path}" if path else head
                for each in texts
                for head, path in _placed(option, base, each)
                if file or not path or _is_inside(base, path)
            ]
            found[option.name] = placed if option.multiple else placed[0]
            option.type_cast_value(ctx, found[option.name])
        except click.BadParameter as error:
            message = f"{name}: {error.message[:1].lower()}{error.message[1:].rstrip('.')}"
            raise settings.fault(message, table, name) from error
        except InputError as error:
            raise settings.fault(error.message, table, name) from None
    ctx.default_map = found
    ctx.meta[SETTINGS] = settings.path if settings.tables else None


def _is_inside(base: Path, path: Path) -> bool:
    """Return True, or raise InputError where a path leads out of the folder of the settings."""
    real, top = Path(os.path.realpath(path)), os.path.realpath(base)
    if not real.is_relative_to(top) or ".git" in real.relative_to(top).parts:
        reason = "is outside the folder of the settings; name it, or the settings with --settings,"
        raise InputError(f"'{path}' {reason} on the command line")
    return True


def _placed(
    option: click.Option, base: Path, value: str | bool
) -> Iterator[tuple[str | bool, Path | None]]:
    """Yield the paths that a path or a pattern stands for, or another value as it is.

    Each is with what goes before it: an option with the metavar ``FORM[=FILE]`` takes a path after
    the first equals sign only, one with ``ADDRESS=FILE`` after the last, one with
    ``[ADDRESS=]FILE`` without a sign, too, which can be in the name of a file.
    """
    form = option.metavar or ""
    head, equals, file = "", "", str(value)
    if form.endswith("[=FILE]"):
        head, equals, file = file.partition("=")
    elif "=" in form and not (form.startswith("[") and os.path.lexists(base / file)):
        head, equals, file = file.rpartition("=")
    is_path = isinstance(option.type, click.Path) or form.startswith("[")
    if isinstance(value, bool) or file == "-" or not (equals or is_path):
        yield value, None
    elif not (is_path and option.multiple and has_magic(file)) or os.path.lexists(base / file):
        yield f"{head}{equals}", base / file
    else:
        top, found = map(os.path.abspath, (base, base / file))  # links stay
        if not Path(found).is_relative_to(top):
            reason = "looks outside the folder of the settings; name folders there"
            raise InputError(f"'{file}' {reason}")
        matches = sorted(_matches(base, file))
        if not matches:
            raise InputError(f"'{file}' matches nothing")
        inner = (each for each in matches if not set(each.parents) & set(matches))
        yield from ((f"{head}{equals}", each) for each in inner)


def _matches(base: Path, pattern: str) -> Iterator[Path]:
    """Yield what a pattern stands for, without what is hidden; ``**`` follows no links."""
    named = Path(pattern)
    if "**" not in named.parts:
        found = glob(pattern, root_dir=base)  # noqa: PTH207  # Path.glob takes what is hidden
        yield from map(base.joinpath, found)
        return
    top = base / named.anchor
    for each in top.glob(str(named.relative_to(named.anchor))):
        parts = set(each.relative_to(top).parts).difference(named.parts)
        if not any(part.startswith(".") for part in parts):
            yield each
