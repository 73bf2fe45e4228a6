"""Which request is being answered: one id that its log lines, its answer and its entries in the trail share."""

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
