"""The drawings made on the server: lines with gaps, split bars, and the waterfall below zero."""

from decimal import Decimal

from vela.blueprints.web.drawings import share, spark, split
from vela.blueprints.web.profit.waterfall import draw
from vela.domain.insight.statement import Step
from vela.periods import Month

D = Decimal

NOVEMBER = Month(2026, 11).span


def test_a_line_spans_the_drawing_in_its_own_range() -> None:
    (stretch,) = spark([D(10), D(30), D(20)])
    assert stretch.line == "0.00,28.62 50.00,4.00 100.00,16.31"
    assert stretch.area == "0.00,36 0.00,28.62 50.00,4.00 100.00,16.31 100.00,36"


def test_what_is_unknown_breaks_the_line_and_a_lonely_value_is_a_dot() -> None:
    lonely, rest = spark([D(5), None, D(1), D(5)])
    assert lonely.line == "0.00,4.00 0.01,4.00"
    assert len(rest.line.split()) == 2
    assert spark([None, None]) == []


def test_a_flat_line_runs_through_the_middle() -> None:
    assert spark([D(0), D(0)])[0].line == "0.00,20.00 100.00,20.00"


def test_parts_of_a_bar_stand_beside_each_other() -> None:
    cost, margin = split([D(60), D(40)], D(200))
    assert (cost.x, cost.width) == ("0.00%", "29.65%")
    assert (margin.x, margin.width) == ("30.00%", "19.65%")
    assert (share(D(5), D(0)), share(D(-5), D(10)), share(D(50), D(10))) == (0, 0, 100)


def test_a_waterfall_that_ends_in_a_loss_goes_below_zero() -> None:
    fall = draw(
        [
            Step("revenue", "", D(100), D(100)),
            Step("cost", "Disk", D(-60), D(40)),
            Step("gross", "", D(40), D(40)),
            Step("opex", "", D(-140), D(-100)),
            Step("net", "", D(-100), D(-100)),
        ],
        NOVEMBER,
    )
    revenue, disk, gross, opex, net = fall.bars
    assert fall.zero == "56.00%"
    assert (revenue.top, revenue.height, revenue.left, revenue.width) == ("12.00%", "44.00%", "50.00%", "50.00%")
    assert (disk.top, disk.height, disk.left) == ("12.00%", "26.40%", "70.00%")
    assert (gross.top, gross.height) == ("38.40%", "17.60%")
    assert (opex.top, opex.height, opex.left, opex.width) == ("38.40%", "61.60%", "0.00%", "70.00%")
    assert (net.top, net.height, net.colour) == ("56.00%", "44.00%", "k-bad")


def test_a_month_without_anything_lies_on_the_ground() -> None:
    fall = draw([Step("revenue", "", D(0), D(0)), Step("net", "", D(0), D(0))], NOVEMBER)
    assert {bar.top for bar in fall.bars} == {"100.00%"}
    assert fall.zero == ""
