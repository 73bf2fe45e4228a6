"""The schemas of what tools take and answer, made from the models that validate and serialize."""

from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from vela.domain.catalog.intake import ComponentChanges
from vela.intake import Words
from vela.mcp.results import ProblemShape
from vela.shapes import Shape

Schema = dict[str, Any]


def input_schema(reads: type[Words], about: dict[str, tuple[str, object]]) -> Schema:
    """What a tool takes: names, formats and bounds from the intake model, meanings and examples from `about`."""
    schema = reads.model_json_schema()
    keeps = issubclass(reads, ComponentChanges)
    properties: Schema = {}
    for name, kind in cast("dict[str, Schema]", schema.get("properties", {})).items():
        words, example = about[name]
        said = _without(kind, "title", "description", "examples", *_default_of(kind, keeps=keeps), *_pattern_of(kind))
        properties[name] = said | {"description": words, "examples": [example]}
    return {
        "type": "object",
        "properties": properties,
        "required": schema.get("required", []),
        "additionalProperties": False,
    }


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
    names, definitions = models_json_schema([(answers, "serialization"), (ProblemShape, "serialization")])
    either = [names[(kind, "serialization")] for kind in (cast("type[BaseModel]", answers), ProblemShape)]
    return {"type": "object", "anyOf": either, "$defs": _untitled(definitions["$defs"])}


def _untitled(definitions: dict[str, Schema]) -> dict[str, Schema]:
    """Without the titles that only repeat the names."""
    return {
        name: _without(schema, "title")
        | {"properties": {key: _without(kind, "title") for key, kind in schema["properties"].items()}}
        for name, schema in definitions.items()
    }


def _without(schema: Schema, *names: str) -> Schema:
    return {name: value for name, value in schema.items() if name not in names}
