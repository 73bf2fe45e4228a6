"""The door for agents: Vela over MCP on standard input and output."""

import logging
import os
import sys


def main() -> int:
    """Serve agents; returns the exit status."""
    # The host reads standard output as messages. They alone are written to it, through a descriptor of their own;
    # whatever else is printed from here on, by any library and at exit too, goes where the log goes.
    messages = os.dup(1)
    os.dup2(2, 1)
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.captureWarnings(capture=True)
    from vela.mcp.running import run  # noqa: PLC0415 - only now may what is imported say something

    return run(messages)


if __name__ == "__main__":
    sys.exit(main())
