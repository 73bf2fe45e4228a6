"""Looking at a page as a critical eye would: what axe finds, what is cut off, what lies on something else."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WRONG_LAYOUT = """() => {
  const wrong = [], name = el => el.outerHTML.slice(0, 110), needed = document.documentElement.scrollWidth;
  if (needed > innerWidth) wrong.push('the page is ' + needed + ' wide');
  const shown = el => el.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  const floats = el => el && (/fixed|sticky|absolute/.test(getComputedStyle(el).position) || floats(el.parentElement));
  const aside = el => el.closest('.v-scroll,.visually-hidden,.v-skip,svg,canvas,[hidden]');
  const meant = [...document.querySelectorAll('a[href],button,select,input:not([type=hidden]),summary,h1,h2')]
    .filter(el => shown(el) && !aside(el) && !floats(el));
  const boxes = meant.map(el => [el, el.getBoundingClientRect()]).filter(([, box]) => box.width > 1 && box.height > 1);
  boxes.forEach(([el, a], i) => {
    if (a.left < -1 || a.right > innerWidth + 1) wrong.push('beyond the edge: ' + name(el));
    boxes.slice(i + 1).forEach(([other, b]) => {
      if (el.contains(other) || other.contains(el)) return;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 2 && high > 2) wrong.push('one on another: ' + name(el) + ' / ' + name(other));
    });
  });
  document.querySelectorAll('.btn,.v-nav a,.v-tabs a,.v-seg a,.v-seg button,.v-kpi .val,.v-strip .val').forEach(el => {
    const cuts = getComputedStyle(el).overflow !== 'visible' && el.clientWidth;
    if (shown(el) && cuts && el.scrollWidth > el.clientWidth + 2) wrong.push('cut off: ' + name(el));
  });
  return wrong;
}"""


def findings(page: Page) -> list[tuple[object, ...]]:
    """What axe has against a page."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [(each["id"], each["impact"], [node["html"][:160] for node in each["nodes"][:3]]) for each in found]


def layout(page: Page) -> list[str]:
    """What lies beyond the edge of the screen, on something else, or is cut off, once the page has come to rest."""
    found: list[str] = page.evaluate(WRONG_LAYOUT)
    for _try in range(10):
        if not found:
            break
        page.wait_for_timeout(200)  # a chart follows the width of its window a moment later
        found = page.evaluate(WRONG_LAYOUT)
    return found
