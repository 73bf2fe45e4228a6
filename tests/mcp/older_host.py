"""A host on the SDK of the 1.x line, run by a Python that has it: what it is told on standard input as JSON, it does.

It starts the server with the given environment, or finds it at an address, and gives the same answer to whatever its
user is to be asked.
"""

import asyncio
import json
import sys
from importlib import import_module
from typing import Any

# By name, because the Python that checks this file has the newer SDK.
SDK: Any = import_module("mcp")
STDIO: Any = import_module("mcp.client.stdio")
HTTP: Any = import_module("mcp.client.streamable_http")
TYPES: Any = import_module("mcp.types")


def connected(said: Any) -> Any:
    """The two directions of a connection."""
    if "url" in said:
        return HTTP.streamablehttp_client(said["url"], headers=said["headers"])
    words = {"command": said["python"], "args": [said["server"]], "env": said["environment"], "cwd": "/"}
    return STDIO.stdio_client(SDK.StdioServerParameters(**words))


async def main() -> None:
    said = json.loads(sys.stdin.read())
    asked: list[str] = []

    async def answer(_context: Any, params: Any) -> Any:
        asked.append(params.message)
        return TYPES.ElicitResult(action=said["answer"], content={})

    async with (
        connected(said) as (reading, writing, *_more),
        SDK.ClientSession(reading, writing, elicitation_callback=answer) as session,
    ):
        begun = await session.initialize()
        tools = [tool.name for tool in (await session.list_tools()).tools]
        prompts = [prompt.name for prompt in (await session.list_prompts()).prompts]
        resource = (await session.read_resource("vela://services")).contents[0].text
        results: list[dict[str, Any]] = []
        for name, words in said["calls"]:
            result = await session.call_tool(name, words)
            results.append({"isError": result.isError, "content": result.structuredContent})
    told = {"version": begun.protocolVersion, "tools": tools, "prompts": prompts, "resource": json.loads(resource)}
    sys.stdout.write(json.dumps(told | {"asked": asked, "results": results}))


asyncio.run(main())
