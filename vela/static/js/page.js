/* What every page does: toasts, folding, revealing, copying, dialogs. */
(function () {
  var STAY = 8000, STEP = 250, MOST = 2;
  var root = document, toasts = root.getElementById('toasts');

  /* ---------- toasts: leave after a while unless somebody looks at them; failures stay */
  function age(toast) {
    var left = STAY, timer = setInterval(function () {
      if (!toast.isConnected || toast.hidden) return clearInterval(timer);
      if (root.hidden || toast.matches(':hover,:focus-within')) return;
      if ((left -= STEP) <= 0) leave(toast);
    }, STEP);
  }
  function leave(toast) { /* what can be undone stays within reach of Ctrl Z */
    if (toast.querySelector('[data-undo]')) toast.hidden = true; else toast.remove();
  }
  function close(toast, how) {
    var held = toast.contains(root.activeElement), main = root.getElementById('main');
    how(toast);
    if (held && main) main.focus({ preventScroll: true });
  }
  function remove(toast) { toast.remove(); }
  function arrived(changes) {
    changes.forEach(function (change) {
      change.addedNodes.forEach(function (node) {
        if (node.nodeType !== 1 || !node.matches('[data-toast]')) return;
        if (!node.hasAttribute('data-stays')) age(node);
      });
    });
    var passing = toasts.querySelectorAll('[data-toast]:not([data-stays]):not([hidden])');
    for (var i = 0; i < passing.length - MOST; i++) leave(passing[i]);
  }
  if (toasts) new MutationObserver(arrived).observe(toasts, { childList: true });

  /* ---------- answers */
  root.addEventListener('htmx:before:request', function (event) { /* a new try clears the last complaint; a reckoning that goes on by itself does not */
    var ctx = event.detail.ctx, by = ctx.sourceEvent && ctx.sourceEvent.type;
    if (ctx.request.method === 'GET' && by !== 'click' && by !== 'submit') return;
    root.querySelectorAll('#notices [role=alert]').forEach(function (each) { each.remove(); });
  });
  function wrong(form) { /* the first field of a refused form that has a complaint beside it */
    var told = form.querySelector('.v-slot > .err'), field = told && told.closest('.ed').querySelector('input:not([type=hidden]),select,textarea');
    if (field) field.focus();
  }
  root.addEventListener('htmx:finally:request', function (event) {
    var ctx = event.detail.ctx, el = ctx.sourceElement, fine = ctx.response && ctx.response.status < 400;
    if (!fine && ctx.response && el.matches('form')) wrong(el);
    if (fine && el.matches('[data-undo],[data-closes]')) close(el.closest('[data-toast]'), remove);
    else if (el.matches('[data-undo]')) { /* refused for good, or worth another try */
      el.removeAttribute('data-pressed');
      if (ctx.response && ctx.response.status < 500) el.remove();
    }
  });

  /* ---------- a dialog that asks for the password: afterwards what was asked for is sent again by itself */
  function source(form) { return form.dataset.again && root.getElementById(form.dataset.again); }
  root.addEventListener('htmx:after:swap', function () {
    var dialog = root.querySelector('dialog[data-dialog]:not([open])');
    if (!dialog) return;
    dialog.addEventListener('close', function () { /* given up: the field says again what is stored */
      var form = dialog.querySelector('form'), field = source(form);
      dialog.remove();
      if (!field || form.dataset.done) return;
      if (field.matches('select')) { Array.prototype.forEach.call(field.options, function (option) { option.selected = option.defaultSelected; }); }
      field.focus();
    });
    dialog.showModal();
  });
  root.addEventListener('click', function (event) {
    if (event.target.closest('[data-cancel]')) event.target.closest('dialog').close();
  });
  root.addEventListener('htmx:finally:request', function (event) {
    var ctx = event.detail.ctx, form = ctx.sourceElement, field;
    if (!form.matches('[data-again]') || !ctx.response || ctx.response.status >= 400) return;
    form.dataset.done = '1';
    field = source(form);
    if (!field) return;
    if (field.matches('form')) field.requestSubmit(); else field.dispatchEvent(new Event('change', { bubbles: true }));
  });

  /* ---------- equal columns beside a fixed one: scrolling stops between two, so that no figure is cut (CSS would also
     snap anew, to another month, whenever rows open) */
  root.querySelectorAll('.v-columns').forEach(function (box) {
    box.addEventListener('scrollend', function () {
      var width = box.querySelector('thead th:nth-child(2)').getBoundingClientRect().width, off = box.scrollLeft % width;
      if (off > 1 && width - off > 1 && box.scrollLeft + box.clientWidth < box.scrollWidth - 1) box.scrollTo({ left: Math.round(box.scrollLeft / width) * width, behavior: 'smooth' });
    });
  });

  /* ---------- one listener for all small buttons */
  var folds = {}; /* what somebody opened or closed stays so when an answer brings the rows anew */
  function fold(button, open) {
    folds[button.dataset.folds] = open;
    button.setAttribute('aria-expanded', open);
    root.querySelectorAll('[data-fold="' + button.dataset.folds + '"]').forEach(function (el) { el.toggleAttribute('data-folded', !open); });
  }
  function reveal(button) {
    var field = root.getElementById(button.dataset.reveal), show = field.type === 'password', use = button.querySelector('use');
    field.type = show ? 'text' : 'password';
    button.setAttribute('aria-pressed', show);
    use.setAttribute('href', use.getAttribute('href').replace(/eye(-slash)?$/, show ? 'eye-slash' : 'eye'));
  }
  function copy(button) {
    var source = root.getElementById(button.dataset.copy), label = button.querySelector('[data-label]');
    function done() { label.textContent = button.dataset.done; }
    function select() { getSelection().selectAllChildren(source); }
    if (navigator.clipboard) navigator.clipboard.writeText(source.textContent.trim()).then(done, select); else select();
  }
  root.addEventListener('htmx:after:swap', function () {
    var next = root.querySelector('[data-focus]');
    if (next) { next.removeAttribute('data-focus'); next.focus(); }
    root.querySelectorAll('[data-folds]').forEach(function (each) { if (each.dataset.folds in folds) fold(each, folds[each.dataset.folds]); });
  });
  root.addEventListener('click', function (event) {
    var button = event.target.closest('button');
    root.querySelectorAll('[data-more][open]').forEach(function (more) { if (!(more.closest('tr') || more).contains(event.target)) more.open = false; });
    if (!button) return;
    var data = button.dataset;
    if ('dismiss' in data) close(button.closest('[data-toast]'), leave);
    else if ('folds' in data) fold(button, button.getAttribute('aria-expanded') !== 'true');
    else if ('reveal' in data) reveal(button);
    else if ('copy' in data) copy(button);
  });

  root.addEventListener('input', function (event) { /* a new try clears the last complaint about a password */
    var slot = event.target.matches('.position-relative > input') && event.target.closest('.ed') && event.target.closest('.ed').querySelector('.v-slot');
    if (slot) slot.replaceChildren();
  });
})();
