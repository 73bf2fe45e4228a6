"""In which language pages speak: the user's own, else the one chosen in this browser, else the browser's."""

from flask import Response, request

from vela.domain.people.access import Actor
from vela.language import LANGUAGES, preferred, speak

COOKIE = "language"
A_YEAR = 366 * 24 * 3600


def begin() -> None:
    """Speak as the browser, or the program, asks to be spoken to, until it is known who is asking."""
    speak(chosen_here() or preferred(request.accept_languages.values()))


def speak_to(actor: Actor) -> None:
    """Speak the language that whoever is signed in chose, if they did."""
    if actor.preferences.language:
        speak(actor.preferences.language)


def speak_as_asked(language: str) -> None:
    """Speak `language` from now on; when it is empty, that of the browser."""
    speak(language or preferred(request.accept_languages.values()))


def chosen_here() -> str:
    """The language that was chosen in this browser before anybody signed in; empty when none was."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else ""


def remember(response: Response, language: str) -> Response:
    """Let this browser speak `language` also before anybody signs in; an empty one is the browser's own."""
    if language:
        # nosemgrep: cookie-within-reach-of-scripts says all of that too; it holds two letters and lasts a year
        response.set_cookie(
            COOKIE, language, max_age=A_YEAR, secure=request.is_secure, httponly=True, samesite="Lax", path="/"
        )
    else:
        response.delete_cookie(COOKIE, path="/")
    return response
