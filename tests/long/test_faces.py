"""At length: any sequence of changes through three faces."""

from hypothesis import settings

from tests.long.conftest import Tell, times
from tests.proofs.test_faces_machine import Desk, desk, run_faces

__all__ = ["desk"]


def test_faces(desk: Desk, tell: Tell) -> None:
    examples = times("VELA_PROVE_EXAMPLES", 200)
    acts = run_faces(desk, settings(max_examples=examples, stateful_step_count=30))
    tell("Three faces, one set of books", f"{examples} sequences, {acts} acts: 0 differences")
