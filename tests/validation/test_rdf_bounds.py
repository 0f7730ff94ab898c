"""RDF that is nested, or grows, beyond what a parser takes is refused before one reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nhskg.rdf import bounds
from nhskg.rdf.errors import InputError
from nhskg.rdf.lines import FORMATS, RdfParser

XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
MANY = [f'e:a{i}=">"' for i in range(2_000)]
DTD = '<!DOCTYPE r [<!ENTITY a "'


def turtle(n: int) -> str:
    return f'<a:a> <a:b> "<< <<",\n{"<<( <a:a> <a:b> " * n}<a:c>{" )>>" * n} . # )>> )>>'


def json(n: int) -> str:
    return '{"@id":"a:[[[\\"[[",\n' + '"a:p":{' * (n - 1) + '"a:p":"]"' + "}" * n


def xml(n: int) -> str:
    inner = "<e:A>" * (n - 3)
    return f"{XML}\n<e:A><e:p rdf:parseType='Literal'>{inner}{'</e:A>' * (n - 3)}</e:p></e:A>" + (
        "<!-- <a> -->" * n + "<e:A/>" * n + "</rdf:RDF>"
    )


def attributes(n: int) -> str:
    return f"{XML}<e:A\n" + " ".join(f"e:a{i}='='" for i in range(n)) + "/></rdf:RDF>"


def bases(n: int) -> str:
    return "@base <http://e/> .\n" * 2_000 + "".join(f"@base <x{i}> .\n" for i in range(n))


@pytest.mark.parametrize(
    ("ending", "bound", "text", "told"),
    [
        (".ttl", "DEEPEST_TRIPLES", turtle, ":2:1601: has triple terms within triple terms, more"),
        (".jsonld", "DEEPEST_JSON", json, ":2:1400: has objects and arrays within objects and"),
        (".rdf", "DEEPEST_XML", xml, ":2:5020: has elements within elements, more than 1,000"),
        (".rdf", "MOST_ATTRIBUTES", attributes, ":2:10891: has more than 1,000 attributes of an"),
        (".ttl", "MOST_BASES", bases, ":3001:2: has more than 1,000 base IRIs, each relative"),
    ],
)
def test_what_is_beyond_a_bound_is_refused_at_its_place(
    ending: str, bound: str, text: Callable[[int], str], told: str
) -> None:
    most = getattr(bounds, bound)
    path, form = Path(f"data{ending}"), FORMATS[ending]
    list(RdfParser(path, text(most).encode(), form))
    with pytest.raises(InputError) as refused:
        RdfParser(path, text(most + 1).encode(), form)
    assert str(refused.value).startswith(f"data{ending}{told}")


@pytest.mark.parametrize(
    ("ending", "told", "text"),
    [
        (".jsonld", "objects", '{"a:p":"]]]]]]]]","a:q":' * 4_000 + "1" + "}" * 4_000),
        (".jsonld", "objects", '["' + '\\"' * 60_000 + '","' + '",' + "[" * 300),
        (".rdf", "elements", XML + '<rdf:Description e:a="/>/>"><e:p>' * 2_000),
        (".rdf", "elements", "<!DOCTYPE r [<!-- > ]>" + XML + "<e:p e:a='\"'>" * 2_000),
        (".rdf", "attributes", f"{XML}<e:A {' '.join(MANY)}/>"),
        (".rdf", "attributes", f"{XML}<e:A {''.join(MANY)}/>"),
        (".ttl", "triple terms", '<<a:x#>\n">>>>" a:b ' * 200),
        (".ttl", "triple terms", '<<<a:#> a:b ">>", ' * 200),
        (".ttl", "base IRIs", "@base<a/>." * 2_000),
        (".trig", "base IRIs", "bAsE #base <a:b>\n<a/>" * 2_000),
    ],
)
def test_what_strings_and_comments_hide_is_refused(ending: str, told: str, text: str) -> None:
    with pytest.raises(InputError, match=f"has (more than [0-9,]+ )?{told}"):
        RdfParser(Path(f"data{ending}"), text.encode(), FORMATS[ending])


@pytest.mark.parametrize(
    ("ending", "text"),
    [
        (".jsonld", '["' + '\\"' * 60_000 + "[" * 300),
        (".rdf", f"{XML}{'<!--' * 20_000}"),
        (".rdf", f"{XML}{'<e:A' * 20_000}"),
        (".ttl", "<< >>" * 101 + "base#" * 20_000),
        (".ttl", "ex:base <a> . # base <a>\n" * 2_000 + "'base <a>' " * 2_000),
    ],
)
def test_what_does_not_end_is_looked_at_once(ending: str, text: str) -> None:
    assert bounds.beyond_bounds(text.encode(), FORMATS[ending]) is None


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE r [<!ENTITY a0 "lol">'
        + "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(1_000))
        + f"]>{XML}</rdf:RDF>",
        f'{DTD}{"x" * 11_000}">]>{XML}<e:A><e:p>{"&a;" * 11_000}</e:p></e:A></rdf:RDF>',
    ],
)
def test_entities_that_stand_for_too_much_are_refused(text: str) -> None:
    with pytest.raises(
        InputError, match=r"^data\.rdf:1:\d+: has entities that stand for more than"
    ):
        RdfParser(Path("data.rdf"), text.encode(), FORMATS[".rdf"])


def test_entities_of_namespaces_are_read() -> None:
    text = f'{DTD}http://e/">]>{XML}<e:A rdf:about="&a;b"/></rdf:RDF>'
    assert len(list(RdfParser(Path("data.rdf"), text.encode(), FORMATS[".rdf"]))) == 1


def test_a_term_that_no_parser_takes_is_told_with_the_bound() -> None:
    text = f'<a:a> <a:b> "{"x" * bounds.LONGEST_TERM}" .'
    with pytest.raises(
        InputError, match=r"^data.nt: has a term or a comment of more than 16,777,216"
    ):
        list(RdfParser(Path("data.nt"), text.encode(), FORMATS[".nt"]))


def test_a_number_that_is_too_long_beside_a_context_is_told(tmp_path: Path) -> None:
    (tmp_path / "context.json").write_text('{"@context": {"a": "http://e/a"}}', "utf-8")
    text = f'{{"@context": "context.json", "a": {"1" * 5_000}}}'
    path = tmp_path / "data.jsonld"
    with pytest.raises(InputError, match=r"data\.jsonld: not valid JSON: Exceeds the limit"):
        list(RdfParser(path, text.encode(), FORMATS[".jsonld"]))
