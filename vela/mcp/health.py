"""Whether the server for agents can do its work, for a monitor: it tells everybody nothing but that."""

import math
import time
from collections.abc import Callable
from http import HTTPStatus

import anyio
from anyio.to_thread import run_sync
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from vela import schema
from vela.db import Database
from vela.mcp import replies
from vela.standing import newest

REMEMBERED_SECONDS = 1.0


class Health:
    """One answer for everybody who asks within a second; `clock` tells seconds that never go back."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database, self._clock = database, clock
        self._looking = anyio.Lock()
        self._is_well, self._looked = False, -math.inf

    async def answer(self) -> Response:
        """200 while the books can be read, else 503."""
        async with self._looking:
            if self._clock() - self._looked >= REMEMBERED_SECONDS:
                self._is_well = await run_sync(_is_well, self._database)
                self._looked = self._clock()
        if self._is_well:
            return replies.plain(HTTPStatus.OK, {"status": "ok"})
        return replies.plain(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "unavailable"})


def _is_well(database: Database) -> bool:
    try:
        return schema.standing(database) == newest()
    except SQLAlchemyError:
        return False
