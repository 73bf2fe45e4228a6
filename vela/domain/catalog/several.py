"""Several changes of one offer at once: all of them as one revision, so that one undo takes them back, or none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from vela.clock import now
from vela.domain.catalog.commands import new_component, real_changes, take_over
from vela.domain.catalog.intake import MOST_COMPONENTS, ComponentChanges, NewComponent, ServiceChanges
from vela.domain.catalog.models import Component, Service
from vela.domain.catalog.staleness import refuse_stale_component, refuse_stale_removal
from vela.domain.catalog.upkeep import check_prices, finish, lock_service, place, renumber, too_many
from vela.domain.people.access import Act, Actor, require
from vela.errors import Invalid, Issue, NotFound, Refusal
from vela.intake import Flag, Identity, Version, Words, read
from vela.language import gettext as _

WHICH = ("id", "version", "remove")
MOST_ROWS = 2 * MOST_COMPONENTS  # whoever writes keeps others waiting, so no more is begun than could be kept


@dataclass(frozen=True, slots=True)
class Add:
    """A component to add, at its `position` or after the others."""

    words: NewComponent


@dataclass(frozen=True, slots=True)
class Revise:
    """What to change of a component; `version` is the one the caller read, if they say."""

    component_id: int
    words: ComponentChanges
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Remove:
    """A component to take out; `version` is the one the caller read, if they say."""

    component_id: int
    version: int | None = None


Step = Add | Revise | Remove


class _Which(Words):
    """Which component a row is about."""

    id: Identity
    version: Version = 1
    remove: Flag = False

    @property
    def seen(self) -> int | None:
        return self.version if "version" in self.model_fields_set else None


def read_rows(rows: Sequence[Mapping[str, Any]], *, typed: bool = False) -> list[Step]:
    """Understand rows as a caller says them: one with `id` changes that component (and `version` says what was read),
    `id` with a true `remove` takes it out, and one without `id` adds a component. `typed`: the rows are JSON.

    Raises Invalid with every complaint of every row, each under its path, such as `rows[3].unit_cost`; Conflict for
    more rows than taking out all that an offer can hold, and filling it anew, would need.
    """
    if len(rows) > MOST_ROWS:
        raise too_many()
    return _each(rows, lambda row: _read_row(row, typed))


def _read_row(row: Mapping[str, Any], typed: bool) -> Step:
    said = {name: value for name, value in row.items() if typed or name not in WHICH or value is not None}
    if "id" not in said:
        return Add(read(NewComponent, said, typed=typed))
    which = read(_Which, {name: value for name, value in said.items() if name in WHICH}, typed=typed)
    rest = {name: value for name, value in said.items() if name not in WHICH}
    if which.remove:
        read(_Which, said, typed=typed)
        return Remove(which.id, which.seen)
    return Revise(which.id, read(ComponentChanges, rest, typed=typed), which.seen)


def apply_changes(
    session: Session,
    actor: Actor,
    service_id: int,
    steps: Sequence[Step],
    words: ServiceChanges | None = None,
    *,
    version: int | None = None,
) -> Service:
    """Change an offer by `words` and its components by `steps`, in one revision; nothing new said leaves none.

    `version` is that of the offer the caller read, for `words`. The sums are checked once, when every step is done.
    Raises Forbidden, NotFound (no such offer), Stale for `words`; Invalid with what every step meets (no such
    component, a component named twice, somebody else's change since, a price that does not fit the kind), each under
    its path, such as `rows[3].unit_cost`; Conflict when the name is taken, or the offer would have too many
    components, cost too much or less than 0.
    """
    require(actor, Act.CHANGE_OFFERS)
    service = lock_service(session, service_id)
    changed = take_over(session, service, words, version) if words is not None else False
    done = _Doing(session, service)
    _each(steps, done.step)
    if done.changed:
        done.settle_order()
        finish(session, actor, service, "change components")
    elif changed:
        finish(session, actor, service, "change")
    return service


class _Doing:
    """The steps as they are done to one offer, which is held."""

    def __init__(self, session: Session, service: Service) -> None:
        self.session = session
        self.service = service
        self.there = {component.id: component for component in service.components}
        self.named: set[int] = set()
        self.placed: list[tuple[Component, int]] = []
        self.changed = False

    def step(self, step: Step) -> None:
        match step:
            case Add():
                self._add(step)
            case Revise():
                self._revise(step)
            case Remove():
                self._remove(step)

    def settle_order(self) -> None:
        """Close the gaps that removals left, then put where it belongs what was given a position."""
        self.session.flush()
        self.session.expire(self.service, ["components"])
        renumber(self.service.components)
        for component, position in self.placed:
            place(self.session, self.service, component, position)

    def _add(self, step: Add) -> None:
        check_prices(step.words.kind, step.words.unit_cost, step.words.unit_sell)
        component = new_component(self.service, step.words, len(self.there) + 1)
        self.session.add(component)
        self.session.flush()
        self.there[component.id] = component
        if step.words.position is not None:
            self.placed.append((component, step.words.position))
        self.changed = True

    def _revise(self, step: Revise) -> None:
        component = self._component(step.component_id)
        changes = real_changes(component, step.words.said())
        refuse_stale_component(self.session, component, changes, step.version)
        position = changes.pop("position", None)
        check_prices(*(changes.get(each, getattr(component, each)) for each in ("kind", "unit_cost", "unit_sell")))
        for field, value in changes.items():
            setattr(component, field, value)
        if changes:
            component.version += 1
        if position is not None:
            self.placed.append((component, position))
        self.changed = self.changed or bool(changes) or position is not None

    def _remove(self, step: Remove) -> None:
        component = self._component(step.component_id)
        refuse_stale_removal(self.session, component, step.version)
        component.removed_at = now()
        self.changed = True

    def _component(self, component_id: int) -> Component:
        if component_id not in self.there:
            raise NotFound("component", component_id)
        if component_id in self.named:
            words = _("This component stands here twice. Say all that changes of it in one row.")
            raise Invalid(Issue("id", "twice", words))
        self.named.add(component_id)
        return self.there[component_id]


def _each(rows: Iterable[Any], do: Callable[[Any], Any]) -> list[Any]:
    """What `do` makes of each row; Invalid with the complaints about all that it refused, each under its path."""
    made: list[Any] = []
    issues: list[Issue] = []
    for index, row in enumerate(rows):
        try:
            made.append(do(row))
        except Refusal as refusal:
            issues += in_row(index, refusal)
    if issues:
        raise Invalid(*issues)
    return made


def in_row(index: int, refusal: Refusal) -> list[Issue]:
    """What `refusal` complains about, as it is said of row number `index` of several, the first being 0."""
    if isinstance(refusal, Invalid):
        return [Issue(_path(index, issue.field), issue.code, issue.message) for issue in refusal.issues]
    field = "id" if isinstance(refusal, NotFound) else refusal.data.get("field", "")
    return [Issue(_path(index, field), refusal.code, refusal.message)]


def _path(index: int, field: str) -> str:
    return f"rows[{index}].{field}" if field else f"rows[{index}]"
