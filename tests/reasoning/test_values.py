"""Each datatype of OWL 2 RL has the values that XML Schema gives it, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import yaml

from nhskg.rdf.terms import PREFIXES
from nhskg.reasoning.literal_values import DATATYPES
from tests.cli.runner import Result, nhskg

SPACES: dict[str, dict[str, list[str]]] = yaml.load(
    (Path(__file__).parent / "cases" / "value-spaces.yaml").read_text("utf-8"), yaml.BaseLoader
)
HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())


def literal(value: str, datatype: str) -> str:
    """Return in Turtle a value as the table writes it."""
    text, _, kind = value.partition("^^")
    written = '"' + "".join(f"\\U{ord(letter):08X}" for letter in text) + '"'
    if kind.startswith("@"):
        return written + kind
    return f"{written}^^{f'<{kind}>' if '/' in kind else kind or datatype}"


def reason(folder: Path, text: str) -> Result:
    data = folder / "data.ttl"
    data.write_text(HEAD + text, "utf-8")
    return nhskg("reason", data)


def test_what_follows_has_literals_as_they_are_written(tmp_path: Path) -> None:
    """Of two forms of one value it has that of the store, or else the first."""
    values = '01, 1.50, "5"^^xsd:byte, "2024-01-01T24:00:00"^^xsd:dateTime, 7, 07, 08, 008, "01"'
    found = reason(tmp_path, f"<urn:p> rdfs:subPropertyOf <urn:q> . <urn:a> <urn:p> {values} .")
    assert (found.exit_code, found.stderr) == (0, "")
    expected = values.replace(", 07, 08,", ",")
    quads = set(ox.parse(HEAD + f"<urn:a> <urn:q> {expected} .", format=ox.RdfFormat.TURTLE))
    assert set(ox.parse(found.stdout, format=ox.RdfFormat.TURTLE)) == quads


def test_an_ill_typed_literal_is_a_contradiction_by_itself(tmp_path: Path) -> None:
    """Once, also where it is in the range of its property or in none that there is."""
    values = '"12abc"^^xsd:integer, "300"^^xsd:byte, "<b>"^^rdf:XMLLiteral, "5"^^xsd:byte'
    found = reason(tmp_path, f"<urn:a> <urn:p> {values} . <urn:p> rdfs:range rdfs:Literal .")
    assert found.exit_code == 1
    assert found.stderr.splitlines() == [
        'dt-not-type: these cannot all be true: <urn:a> <urn:p> "12abc"^^xsd:integer',
        'dt-not-type: these cannot all be true: <urn:a> <urn:p> "300"^^xsd:byte',
        'dt-not-type: these cannot all be true: <urn:a> <urn:p> "<b>"^^rdf:XMLLiteral',
        "nhskg: 3 contradictions; correct the data, or the axiom that forbids it",
    ]


def test_the_table_has_every_datatype() -> None:
    named = {PREFIXES[name.split(":")[0]] + name.split(":")[1] for name in SPACES}
    assert named == DATATYPES
    for name, space in SPACES.items():
        assert len(set(space["in"])) >= 20, name
        assert len(set(space["out"])) >= 20 or name == "rdfs:Literal"


def test_a_value_outside_is_a_contradiction_and_one_inside_is_none(tmp_path: Path) -> None:
    """Of each datatype, as the range of a property."""
    text, expected = "", {}
    for name, space in SPACES.items():
        prop = f"<urn:of:{name}>"
        text += f"{prop} rdfs:range {name} .\n"
        for side in ("in", "out"):
            for number, value in enumerate(space[side]):
                written = literal(value, name)
                expected[f"urn:{name}:{side}:{number}"] = f"{side}: {value!r} of {name}"
                text += f"<urn:{name}:{side}:{number}> {prop} {written} .\n"
    found = reason(tmp_path, text)
    assert found.exit_code == 1
    clashing = set(re.findall(r"dt-not-type: these cannot all be true: <(.*?)> ", found.stderr))
    wrong = {told for name, told in expected.items() if (name in clashing) != (":out:" in name)}
    assert not wrong, "\n".join(sorted(wrong))
