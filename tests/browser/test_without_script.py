"""The owner's main acts in a browser that runs no script: plain forms, and pages that show what came of them."""

from playwright.sync_api import expect

from tests.browser.conftest import Open


def test_edit_a_price_add_a_component_record_a_sale(signed_in: Open) -> None:
    page = signed_in("admin", "/offers/1", java_script_enabled=False)
    row = page.locator("#grid-rows tr").first
    row.get_by_label("Unit cost, HDD (1TB)").fill("640")
    row.get_by_role("button", name="Save").click()
    expect(page.locator("#offer-1-cost")).to_have_text("2,040")
    row.get_by_label("Unit cost, HDD (1TB)").fill("many")
    row.get_by_role("button", name="Save").click()
    expect(page.locator("#grid-rows tr").first).to_contain_text("Enter a number")
    expect(page.get_by_label("Unit cost, HDD (1TB)")).to_have_value("many")
    page.goto("/offers/1")
    page.get_by_role("link", name="Add component").click()
    page.get_by_label("Name of the new component").fill("NVMe")
    page.get_by_label("Unit cost, new component").fill("10.50")
    page.get_by_label("Unit sell, new component").fill("50")
    page.get_by_role("button", name="Add this component").click()
    expect(page.locator("#offer-1-cost")).to_have_text("2,050.50")
    page.locator("#grid-rows tr").last.locator("summary").click()
    page.get_by_role("button", name="Remove").last.click()
    expect(page.locator("#offer-1-cost")).to_have_text("2,040")
    page.goto("/offers/1/history")
    page.get_by_role("button", name="Restore this state, revision 1").click()
    page.get_by_role("link", name="Back to the offer").click()
    expect(page.locator("#offer-1-cost")).to_have_text("2,000")
    page.goto("/transactions")
    page.get_by_label("Offer", exact=True).select_option("Atlas")
    page.get_by_label("Quantity", exact=True).fill("3")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#sales tfoot")).to_contain_text("65,100")
    page.goto("/profit")
    expect(page.locator("main")).to_contain_text("65,100")
