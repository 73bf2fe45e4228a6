"""The editable grid as a person uses it: cells by the name of their row, typing, and what the page then shows."""

from playwright.sync_api import Locator, Page, expect

MARK = "window.mark = 'same page'"


def row(page: Page, name: str) -> Locator:
    """The row of a component; the page may show the name as a field."""
    return page.locator("#" + row_id(page, name))


def row_id(page: Page, name: str) -> str:
    found = page.evaluate(
        """name => [...document.querySelectorAll('#grid-rows tr[data-row]')]
            .find(row => row.querySelector('input[name=name]').value === name)?.id""",
        name,
    )
    assert found, f"no row named {name}"
    return found


def cell(page: Page, name: str, field: str) -> Locator:
    return page.locator(f"#{row_id(page, name)}-{field}")


def write(page: Page, name: str, field: str, text: str) -> None:
    """Type into a cell and press Enter, with a mouse and keyboard or on a phone."""
    place = cell(page, name, field)
    place.click()
    if place.get_attribute("readonly") is None:
        place.press("Control+a")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def names(page: Page) -> list[str]:
    return page.locator("#grid-rows tr[data-row] input[name=name]").evaluate_all("all => all.map(each => each.value)")


def open_more(page: Page, name: str) -> Locator:
    """The panel of a row, opened."""
    here = row(page, name)
    here.locator("summary").click()
    return here.locator(".v-panel")


def still_the_same_page(page: Page) -> None:
    assert page.evaluate("window.mark") == "same page"


def shows(page: Page, part: str, text: str) -> None:
    """A figure of offer 2, by the name of its part."""
    expect(page.locator(f"#offer-2-{part}")).to_have_text(text)
