"""Every page in Chromium, in both themes, four languages and five widths: usable by everybody, nothing cut off."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests import make
from tests.browser.conftest import PHONE, SIZES, Open, served, this_month
from tests.browser.looking import findings, layout
from vela.db import Database

NOW = this_month()
PAGES = {
    "admin": (
        "/", "/?month=2020-01", "/offers", "/offers?q=nothing", "/offers?status=archived", "/offers/new", "/offers/2",
        "/offers/2?add=1", "/offers/2/history", "/transactions", "/transactions?month=2020-01",
        "/transactions?voided=1", "/profit", "/settings", "/account", "/samples/clear", "/help", "/nowhere",
        "/settings/books", "/settings/history", "/settings/webhooks", "/settings/webhooks/1",
        f"/profit/months/{NOW.previous}/close",
        "/offers/2/compare", "/transactions/1", "/profit?by=quarter", "/profit/cost",
        f"/profit/result?from={NOW.plus(-10)}&to={NOW.next}", "/settings/users/2/tokens",
        "/proposals", "/proposals/1", "/proposals/2",
    ),
}  # fmt: skip
WIDTHS = (320, 390, 768, 1440, 1920)
LANGUAGES = ("ru", "fr", "es", "en")
THEMES = ("dark", "light")
# Each page is judged in both themes; width and language move on from page to page, so that every pair of them comes up.
STEPS = len(WIDTHS) * len(LANGUAGES)


@pytest.fixture
def server(demo_file: Path, tmp_path: Path) -> Iterator[str]:
    """A Vela that serves the demo, in which there is also a webhook with something that waits for it."""
    shutil.copy(demo_file, tmp_path / "vela.db")
    database = Database(f"sqlite:///{tmp_path}/vela.db")
    with database.transaction() as session:
        make.webhook(session)
    database.close()
    with served(tmp_path) as address:
        yield address


def speak(page: Page, language: str) -> None:
    """The language that the next pages are asked for in."""
    page.set_extra_http_headers({"Accept-Language": language})


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("who", PAGES)
def test_every_page_is_usable_by_everybody(signed_in: Open, who: str, theme: str) -> None:
    page = signed_in(who, color_scheme=theme)
    trouble: list[object] = []
    for number, path in enumerate(PAGES[who], start=0 if theme == "dark" else STEPS // 2 + 1):
        width, language = WIDTHS[number % len(WIDTHS)], LANGUAGES[number % len(LANGUAGES)]
        speak(page, language)
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(path)
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator("html").get_attribute("data-bs-theme") == theme
        trouble += [(path, width, language, *each) for each in findings(page)]
    assert trouble == []


@pytest.mark.parametrize("who", PAGES)
def test_nothing_is_cut_or_covered_at_any_width_in_the_longest_words(signed_in: Open, who: str) -> None:
    page = signed_in(who)
    speak(page, "ru")
    wrong: list[object] = []
    for path in PAGES[who]:
        page.goto(path)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wrong += [(path, width, each) for each in layout(page)]
    assert wrong == []


def test_the_sign_in_is_usable_by_everybody(signed_in: Open) -> None:
    page = signed_in("viewer")
    page.context.clear_cookies()
    wrong: list[object] = []
    for number, width in enumerate(WIDTHS):
        page.emulate_media(color_scheme="dark" if number % 2 else "light")
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"/login?language={LANGUAGES[number % len(LANGUAGES)]}")
        wrong += [(width, each) for each in (*findings(page), *layout(page))]
    assert wrong == []


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<button>Save</button><button style='margin-left:-30px'>Undo</button>", "one on another"),
        ("<button style='margin-left:5000px'>Save</button>", "the page is 5"),
        ("<a class='btn' href='/' style='display:block;width:20px;overflow:hidden'>Besonderheiten</a>", "cut off"),
        ("<a href='/' style='margin-left:-40px'>Save this</a>", "beyond the edge"),
    ],
)
def test_the_eye_that_looks_for_such_things_sees_them(browser: Browser, body: str, complaint: str) -> None:
    page = browser.new_page()
    page.set_content(f"<!doctype html><body>{body}</body>")
    assert any(each.startswith(complaint) for each in layout(page)), layout(page)
    page.close()


def test_the_statement_never_cuts_a_column(signed_in: Open) -> None:
    page = signed_in("admin", "/profit", **PHONE)
    for width in (390, 360, 600, 768, 1024, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.reload()
        cut = page.locator(".v-columns").evaluate(
            """box => {
                const [first, ...rest] = box.querySelectorAll('thead th'), edge = first.getBoundingClientRect().right;
                return rest.map(th => th.getBoundingClientRect())
                    .filter(at => at.left < edge - 4 && at.right > edge + 4).length;
            }"""
        )
        assert cut == 0, width


def test_a_phone_shows_one_bright_green_button(signed_in: Open) -> None:
    page = signed_in("admin", "/", **PHONE)
    green = """() => [...document.querySelectorAll('a,button,.plus')].filter(
        el => el.checkVisibility() && getComputedStyle(el).backgroundColor === 'rgb(0, 255, 159)').length"""
    for path in ("/", "/offers", "/offers/new", "/transactions", "/transactions/import", "/profit"):
        page.goto(path)
        assert page.evaluate(green) == 1, path


@pytest.mark.parametrize(("theme", "size"), [("dark", "phone"), ("light", "wide")])
def test_what_opens_on_an_offer_is_usable_too(signed_in: Open, theme: str, size: str) -> None:
    page = signed_in("admin", "/offers/2", color_scheme=theme, **SIZES[size])
    row = page.locator("#grid-rows tr").nth(1)
    row.locator("summary").click()
    assert findings(page) == []
    page.get_by_label("Group").locator("visible=true").fill("x" * 81)
    page.keyboard.press("Enter")
    page.locator(".v-cellmsg.err").wait_for()
    row.get_by_role("button", name="Remove").click()
    page.locator(".v-toast").wait_for()
    assert findings(page) == []
