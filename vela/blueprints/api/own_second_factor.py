"""One's own second factor over JSON: each change asks for the password, and never takes a personal token."""

from http import HTTPStatus
from typing import Annotated

from flask import Response, request
from pydantic import Field

from vela.blueprints.api.answers import answer, nothing
from vela.blueprints.api.describing import NEEDS_RIGHTS, Answer
from vela.blueprints.api.guards import actor, database, sign_in_key, vela
from vela.blueprints.api.reading import body
from vela.blueprints.api.routes import call
from vela.domain.people import second_factor
from vela.domain.people.access import require_person
from vela.domain.people.intake import GivenCode, Password
from vela.intake import Said, Words
from vela.shapes.base import Shape
from vela.signin import proving

TAG = "Your account"
REFUSES = (*NEEDS_RIGHTS, 409, 429)
PASSWORD = {"current_password": "correct horse battery"}
WITH_CODE = PASSWORD | {"code": "492039"}


class GivenAgain(Words):
    """The password that you have."""

    current_password: Password


class GivenAgainWithCode(GivenCode):
    """The password that you have, and a code of the second factor."""

    current_password: Password


class SecondFactorShape(Shape):
    """Whether signing in asks for a code, and how many recovery codes were not used yet."""

    on: bool
    recovery_codes_left: int


class EnrolmentShape(Shape):
    """What an app that makes codes has to be told; nothing shows it again."""

    secret: Annotated[str, Field(description="In base 32, for typing.")]
    address: Annotated[str, Field(description="An `otpauth://` address, for drawing as a QR code.")]


class RecoveryCodesShape(Shape):
    """Codes that stand in for a second factor that was lost, each of them once; nothing shows them again."""

    recovery_codes: list[str]


def _asked(model: type[Said]) -> Said:
    """What was sent. Raises Forbidden for a personal token, before it could be used to guess at the password."""
    require_person(actor())
    return body(model)


def _prove(password: str) -> None:
    """Raises Invalid under `current_password`; Unauthenticated after too many wrong ones."""
    proving.prove_password(database(), actor(), password, _address())


def _address() -> str:
    return request.remote_addr or ""


@call("GET /auth/second-factor", TAG, Answer(model=SecondFactorShape))
def get_second_factor() -> Response:
    """Whether you have a second factor."""
    me = actor().user_id or 0
    with database().reading() as session:
        left = second_factor.recovery_codes_left(session, me)
        return answer(SecondFactorShape(on=second_factor.is_on(session, me), recovery_codes_left=left))


@call(
    "POST /auth/second-factor",
    TAG,
    Answer(model=EnrolmentShape),
    said=GivenAgain,
    example=PASSWORD,
    refuses=REFUSES,
)
def begin_second_factor() -> Response:
    """Begin setting up a second factor: a secret for your app, which counts for nothing until a code was right.

    Only with the token of a sign-in, never a personal one. With a second factor it is 409 SECOND_FACTOR_ON.
    """
    _prove(_asked(GivenAgain).current_password)
    with database().transaction() as session:
        begun = second_factor.enrol(session, actor(), vela().sealer)
        return answer(EnrolmentShape(secret=begun.secret, address=begun.address))


@call(
    "POST /auth/second-factor/confirm",
    TAG,
    Answer(model=RecoveryCodesShape),
    said=GivenAgainWithCode,
    example=WITH_CODE,
    refuses=REFUSES,
)
def confirm_second_factor() -> Response:
    """From now on signing in asks for a code; all your other sign-ins end. Only with the token of a sign-in.

    Within half an hour after you began, else it is 409 SECOND_FACTOR_NOT_BEGUN. Keep the recovery codes.
    """
    words = _asked(GivenAgainWithCode)
    _prove(words.current_password)
    with database().transaction() as session:
        codes = second_factor.confirm(session, actor(), vela().sealer, words.code, sign_in_key() or "")
        return answer(RecoveryCodesShape(recovery_codes=codes))


@call(
    "POST /auth/second-factor/codes",
    TAG,
    Answer(model=RecoveryCodesShape),
    said=GivenAgainWithCode,
    example=WITH_CODE,
    refuses=REFUSES,
)
def make_recovery_codes() -> Response:
    """Ten new recovery codes in place of those before, for a code. Only with the token of a sign-in."""
    words = _asked(GivenAgainWithCode)
    _prove(words.current_password)
    writing = database().transaction()
    with proving.proving_code(database(), actor(), vela().sealer, words, _address(), writing) as session:
        return answer(RecoveryCodesShape(recovery_codes=second_factor.new_recovery_codes(session, actor())))


@call(
    "POST /auth/second-factor/off",
    TAG,
    Answer(HTTPStatus.NO_CONTENT, words="Turned off"),
    said=GivenAgainWithCode,
    example=WITH_CODE,
    refuses=REFUSES,
)
def turn_off_second_factor() -> Response:
    """Signing in asks for the password alone again, for a last code. Only with the token of a sign-in."""
    words = _asked(GivenAgainWithCode)
    _prove(words.current_password)
    writing = database().transaction()
    with proving.proving_code(database(), actor(), vela().sealer, words, _address(), writing) as session:
        second_factor.turn_off(session, actor())
        return nothing()
