"""What the document says of each call, and whether something fits what it says."""

from typing import Any, cast

from jsonschema import Draft202012Validator, FormatChecker

JSON = "application/json"
PROBLEM = "application/problem+json"
Call = tuple[str, str]


def operations(document: dict[str, Any]) -> dict[Call, dict[str, Any]]:
    """Each operation by its method and path."""
    return {
        (method.upper(), path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def success(operation: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status and the description of what a call answers when all is well."""
    return next((int(status), said) for status, said in operation["responses"].items() if int(status) < 400)


def examples(kind: dict[str, Any]) -> list[Any]:
    """The examples of a body."""
    one = [kind["example"]] if "example" in kind else []
    return one + [each["value"] for each in kind.get("examples", {}).values()]


def faults(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    """Why `value` does not fit `schema`, or holds what the schema does not know; empty when it does."""
    known = {"components": {"schemas": _closed(document["components"]["schemas"])}}
    validator = Draft202012Validator({**schema, **known}, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _closed(schema: Any) -> Any:
    """The same schemas, in which an object has no other fields than those they name."""
    if isinstance(schema, list):
        return [_closed(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    said = {name: _closed(value) for name, value in cast("dict[str, Any]", schema).items()}
    names_fields = said.get("type") == "object" and "properties" in said
    return {"additionalProperties": False} | said if names_fields else said
