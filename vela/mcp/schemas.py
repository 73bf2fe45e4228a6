"""The schemas of what tools take and answer, made from the models that validate and serialize."""

import json
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from vela.domain.catalog.intake import ComponentChanges
from vela.intake import Words
from vela.mcp.results import ProblemShape
from vela.shapes.base import Shape

Schema = dict[str, Any]


def input_schema(reads: type[Words], about: dict[str, tuple[str, object]]) -> Schema:
    """What a tool takes: names, formats and bounds from the intake model, meanings and examples from `about`."""
    schema = reads.model_json_schema()
    keeps = issubclass(reads, ComponentChanges)
    properties: Schema = {}
    said = dict(_properties(schema))
    for name, (words, example) in about.items():
        if name not in said:
            continue
        kind = said[name]
        needless = ["title", "description", "examples", *_default_of(kind, keeps=keeps), *_pattern_of(kind)]
        plain = _without(_in_decimals(_unless_null(kind)), *needless)
        properties[name] = plain | {"description": words, "examples": [example]}
    return {
        "type": "object",
        "properties": properties,
        "required": schema.get("required", []),
        "additionalProperties": False,
    }


def _properties(schema: Schema) -> list[tuple[str, Schema]]:
    return list(cast("dict[str, Schema]", schema.get("properties", {})).items())


def _unless_null(kind: Schema) -> Schema:
    """What may be null may as well be left out, which is all that a model needs to know."""
    branches = cast("list[Schema]", kind.get("anyOf", []))
    kept = [branch for branch in branches if branch != {"type": "null"}]
    return _without(kind, "anyOf") | kept[0] if len(kept) == 1 else kind


def _in_decimals(kind: Schema) -> Schema:
    """Without multiples: hosts exist that check them in binary fractions, in which 19.99 is no multiple of 0.01."""
    branches = cast("list[Schema]", kind.get("anyOf", []))
    whole = {"anyOf": [_without(branch, "multipleOf") for branch in branches]} if branches else {}
    return _without(kind, "multipleOf") | whole


def _default_of(kind: Schema, *, keeps: bool) -> list[str]:
    """A default that says nothing: null, or that of a field which keeps its value when it is left out."""
    return ["default"] if keeps or kind.get("default", "") is None else []


def _pattern_of(kind: Schema) -> list[str]:
    """The pattern of free text, which only excludes unprintable signs and is hard on a model that reads it."""
    return ["pattern"] if "maxLength" in kind else []


def output_schema(answers: type[Shape]) -> Schema:
    """What a tool answers: its shape, or a problem.

    Problems are part of it because clients exist that hold error results against the schema too, and would show the
    mismatch instead of the reason.
    """
    kinds: list[type[BaseModel]] = [answers, ProblemShape]
    names, made = models_json_schema([(kind, "serialization") for kind in kinds])
    definitions = {name: _plain(schema) for name, schema in cast("dict[str, Schema]", made["$defs"]).items()}
    either = [names[(kind, "serialization")] for kind in kinds]
    return {"type": "object", "anyOf": either, "$defs": _reached(either, definitions)}


def _plain(schema: Schema) -> Schema:
    """Without the titles that only repeat names, and with one type at a time, which more hosts understand."""
    properties = {name: _one_type(_without(kind, "title", "default")) for name, kind in _properties(schema)}
    return _without(schema, "title") | {"properties": properties}


def _one_type(kind: Schema) -> Schema:
    types = kind.get("type")
    if not isinstance(types, list):
        return kind
    bounds = _without(kind, "type", "description")
    branches = [({"type": each} | bounds) if each != "null" else {"type": each} for each in cast("list[str]", types)]
    return {name: kind[name] for name in ("description",) if name in kind} | {"anyOf": branches}


def _reached(either: list[Schema], definitions: dict[str, Schema]) -> dict[str, Schema]:
    """The definitions that something refers to; pydantic also lists types that it wrote out in place."""
    text = json.dumps([either, definitions])
    return {name: schema for name, schema in definitions.items() if f'"#/$defs/{name}"' in text}


def _without(schema: Schema, *names: str) -> Schema:
    return {name: value for name, value in schema.items() if name not in names}
