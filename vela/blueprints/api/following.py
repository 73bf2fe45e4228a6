"""What can be done next with what a call has made: links from the new resource to every call that takes its id."""

import re
from typing import Any

JSON = "application/json"
Paths = dict[str, dict[str, dict[str, Any]]]


def with_links(paths: Paths) -> Paths:
    """The same calls, in which the answer of each that makes something links to what can be done with it."""
    places = _places(paths)
    for item in paths.values():
        for operation in item.values():
            made = operation["responses"].get("201")
            followers = places.get(_model(made), {}) if made else {}
            if made and followers:
                made["links"] = followers
    return paths


def _places(paths: Paths) -> dict[str, dict[str, Any]]:
    """By the schema of a resource, links to the calls whose path holds its id and nothing else."""
    ids = {
        _model(item["get"]["responses"]["200"]): path[: path.index("}") + 1]
        for path, item in paths.items()
        if "get" in item and re.fullmatch(r"[^{]+\{\w+_id\}", path)
    }
    return {
        model: {
            operation["operationId"]: _link(operation["operationId"], beginning)
            for path, item in paths.items()
            if path.startswith(beginning) and path.count("{") == 1
            for operation in item.values()
        }
        for model, beginning in ids.items()
        if model
    }


def _link(operation_id: str, beginning: str) -> dict[str, Any]:
    parameter = beginning.rpartition("{")[2].removesuffix("}")
    return {"operationId": operation_id, "parameters": {parameter: "$response.body#/id"}}


def _model(response: dict[str, Any]) -> str:
    """The schema of a single resource that is answered; empty for anything else."""
    return response.get("content", {}).get(JSON, {}).get("schema", {}).get("$ref", "")
