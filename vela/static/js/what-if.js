/* The sliders of what if: they say where they stand, and every change of the offer is computed with them. */
(function () {
  var form = document.querySelector('[data-what-if]');
  if (!form) return;
  function told(slider) {
    var value = Number(slider.value), text = (value > 0 ? '+' : value < 0 ? '\u2212' : '') + Math.abs(value) + form.dataset.percent;
    document.getElementById(slider.id + '-out').textContent = text;
    slider.setAttribute('aria-valuetext', value ? text : slider.dataset.zero);
  }
  function all() { form.querySelectorAll('input[type=range]').forEach(told); }
  form.addEventListener('input', all);
  form.addEventListener('reset', function () {
    setTimeout(function () { all(); form.dispatchEvent(new Event('input')); });
  });
  form.addEventListener('keydown', function (e) { /* 5 a page, as in the list of keys */
    var by = { PageUp: 5, PageDown: -5 }[e.key];
    if (!by || e.target.type !== 'range') return;
    e.preventDefault();
    e.target.value = Number(e.target.value) + by;
    e.target.dispatchEvent(new Event('input', { bubbles: true }));
  });
  htmx.registerExtension('what-if', {
    htmx_before_request: function (el, detail) {
      if (el === form) return;
      var said = new URLSearchParams(new FormData(form));
      said.delete('csrf_token');
      detail.ctx.request.headers['Vela-Supposition'] = said.toString();
    }
  });
  all();
})();
