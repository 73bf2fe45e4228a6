/* The palette: a search over the page, chosen from by arrows or touch; closing it gives the focus back. */
(function () {
  var box = document.getElementById('palette'), list = document.getElementById('palette-list'), at = -1, wanted = false, input;
  if (!box) return;
  input = box.querySelector('input');
  function choose(to) {
    var all = list.querySelectorAll('[role=option]');
    at = all.length ? (to + all.length) % all.length : -1;
    all.forEach(function (each, i) { each.setAttribute('aria-selected', i === at); });
    input.setAttribute('aria-expanded', at >= 0);
    input.setAttribute('aria-activedescendant', at < 0 ? '' : all[at].id);
    if (at >= 0) all[at].scrollIntoView({ block: 'nearest' });
  }
  function run() { /* never what was found for other words than those that stand there now */
    var told = box.querySelector('data'), chosen = list.querySelector('[aria-selected=true]');
    wanted = !told || told.value !== input.value.trim();
    if (!wanted && chosen) chosen.click();
  }
  new MutationObserver(function () { choose(0); if (wanted) run(); }).observe(box, { childList: true, subtree: true });
  input.addEventListener('input', function () { wanted = false; });
  input.addEventListener('keydown', function (event) {
    var by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) choose(at < 0 ? 0 : at + by);
    else if (event.key === 'Enter' && !event.isComposing) run();
    else return;
    event.preventDefault();
  });
  document.addEventListener('click', function (event) {
    var door = event.target.closest('[data-find]');
    if (door && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      if (!box.open && !document.querySelector('dialog[open]')) box.showModal();
      input.select();
      input.dispatchEvent(new Event('opened'));
    } else if (event.target === box || event.target.closest('#palette [role=option],#palette [data-close]')) { wanted = false; box.close(); }
  });
})();
