"""What the doctor finds: a verdict, what it is about, why, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `do` is empty when there is nothing to do."""

    verdict: Verdict
    code: str
    words: str
    do: str = ""


def fine(code: str, words: str) -> Finding:
    return Finding(Verdict.OK, code, words)


def warning(code: str, words: str, do: str) -> Finding:
    return Finding(Verdict.WARN, code, words, do)


def failure(code: str, words: str, do: str) -> Finding:
    return Finding(Verdict.FAIL, code, words, do)
