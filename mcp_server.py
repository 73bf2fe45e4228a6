"""The door for agents: Vela over MCP on standard input and output."""

import logging
import sys
from contextlib import redirect_stdout


def main() -> int:
    """Serve agents; returns the exit status."""
    # Standard output carries the protocol and nothing else, so everything that may speak is sent elsewhere first.
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.captureWarnings(capture=True)
    with redirect_stdout(sys.stderr):
        from vela.mcp.running import main as run  # noqa: PLC0415 - imported once stdout is safe from what it prints
    return run()


if __name__ == "__main__":
    sys.exit(main())
