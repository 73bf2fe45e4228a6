/* Keys that act on every page: search, places, lists, undo, leaving. Single keys act only while no field has the focus,
   and not at all for whoever switched them off (data-no-keys); the keys of the grid are in grid.js and rows.js. */
(function () {
  var root = document, single = !root.documentElement.hasAttribute('data-no-keys');
  var PLACES = { d: '/', o: '/offers', t: '/transactions', p: '/profit' }, going = 0, typed;
  var FIELD = 'input:not([readonly]):not([type=checkbox]):not([type=radio]),textarea,select,[contenteditable]';
  var ROWS = '[data-rows]>:not([id$=-parts])', DOOR = '.v-rowlink,summary';

  function press(el) { if (el && !el.disabled) { el.click(); return true; } return false; }
  function find(selector) { return root.querySelector(selector); }
  function last(selector) { var all = root.querySelectorAll(selector); return all[all.length - 1]; }
  function named(event) { /* the letter of the key, also on a keyboard of another script */
    var key = (event.key || '').toLowerCase(), code = event.code || '';
    if (key.length !== 1 || key < '\u0370') return key;
    return { BracketLeft: '[', BracketRight: ']' }[code] || code.replace(/^Key/, '').toLowerCase();
  }

  /* what was typed in a field, and not sent, is taken back by the field itself */
  root.addEventListener('input', function (event) { typed = event.target; });
  ['change', 'submit', 'focusout'].forEach(function (name) { root.addEventListener(name, function () { typed = null; }, true); });
  function undo(el) {
    var button = typed !== el && last(find('#undos') ? '#undos button:not([data-pressed])' : '#toasts [data-undo]:not([data-pressed])');
    if (!button) return false;
    button.dataset.pressed = '';
    return press(button);
  }

  function leave(el) { /* closes what floats, else leaves the field */
    var more = el.closest('[data-more][open]');
    if (more) { more.open = false; more.querySelector('summary').focus(); return true; }
    if (el.matches(FIELD + ',input')) { el.blur(); return false; }
    return press(last('#toasts [data-toast]:not([hidden]) [data-dismiss]'));
  }

  function travel(key) { /* g and then a letter goes to a page, n to a new sale; both only where the frame leads there too */
    var soon = Date.now() - going < 1500, path = soon ? PLACES[key] : key === 'n' ? '/transactions#new-sale' : '', offer;
    going = !soon && key === 'g' ? Date.now() : 0;
    if (!path || !find('.v-side a[href="' + path + '"],.v-tabs a[href="' + path + '"]')) return false;
    offer = key === 'n' && root.getElementById('new-sale-service_id');
    if (offer) offer.focus(); else location.assign(path);
    return true;
  }

  function walk(key, el) { /* through the rows of lists */
    var all = Array.prototype.slice.call(root.querySelectorAll(ROWS)), row = el.closest(ROWS), at = all.indexOf(row), to;
    if (row && key === 'e') return press(row.querySelector('[data-expand],summary'));
    to = all[{ j: at + 1, arrowdown: row ? at + 1 : -1, k: at - 1, arrowup: row ? at - 1 : -1 }[key]];
    if (!to) return false;
    at = to.querySelector(DOOR) || to;
    if (at === to) to.tabIndex = -1;
    at.focus();
    return true;
  }

  function act(key, event, el) {
    if (/^arrow(up|down)$/.test(key)) return walk(key, el);
    if (key === 'a' && (single || el.closest('[data-grid]')) && press(find('[data-add]'))) return true;
    if (!single) return false;
    if (key === '/') return press(find('[data-find]'));
    if (key === '?') return press(find('[data-keys]'));
    if (key === '[' || key === ']') return press(find('a[data-month=' + (key === '[' ? 'previous' : 'next') + ']'));
    return !event.shiftKey && (travel(key) || walk(key, el));
  }

  root.addEventListener('keydown', function (event) {
    var el = root.activeElement || root.body, key = named(event), graph = event.getModifierState('AltGraph'), done;
    if (event.defaultPrevented || (event.altKey && !graph)) return; /* many layouts write brackets with AltGr */
    if (!graph && (event.ctrlKey || event.metaKey)) {
      if (event.shiftKey) return;
      done = key === 'k' ? press(find('[data-find]')) : key === 'z' && !find('dialog[open]') && undo(el);
    } else if (find('dialog[open]')) return;
    else if (key === 'escape') done = leave(el);
    else done = !el.matches('input,' + FIELD) && act(key, event, el);
    if (done) event.preventDefault();
  });

  htmx.process(root.body); /* a key pressed at once finds what it presses ready: htmx by itself would get to it a moment later */
})();
