"""What is read across the books: the dashboard, the statement and the waterfall agree with the P&L to the centime."""

from decimal import Decimal

import time_machine

from tests import make
from tests.domain.books import new_offer
from vela.clock import now
from vela.db import Database
from vela.domain.insight.dashboard import dashboard
from vela.domain.insight.statement import statement, waterfall
from vela.domain.ledger import queries
from vela.domain.workspace.settings import current_month
from vela.periods import Month, Quarter, Year, months_ending
from vela.seeding import seed_demo

NOVEMBER = Month(2026, 11)


def test_the_demo_reads_the_same_everywhere(database: Database) -> None:
    with database.transaction() as session:
        seed_demo(session)
    with database.reading() as session:
        month = current_month(session)
        board, shown = dashboard(session, month), statement(session, month)
        profits = queries.profits_of(session, months_ending(month, 12))
        assert board.trend == shown.months == profits
        assert (board.current, board.previous) == (profits[-1], profits[-2])
        assert shown.together.net_profit == sum(each.net_profit for each in profits)
        assert sum(row.total for row in shown.revenue_by_offer) == shown.together.total_revenue
        assert sum(row.total for row in shown.cost_by_group) == shown.together.total_cost
        for place, figures in enumerate(profits):
            assert sum(row.amounts[place] or 0 for row in shown.revenue_by_offer) == figures.total_revenue
            assert sum(row.amounts[place] or 0 for row in shown.cost_by_group) == figures.total_cost
        assert [offer.name for offer in board.offers] == ["Atlas", "Atlas+", "Rif", "Rif+"]
        concerns = [(each.kind, each.service.name if each.service else "", each.amount) for each in board.concerns]
        assert concerns == [("list_low", "Atlas+", 700), ("list_low", "Rif", 100), ("list_low", "Rif+", 1100),
                            ("opex", "", 800)]  # fmt: skip


def test_a_waterfall_ends_at_the_net_profit(database: Database) -> None:
    with database.transaction() as session:
        parts = [(f"Part {number}", 10 * number, 20) for number in range(1, 9)]
        make.sale(session, make.offer(session, "Many", *parts), 3)
    with database.reading() as session:
        figures = queries.profit_of(session, NOVEMBER)
        for most in (1, 2, 5, 8, 20):
            steps = waterfall(session, figures, most)
            costs = [step for step in steps if step.kind in ("cost", "other")]
            assert len(costs) == min(most, 8)
            assert steps[0].amount == figures.total_revenue == 480
            assert costs[-1].level == figures.gross_profit == -600
            assert [step.level for step in steps[-3:]] == [-600, -1400, -1400]
            assert sum(step.amount for step in costs) == -figures.total_cost


def test_an_empty_year_has_no_rows_and_no_margins(database: Database) -> None:
    with database.reading() as session:
        shown, board = statement(session, NOVEMBER), dashboard(session, NOVEMBER)
        assert (shown.revenue_by_offer, shown.cost_by_group) == ([], [])
        assert (shown.together.opex, shown.together.net_margin_pct) == (12 * 800, None)
        assert (board.previous, board.best, board.weakest, board.offers) == (None, [], [], [])
        steps = [(step.kind, step.level) for step in waterfall(session, board.current)]
    assert steps == [("revenue", 0), ("gross", 0), ("opex", -800), ("net", -800)]


def test_the_books_can_be_read_from_their_first_month_to_their_last(database: Database) -> None:
    with database.reading() as session:
        for month in (Month(1900, 1), Month(2999, 12)):
            assert dashboard(session, month).current.opex == 800
            assert len(statement(session, month).months) == 12


def test_components_are_ranked_by_what_they_earn(database: Database) -> None:
    with database.transaction() as session:
        lines = [("Half", 50, 100), ("Small half", 5, 10), ("Loss", 20, 10), ("Gift", 5, 0), ("All", 0, 30)]
        make.sale(session, make.offer(session, "Mixed", *lines, ("Nearly", 9, 90)))
    with database.reading() as session:
        board = dashboard(session, NOVEMBER)
    assert [each.name for each in board.best] == ["All", "Nearly", "Half", "Small half"]
    assert [each.name for each in board.weakest] == ["Loss"]


def test_offers_that_miss_their_target_or_have_no_parts_need_a_look(database: Database) -> None:
    new_offer(database, "Aimed high", ("Part", 60, 100), target_margin_pct="40.01")
    new_offer(database, "Aimed right", ("Part", 60, 100), target_margin_pct="40")
    new_offer(database, "Listed high", ("Part", 60, 100), list_sell="100.01")
    new_offer(database, "Listed right", ("Part", 60, 100), list_sell="100")
    with database.transaction() as session:
        make.offer(session, "Empty", components=[])
    with database.reading() as session:
        found = [(each.kind, each.service and each.service.name) for each in dashboard(session, NOVEMBER).concerns]
    assert found == [
        ("below_target", "Aimed high"),
        ("list_high", "Listed high"),
        ("no_components", "Empty"),
        ("opex", None),
    ]


def test_what_was_sold_keeps_its_groups_when_they_are_renamed(database: Database) -> None:
    with database.transaction() as session:
        service = make.offer(session, "Atlas", ("HDD", 60, 100))
        ram = make.component(session, service, "RAM", 30, 50, group="Compute")
        make.sale(session, service, 2)
        ram.group = "Memory"
    with database.reading() as session:
        rows = {row.name: row.total for row in statement(session, NOVEMBER).cost_by_group}
    assert rows == {"HDD": Decimal(120), "Compute": Decimal(60)}


def test_the_demo_leads_to_the_month_it_is_loaded_in(database: Database) -> None:
    with time_machine.travel(now().replace(year=2031, month=3, day=15), tick=False), database.transaction() as session:
        seed_demo(session)
    with database.reading() as session:
        assert [each.total_revenue > 0 for each in queries.profits_of(session, [Month(2030, 3), Month(2030, 4)])] == [
            False,
            True,
        ]
        assert queries.profit_of(session, Month(2031, 3)).total_revenue == 53_100


def test_components_of_one_name_stand_in_their_own_groups(database: Database) -> None:
    with database.transaction() as session:
        archive = make.offer(session, "Archive", ("CPU", 0, 10))
        make.component(session, archive, "Disk", 100, 200, group="Archive")
        production = make.offer(session, "Production", ("CPU", 0, 10))
        make.component(session, production, "Disk", 900, 1500, group="Production")
        make.sale(session, archive)
        make.sale(session, production)
        rows = {row.name: row.total for row in statement(session, NOVEMBER).cost_by_group}
        assert (rows["Archive"], rows["Production"]) == (100, 900)


def test_quarters_and_years_are_the_sums_of_their_months(database: Database) -> None:
    with database.transaction() as session:
        seed_demo(session)
        make.sale(session, queries.transactions(session)[0].service, 1, "2024-02")
    with database.reading() as session:
        now = current_month(session)
        for period, columns in ((Quarter.of(now), 8), (Year.of(now), now.year - 2024 + 1)):
            shown = statement(session, period)
            assert [len(shown.columns), shown.columns[-1].period] == [columns, period]
            for place, column in enumerate(shown.columns):
                months = queries.profits_of(session, column.period.span.months)
                assert column.net_profit == sum(month.net_profit for month in months)
                assert sum(row.amounts[place] or 0 for row in shown.revenue_by_offer) == column.total_revenue
                assert sum(row.amounts[place] or 0 for row in shown.cost_by_group) == column.total_cost
            assert shown.before == shown.columns[-2]
            assert [step.level for step in waterfall(session, shown.columns[-1])][-1] == shown.columns[-1].net_profit
        assert statement(session, Year(2024)).before == statement(session, Year(2023)).columns[-1]


def test_what_loses_money_or_is_about_to_end_needs_a_look(database: Database) -> None:
    new_offer(database, "Bad", ("Dear", 60, 50), ("Fair", 10, 15))
    new_offer(database, "Mixed", ("Gift", 5, 0), ("Rich", 0, 30))
    with database.transaction() as session:
        for name, last in (("Now", "2026-11"), ("Soon", "2026-12"), ("Later", "2027-01"), ("Over", "2026-10")):
            make.expense(session, name, 10, last_month=last)
    with database.reading() as session:
        found = [(each.kind, each.name, each.amount) for each in dashboard(session, NOVEMBER).concerns]
    assert found == [
        ("loss", "", 5), ("part_at_loss", "Dear", 10), ("part_at_loss", "Gift", 5), ("opex", "", 830),
        ("ends", "Now", 10), ("ends", "Soon", 10),
    ]  # fmt: skip
