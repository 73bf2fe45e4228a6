"""The door for agents: Vela over MCP on standard input and output."""

import os
import sys


def main() -> int:
    """Serve agents; returns the exit status."""
    # The host reads standard output as messages. They alone are written to it, through a descriptor of their own;
    # whatever else is printed from here on, by any library and at exit too, goes where the log goes.
    messages = os.dup(1)
    os.dup2(2, 1)
    from vela import logs  # noqa: PLC0415 - only now may what is imported say something

    logs.configure(logs.style_for(os.environ.get("VELA_LOG", "")))
    from vela.mcp.running import run  # noqa: PLC0415 - what this imports may warn, and does so in the log

    return run(messages)


if __name__ == "__main__":
    sys.exit(main())
