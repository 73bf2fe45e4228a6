"""The rule by which backups are kept, for any history of backups."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from vela.backup.rotation import ALL_OF, DAYS, MONTHS, WEEKS, Kept, surplus

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

histories = st.lists(
    st.tuples(st.integers(0, 24 * 800), st.booleans()), max_size=80, unique_by=lambda each: each[0]
).map(lambda hours: [Kept(f"vela-{ago}", NOON - ago * HOUR, verified) for ago, verified in hours])


def stays(backups: list[Kept]) -> list[Kept]:
    gone = surplus(backups)
    return sorted((each for each in backups if each not in gone), key=lambda each: each.made_at, reverse=True)


def nightly(days: int, *, verified: bool = True) -> list[Kept]:
    return [Kept(f"vela-{ago}", NOON - timedelta(days=ago), verified) for ago in range(days)]


def test_of_two_years_of_nights_stay_days_weeks_and_months() -> None:
    ages = [(NOON - each.made_at).days for each in stays(nightly(800))]
    assert ages[:7] == [0, 1, 2, 3, 4, 5, 6]
    assert ages[7:11] == [13, 20, 21, 27]  # the Sundays of the weeks before, and the last day of October
    assert len(ages) == 7 + 3 + 11
    assert NOON - timedelta(days=ages[-1]) == datetime(2025, 12, 31, 12, tzinfo=UTC)


@given(histories)
def test_the_newest_and_the_newest_verified_are_never_removed(backups: list[Kept]) -> None:
    kept = stays(backups)
    for of in (backups, [each for each in backups if each.verified]):
        if of:
            assert max(of, key=lambda each: each.made_at) in kept


@given(histories)
def test_one_that_is_not_verified_never_takes_the_place_of_one_that_is(backups: list[Kept]) -> None:
    verified = [each for each in backups if each.verified]
    assert (
        set(stays(verified))
        >= {each for each in stays(backups) if each.verified}
        >= {each for each in stays(verified) if each not in surplus(backups)}
    )
    newest = max((each.made_at for each in backups), default=NOON)
    fewer = set(stays(verified)) - set(stays(backups))
    assert all(newest - each.made_at > ALL_OF for each in fewer)


@given(histories)
def test_what_is_kept_is_bounded_and_stays_kept(backups: list[Kept]) -> None:
    kept = stays(backups)
    within_a_day = [each for each in kept if kept[0].made_at - each.made_at <= ALL_OF] if kept else []
    assert len([each for each in kept if each.verified]) <= DAYS + WEEKS + MONTHS + len(within_a_day)
    assert surplus(kept) == []


@given(histories)
def test_every_day_week_and_month_that_counts_keeps_its_newest(backups: list[Kept]) -> None:
    kept = stays(backups)
    verified = sorted((each for each in backups if each.verified), key=lambda each: each.made_at, reverse=True)
    for most, period in ((DAYS, "%Y-%m-%d"), (WEEKS, "%G-%V"), (MONTHS, "%Y-%m")):
        newest: dict[str, Kept] = {}
        for each in verified:
            newest.setdefault(f"{each.made_at:{period}}", each)
        assert set(list(newest.values())[:most]) <= set(kept)


def test_without_verified_ones_nothing_goes() -> None:
    assert surplus(nightly(40, verified=False)) == []
    assert surplus([]) == []


def test_an_unverified_one_goes_when_seven_days_have_been_proven_since() -> None:
    broken = Kept("broken", NOON - timedelta(days=7, hours=1), verified=False)
    assert broken not in surplus([*nightly(6), broken])
    assert broken in surplus([*nightly(8), broken])
