/* The line that records a sale: what was typed goes when it was taken, and the next sale starts at the offer. */
(function () {
  var form = document.querySelector('[data-quick]');
  if (!form) return;
  var offer = form.elements.service_id, starts = { quantity: '1', notes: '' };
  function empty() { form.querySelectorAll('.v-slot').forEach(function (slot) { slot.replaceChildren(); }); }
  form.addEventListener('input', function (e) {
    var slot = e.target.closest('.ed').querySelector('.v-slot'); /* a new try clears the last answer */
    slot.replaceChildren();
  });
  htmx.registerExtension('quick-entry', {
    htmx_finally_request: function (el, detail) {
      var response = detail.ctx.response, sent = detail.ctx.request.body;
      if (el !== form || !response || response.status >= 400) return;
      empty();
      Object.keys(starts).forEach(function (name) { /* what was typed meanwhile stays */
        if (form.elements[name].value === sent.get(name)) form.elements[name].value = starts[name];
      });
      document.getElementById('new-sale-worth').dispatchEvent(new Event('reckon'));
      offer.focus();
    }
  });
  function arrived() { if (location.hash === '#new-sale') offer.focus(); }
  addEventListener('hashchange', arrived);
  addEventListener('load', function () { setTimeout(arrived); }); /* the browser first goes to the form itself */
  document.addEventListener('click', function (e) { if (e.target.closest('a[href$="#new-sale"]')) setTimeout(arrived); });
})();
