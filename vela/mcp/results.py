"""How answers and refusals become tool results: structured content for the host, and text a model can act on."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from mcp_types import CallToolResult, TextContent
from pydantic import BaseModel

from vela.errors import Invalid, NotFound, Refusal, Stale
from vela.language import gettext as _
from vela.problems import issues_of, plain, problem, status_of
from vela.shapes.base import Shape
from vela.shapes.effects import ChangingShape

IDS_NAMED = 50
REPLAYED = "vela/idempotent-replayed"


class ComplaintShape(BaseModel):
    """One complaint; `pointer` says which argument it is about."""

    detail: str
    pointer: str


class ProblemShape(BaseModel):
    """Why a call was refused: the members of a problem body of the JSON API, and whatever else is known."""

    type: str
    title: str
    status: int
    detail: str
    success: bool
    error: str
    errors: list[ComplaintShape]


def as_text(value: object) -> str:
    """JSON text; names and notes in it stay quoted data whatever they say."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def answered(shape: Shape) -> CallToolResult:
    """What was asked for, as structured content and, for hosts that only show text, the same as text."""
    content = shape.model_dump(mode="json")
    told = [TextContent(text=words) for words in _not_done(shape)]
    return CallToolResult(content=[TextContent(text=as_text(content)), *told], structured_content=content)


def _not_done(shape: Shape) -> list[str]:
    """What a model must not overlook: that nothing was changed."""
    if not isinstance(shape, ChangingShape) or shape.status == "done":
        return []
    if shape.proposal is None:
        return [_("Nothing was changed: this is what would happen.")]
    words = _(
        "Nothing was changed yet: this is proposal %(id)s, which a person approves or declines under Proposals in "
        "Vela, until %(date)s. get_proposals says what became of it. Do not propose it again.",
        id=shape.proposal.id,
        date=shape.proposal.expires_at.date(),
    )
    return [words]


def replayed(body: str) -> CallToolResult:
    """What was answered the first time, with a word that it was; hosts find the same in `_meta`."""
    told = _("This was done before, under the same idempotency_key. Nothing was done now; this is the answer of then.")
    return CallToolResult(
        content=[TextContent(text=as_text(json.loads(body))), TextContent(text=told)],
        structured_content=json.loads(body),
        _meta={REPLAYED: True},
    )


def refused(refusal: Refusal, existing: Sequence[int] = ()) -> CallToolResult:
    """A refusal as an error result; `existing` are ids that would have been found."""
    return CallToolResult(
        content=[TextContent(text=advice(refusal, existing))],
        structured_content=body_of(refusal) | ({"existing_ids": list(existing)} if existing else {}),
        is_error=True,
    )


def crashed(code: str) -> CallToolResult:
    """A fault of ours: nothing of it leaves but a code to find it by in the log."""
    detail = crash_words(code)
    body = problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", detail, known={"fault": code})
    return CallToolResult(content=[TextContent(text=detail)], structured_content=body, is_error=True)


def crash_words(code: str) -> str:
    return _(
        "Something went wrong inside Vela. Read what is stored before you try again. The log has it under %(code)s.",
        code=code,
    )


def body_of(refusal: Refusal) -> dict[str, Any]:
    """The body of a refusal, which the JSON API gives too."""
    return problem(status_of(refusal), refusal.code, refusal.message, issues_of(refusal), refusal.data)


def advice(refusal: Refusal, existing: Sequence[int] = ()) -> str:
    """What was wrong and what to do about it, in sentences for a model."""
    match refusal:
        case Invalid():
            complaints = [
                f"{issue.field}: {issue.message}" if issue.field else issue.message for issue in refusal.issues
            ]
            return " ".join([*complaints, _("Nothing was changed.")])
        case NotFound():
            return f"{refusal.message} {_where_to_look(str(refusal.data['kind']), existing)}"
        case Stale():
            return f"{refusal.message} {_read_again(refusal.data)}"
        case _:
            return refusal.message


def _where_to_look(kind: str, existing: Sequence[int]) -> str:
    if not existing:
        known = {
            "revision": _("get_revisions lists those of an offer with their numbers."),
            "transaction": _("get_transactions lists those that count with their ids."),
        }
        return known.get(kind) or _("get_services lists every offer and component with its id.")
    shown = ", ".join(map(str, existing[:IDS_NAMED]))
    return _("These exist: %(ids)s.", ids=f"{shown}, …" if len(existing) > IDS_NAMED else shown)


def _read_again(data: dict[str, Any]) -> str:
    now = _("It is version %(version)s now.", version=data["version"])
    if data["field"]:
        now = _(
            "%(field)s is %(value)s now, in version %(version)s.",
            field=data["field"],
            value=as_text(plain(data["theirs"])),
            version=data["version"],
        )
    again = _(
        "Nothing was changed. Read it again with get_service; if your change still holds, send it with that version."
    )
    return f"{now} {again}"
