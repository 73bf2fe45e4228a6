"""The log: one line on standard error for each thing that happened, JSON for machines or plain text for a terminal."""

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, Literal, TextIO

import structlog
from pydantic import ValidationError
from structlog.stdlib import BoundLogger, ProcessorFormatter

from vela.tracing import request_id

Style = Literal["json", "plain"]
Line = MutableMapping[str, Any]

REMOVED = "[removed]"
SECRET_NAMES = {"authorization", "cookie", "password", "secret", "token", "api_key", "code_typed"}
# What a secret of ours looks like wherever it turns up: a personal token, a signed token, a password in an address,
# and what a header says after its name.
SECRETS = re.compile(
    r"vela_pat_[\w-]+"
    r"|eyJ[\w-]+\.[\w-]+\.[\w-]*"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
    r"|(?i:(?<=bearer )\S+|(?<=basic )\S+)"
)
SHORTEST_HIDDEN = 6
MOST_LETTERS = 20_000  # of one value: a line must stay one that a journal keeps whole
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def log() -> BoundLogger:
    """Where Vela writes: `log().info("request", status=200)`. The first words name the event, the rest are facts."""
    return structlog.stdlib.get_logger("vela")


def style_for(wanted: str, stream: TextIO | None = None) -> Style:
    """How to write to `stream` (standard error): as `wanted` says, else plain for a terminal and JSON elsewhere."""
    if wanted in ("json", "plain"):
        return "json" if wanted == "json" else "plain"
    return "plain" if (stream or sys.stderr).isatty() else "json"


def configure(style: Style, level: int = logging.INFO, stream: TextIO | None = None) -> None:
    """Send every line there is, Python's own and those of libraries too, to `stream` (standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(formatter(style))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for ours in ("vela", "gunicorn.error"):
        logging.getLogger(ours).setLevel(level)
    logging.captureWarnings(capture=True)


def formatter(style: Style) -> logging.Formatter:
    """Writes a record of any logger as one line of JSON, or as plain text."""
    last = _as_json if style == "json" else _as_text
    return ProcessorFormatter(
        processors=[ProcessorFormatter.remove_processors_meta, _tell_fault, _conceal, last], foreign_pre_chain=_SHARED
    )


def hide(words: str, secrets: Iterable[str]) -> str:
    """`words` without any of `secrets`, as they are or as Python would write them in a message."""
    for secret in sorted({each for each in secrets if len(each) >= SHORTEST_HIDDEN}, key=len, reverse=True):
        for form in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]):
            words = words.replace(form, REMOVED)
    return words


def traceback_without(secrets: Iterable[str], error: BaseException) -> str:
    """The traceback of `error`, safe for any handler: none of `secrets` in it, nor what looks like one of ours."""
    return SECRETS.sub(REMOVED, hide(_traceback(error), secrets))


def _name_request(_logger: object, _method: str, line: Line) -> Line:
    if request_id.get():
        line.setdefault("request_id", request_id.get())
    return line


_SHARED: list[Any] = [
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    _name_request,
]


def _tell_fault(_logger: object, _method: str, line: Line) -> Line:
    """The traceback as text."""
    error = _error_of(line.pop("exc_info", None))
    if error is not None:
        line["traceback"] = _traceback(error)
    return line


def _error_of(told: Any) -> BaseException | None:
    """The error behind what Python's logging takes for one: itself, its triple, or True for the present one."""
    match told:
        case BaseException():
            return told
        case (_, BaseException() as error, _):
            return error
        case True:
            return sys.exc_info()[1]
        case _:
            return None


def _traceback(error: BaseException) -> str:
    """As Python prints it, without what pydantic repeats of the input."""
    text = structlog.processors.ExceptionRenderer()(None, "", {"exc_info": error})["exception"]
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ValidationError):
            text = text.replace(str(seen), f"{seen.error_count()} complaints, by pydantic, about {seen.title}")
        seen = seen.__cause__ or seen.__context__
    return text


def _conceal(_logger: object, _method: str, line: Line) -> Line:
    return {name: REMOVED if name.lower() in SECRET_NAMES else _concealed(value) for name, value in line.items()}


def _concealed(value: Any) -> Any:
    match value:
        case str():
            words = SECRETS.sub(REMOVED, value)
            return words if len(words) <= MOST_LETTERS else f"{words[:MOST_LETTERS]}…"
        case None | bool() | int() | float():
            return value
        case _:
            return SECRETS.sub(REMOVED, str(value))


def _as_json(_logger: object, _method: str, line: Line) -> str:
    """One line whatever is in it: everything outside ASCII, and every line break, is written as JSON escapes it."""
    first: Mapping[str, Any] = {name: line.pop(name) for name in ("at", "level", "event") if name in line}
    return json.dumps({**first, **line})


def _as_text(_logger: object, _method: str, line: Line) -> str:
    """The time, the event and its facts in one line; a traceback below it, set in from the margin."""
    traceback = str(line.pop("traceback", ""))
    time, level, event = (_one_line(line.pop(name, "")) for name in ("at", "level", "event"))
    line.pop("logger", None)
    facts = "".join(f"  {name}={_one_line(value)}" for name, value in line.items() if value not in ("", None))
    below = "".join(f"\n    {_one_line(each)}" for each in traceback.splitlines())
    return f"{time[11:19]} {level:<7} {event}{facts}{below}"


def _one_line(value: object) -> str:
    return _UNPRINTABLE.sub(lambda found: repr(found[0])[1:-1], str(value))


# Everything goes through Python's own logging, which is silent until it is configured, and never through print.
structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_SHARED, ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=BoundLogger,
    cache_logger_on_first_use=False,
)
