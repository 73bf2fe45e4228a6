"""What Vela is measured against: a Flask view that does nothing, served by gunicorn as Vela is.

Run as `python bench/bare.py OPTIONS`, with gunicorn's options as JSON. It imports nothing of Vela.
What is sent to /bytes is what /bytes answers from then on.
"""

import json
import sys
from typing import Any

from flask import Flask, Response, request
from gunicorn.app.base import BaseApplication

app = Flask(__name__)
kept = [b""]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.put("/bytes")
def keep() -> dict[str, int]:
    kept[0] = request.get_data()
    return {"kept": len(kept[0])}


@app.get("/bytes")
def give() -> Response:
    return Response(kept[0], mimetype="application/json")


class Bare(BaseApplication):
    """Gunicorn with the options it was given."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._told.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return app


if __name__ == "__main__":
    Bare(json.loads(sys.argv[1])).run()
