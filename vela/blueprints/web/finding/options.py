"""What the palette offers: options under headings, each a door to a page or an act."""

from collections.abc import Iterable
from dataclasses import dataclass

from vela.folding import folded


@dataclass(frozen=True, slots=True)
class Option:
    """One line: what it is called, what stands quietly beside it, and where it leads.

    `act` is what it does instead of leading to `path`: "theme" turns light and dark, "sign out" ends the sign-in.
    """

    icon: str
    label: str
    path: str = ""
    about: str = ""
    figures: str = ""
    spoken: str = ""
    key: str = ""
    act: str = ""

    def is_meant_by(self, text: str) -> bool:
        """Whether every word of `text` begins a word of its label, or of what stands beside it."""
        own = folded(f"{self.label} {self.about}").split()
        return all(any(each.startswith(word) for each in own) for word in folded(text).split())


@dataclass(frozen=True, slots=True)
class Group:
    """Options of one kind under a heading."""

    heading: str
    options: list[Option]


def filled(groups: Iterable[Group]) -> list[Group]:
    """Those groups that hold anything."""
    return [group for group in groups if group.options]
