"""JSON Schemas of the annotation files, for editors that complete and check while typing.

The schemas are `JSON Schema, draft 2020-12
<https://json-schema.org/draft/2020-12/schema>`_, made from the models and, for the
words of the vocabularies, from the ontology. They say less than ``nhskg validate``
checks: not whether an id is declared, nor how the fields of an entry go together.
They are written for YAML 1.2, by which editors read: a year is a number there.
"""

from __future__ import annotations

import json
from types import GenericAlias
from typing import Any, Final

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import NullableSchema, WithDefaultSchema

from nhskg.annotation.claims import DocumentFile
from nhskg.annotation.fields import Frozen, Ref
from nhskg.annotation.register import REGISTER_FILE
from nhskg.project import QUOTE_WORDS, reading
from nhskg.rdf import terms
from nhskg.vocabulary import REGISTER_KINDS, Kind, Vocabulary

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_ID_PATTERN: Final = "[a-z0-9]+(-[a-z0-9]+)*"
_PREFIX_PATTERN: Final = "([A-Za-z][A-Za-z0-9_-]*:)?"  # of a word of a corpus's own


class _Generator(GenerateJsonSchema):
    """Leaves out null and defaults: a field of an annotation is given, or not there."""

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def render_schemas(vocabulary: Vocabulary) -> dict[str, str]:
    """Return the text of each file of schemas by its name, as the settings in use have it."""
    fields: dict[str, Any] = {
        name: (GenericAlias(tuple, (model, ...)), Field((), description=description))
        for name, (model, description) in REGISTER_FILE.items()
    }
    text = "A file of ``seeds/register``: any of the sections, in any order."
    register = create_model("RegisterFile", __base__=Frozen, __doc__=text, **fields)
    schemas = (
        _schema(DocumentFile, "document", "An annotated document of nhskg", vocabulary),
        _schema(register, "register", "A file of the nhskg register", vocabulary),
    )
    most, limit = f"at most {QUOTE_WORDS} words", f"at most {reading().quote_words} words"
    texts = (json.dumps(each, indent=2, ensure_ascii=False) for each in schemas)
    return {
        each["$id"].rpartition("/")[2]: f"{text}\n".replace(most, limit)
        for each, text in zip(schemas, texts, strict=True)
    }


def _schema(
    model: type[BaseModel], name: str, title: str, vocabulary: Vocabulary
) -> dict[str, Any]:
    used: set[Kind] = set()
    body = _tidied(model.model_json_schema(schema_generator=_Generator), used)
    definitions = dict(sorted(body.pop("$defs", {}).items()))
    words = {_definition_name(kind): _words(kind, vocabulary) for kind in sorted(used)}
    return {
        "$schema": _DIALECT,
        "$id": f"{terms.ID.removesuffix('id/')}schema/{name}.schema.json",
        "title": title,
        **{key: value for key, value in body.items() if key != "title"},
        "$defs": {**definitions, **words},
    }


def _tidied(value: Any, used: set[Kind], *, names: bool = False) -> Any:
    """Return a schema without pydantic's titles, and with references to vocabularies.

    ``names``: whether the keys are names of fields, not keywords of JSON Schema.
    """
    if isinstance(value, list):
        return [_tidied(item, used) for item in value]
    if not isinstance(value, dict):
        return value
    mark = None if names else value.get("x-nhskg-ref")
    found = {
        key: _tidied(item, used, names=not names and key in ("properties", "$defs"))
        for key, item in value.items()
        if names or key not in ("title", "x-nhskg-ref", "discriminator")
    }
    return found if mark is None else {**found, **_reference(mark, used)}


def _reference(mark: Ref, used: set[Kind]) -> dict[str, Any]:
    if len(mark.kinds) == 1 and (kind := next(iter(mark.kinds))) not in REGISTER_KINDS:
        used.add(kind)
        return {"$ref": f"#/$defs/{_definition_name(kind)}"}
    name = _PREFIX_PATTERN + _ID_PATTERN
    claim = f"claim/({_ID_PATTERN}/)?{_ID_PATTERN}"
    if not mark.kinds:
        return {"type": "string", "pattern": f"^{claim}$"}
    return {"type": "string", "pattern": f"^({name}{f'|{claim}' if mark.claims else ''})$"}


def _definition_name(kind: Kind) -> str:
    return kind.value.replace(" ", "-")


def _words(kind: Kind, vocabulary: Vocabulary) -> dict[str, Any]:
    words = [term for term in vocabulary.values() if term.kind == kind]
    return {
        "description": f"{kind.with_article}, of the vocabulary of the ontology",
        "enum": [term.slug for term in words],
        "markdownEnumDescriptions": [term.definition or term.label for term in words],
    }
