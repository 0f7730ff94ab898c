"""Brings annotation files of version 0.1 to the present format, in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from nhskg.annotation.edits import Edits
from nhskg.rdf.errors import AnnotationError, Fault, InputError, Place
from nhskg.rdf.files import write_atomically
from nhskg.rdf.yaml_source import Source, read_source


class Migration(NamedTuple):
    """A file that is to be changed: what it will hold, and how often what was changed."""

    path: Path
    text: str
    counts: Mapping[str, int]


def migrate(paths: Iterable[Path], *, check: bool = False) -> list[Migration]:
    """Return the files that are not in the present format, having written them anew.

    With ``check`` nothing is written. A second run finds nothing.

    Raises AnnotationError with the faults of all files, and writes nothing, where one cannot be
    read or cannot be edited in place; and InputError where one cannot be written.
    """
    found: list[Migration] = []
    faults: list[Fault] = []
    for path in paths:
        try:
            edits, counts = Edits(read_source(path)), Counter[str]()
            _bound_quantities(edits, counts)
            _account_for_proposals(edits, counts)
            if edits.edits:
                found.append(Migration(path, edits.result(), counts))
        except AnnotationError as error:
            faults += error.faults
        except InputError as error:
            faults.append(Fault(error.place or Place(path), error.message))
    if faults:
        raise AnnotationError(faults)
    for each in () if check else found:
        write_atomically(each.path, each.text)
    return found


def _bound_quantities(edits: Edits, counts: Counter[str]) -> None:
    """Write ``approximate: true`` as a bound, and leave ``approximate: false`` out."""
    for route in [each for each in edits.source.spans if each[-2:] == ("quantity", "approximate")]:
        holder = edits.source.data
        for step in route[:-1]:
            holder = holder[step]
        match holder["approximate"]:
            case "true":
                edits.replace(route, "bound: about", key=True)
                holder["bound"] = "about"
            case "false":
                edits.delete(route)
            case _:
                continue
        counts[f"approximate: {holder.pop('approximate')}"] += 1


def _account_for_proposals(edits: Edits, counts: Counter[str]) -> None:
    """Take proposals as given in part, where nothing is said of that."""
    for index, plan in enumerate(_plans(edits.source)):
        if isinstance(plan, dict) and plan.get("type") == "proposal" and "account" not in plan:
            edits.insert(("plans", index), "account: part", ("type", "baseline"))
            plan["account"] = "part"
            counts["proposals without account"] += 1


def _plans(source: Source) -> list[object]:
    plans = source.data.get("plans") if isinstance(source.data, dict) else None
    return plans if isinstance(plans, list) else []
