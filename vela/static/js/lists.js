/* Lists: the address follows the filters, rows open and close under their button. */
(function () {
  /* ---------- filters: what the list shows is what its address says */
  htmx.registerExtension('lists', {
    htmx_before_request: function (el, detail) {
      if (!el.matches('[data-filters]')) return;
      var url = new URL(detail.ctx.request.action, location.href);
      Array.from(url.searchParams).forEach(function (pair) { if (!pair[1]) url.searchParams.delete(pair[0]); });
      detail.ctx.request.action = url.pathname + url.search;
    },
    htmx_config_request: function (el) {
      var acts = Array.prototype.slice.call(document.querySelectorAll('#sales .act button'));
      el.vPlace = acts.indexOf(el.matches('form') ? el.querySelector('button') : el);
    },
    htmx_finally_request: function (el) { /* the row that was voided is gone: the next one has the focus */
      var acts = document.querySelectorAll('#sales .act button');
      if (document.activeElement !== document.body || !(el.vPlace >= 0)) return;
      (acts[Math.min(el.vPlace, acts.length - 1)] || document.getElementById('main')).focus({ preventScroll: true });
    },
    htmx_after_swap: function (el, detail) {
      if (el.matches('[data-filters],[data-list]')) history.replaceState(history.state, '', detail.ctx.request.action);
    }
  });

  /* ---------- a row that opens: a second press closes it */
  function turned(button, open) {
    var use = button.querySelector('use');
    button.setAttribute('aria-expanded', open);
    button.setAttribute('aria-label', open ? button.dataset.hide : button.dataset.show);
    use.setAttribute('href', use.getAttribute('href').replace(/chevron-(right|down)/, open ? 'chevron-down' : 'chevron-right'));
  }
  document.addEventListener('click', function (e) {
    var button = e.target.closest('[data-expand]'), open = button && document.getElementById(button.dataset.expand);
    if (!open) return;
    e.stopImmediatePropagation();
    open.remove();
    turned(button, false);
  }, true);
  document.addEventListener('htmx:after:swap', function (e) {
    if (e.target.matches && e.target.matches('[data-expand]')) turned(e.target, Boolean(document.getElementById(e.target.dataset.expand)));
  });
})();
