"""The waterfall from revenue to net profit: where each bar stands, upright and, for phones, across."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from vela.blueprints.web.naming import cost_of, opex_of, result_of, sales_of
from vela.domain.insight.statement import Step
from vela.language import gettext as _
from vela.periods import Span

HUNDRED, HEADROOM, NOTHING = Decimal(100), Decimal(12), Decimal(0)
THINNEST = Decimal("0.4")
SUMS = {"revenue", "gross", "net"}
COLOURS = {"revenue": "k-rev", "gross": "k-margin-soft", "net": "k-margin"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One step, and where it opens what it is made of; places and sizes in percent of its drawing. `level` is where the
    line to the next bar runs."""

    name: str
    source: str
    amount: Decimal
    is_sum: bool
    colour: str
    top: str
    height: str
    level: str
    left: str
    width: str


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All bars; `zero` is where the zero line runs when something lies below it, else empty."""

    bars: list[Bar]
    zero: str


def draw(steps: Sequence[Step], span: Span) -> Waterfall:
    """The bars of `steps`, which are those of the months in `span`, to a scale that holds them all."""
    scale = _Scale(
        max(NOTHING, *(step.level for step in steps)),
        min(NOTHING, *(step.level for step in steps)),
    )
    starts = [
        NOTHING if step.kind in SUMS else before.level for before, step in zip([steps[0], *steps], steps, strict=False)
    ]
    bars = [_bar(step, start, scale, _source(step, span)) for step, start in zip(steps, starts, strict=True)]
    return Waterfall(bars, _percent(scale.down(NOTHING)) if scale.low < 0 else "")


@dataclass(frozen=True, slots=True)
class _Scale:
    high: Decimal
    low: Decimal

    def down(self, value: Decimal) -> Decimal:
        """How far below the top `value` lies; room for a label stays above the highest."""
        if self.high == self.low:
            return HUNDRED
        return HEADROOM + (HUNDRED - HEADROOM) * self._share(self.high - value)

    def along(self, value: Decimal) -> Decimal:
        """How far from the left `value` lies."""
        return HUNDRED * self._share(value - self.low)

    def _share(self, part: Decimal) -> Decimal:
        whole = self.high - self.low
        return part / whole if whole else NOTHING


def _bar(step: Step, start: Decimal, scale: _Scale, source: str) -> Bar:
    above, below = max(start, step.level), min(start, step.level)
    top, left = scale.down(above), scale.along(below)
    return Bar(
        step.name or name_of(step.kind),
        source,
        step.amount,
        step.kind in SUMS,
        "k-bad" if step.kind in SUMS and step.amount < 0 else COLOURS.get(step.kind, "k-cost"),
        _percent(top),
        _percent(max(THINNEST, scale.down(below) - top)),
        _percent(scale.down(step.level)),
        _percent(left),
        _percent(max(THINNEST, scale.along(above) - left)),
    )


def _source(step: Step, span: Span) -> str:
    match step.kind:
        case "revenue":
            return sales_of(span)
        case "cost":
            return cost_of(span, group=step.name)
        case "other":
            return cost_of(span)
        case "opex":
            return opex_of(span)
        case kind:
            return result_of(span, kind)


def name_of(kind: str) -> str:
    """What a step is called that has no name of its own."""
    names = {
        "revenue": _("Revenue"),
        "other": _("Other"),
        "gross": _("Gross profit"),
        "opex": _("Opex"),
        "net": _("Net profit"),
    }
    return names[kind]


def _percent(value: Decimal) -> str:
    return f"{value:.2f}%"
