"""The months that somebody asks figures of: one, or a first and a last."""

from vela.errors import invalid
from vela.language import gettext as _
from vela.periods import Month, Span

MOST_MONTHS = 600


def span_asked(first: Month, last: Month) -> Span:
    """The months from `first` to `last`. Raises Invalid under `to`: when `last` comes before, or over fifty years."""
    span = Span(first, last)
    if span.count < 1:
        raise invalid("to", "month", _("The last month cannot come before the first."))
    if span.count > MOST_MONTHS:
        raise invalid("to", "month", _("Choose fifty years at most."))
    return span
