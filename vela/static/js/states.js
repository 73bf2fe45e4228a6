/* States of any page: a request that runs, fails or waits for the connection; what was typed outlives them all. */
(function () {
  var root = document, body = root.body, words = root.getElementById('states').dataset, bar = root.getElementById('offline');
  var CELL = 'input,select,textarea', UNSAVED = '.v-slot>.unsaved', HEALTH = '/health/live', probing = 0, leaving = false;
  function id(name) { return root.getElementById(name); }
  function each(from, what, act) { Array.prototype.forEach.call(from.querySelectorAll(what), act); }
  function copy(name) { return id(name).content.firstElementChild.cloneNode(true); }

  /* ---------- while a request runs: its button is off, the region it fills turns into a skeleton after 200 ms */
  function hold(el) {
    if (el.vHeld) return;
    el.vFocus = el.contains(root.activeElement) && root.activeElement;
    el.vHeld = Array.prototype.filter.call(el.matches('form') ? el.elements : [el], function (b) { return b.matches('button:not([type=button])') || b === el ? !b.disabled : false; });
    el.vHeld.forEach(function (b) { b.disabled = true; });
  }
  function release(el) {
    (el.vHeld || []).forEach(function (b) { b.disabled = false; });
    if (el.vFocus && el.vFocus.isConnected && root.activeElement === body) el.vFocus.focus({ preventScroll: true });
    el.vHeld = el.vFocus = null;
  }
  function region(el) { return el.dataset.busy || (el.matches('[data-filters]') ? el.getAttribute('hx-target').slice(1) : ''); }
  function loading(name, on) {
    var el = id(name);
    if (!el) return;
    el.classList.toggle('is-loading', on);
    if (on) el.setAttribute('aria-busy', 'true'); else el.removeAttribute('aria-busy');
  }
  function wait(el) {
    var name = region(el);
    if (el.matches(CELL)) el.setAttribute('aria-busy', 'true');
    el.vTimer = setTimeout(function () {
      el.vSince = Date.now();
      if (name) loading(name, true);
      else if (el.matches('[data-expand]')) el.closest('tr').after(el.vRow = copy('parts-loading'));
    }, 200);
  }
  function waited(el) {
    var name = region(el), left = el.vSince ? 300 - (Date.now() - el.vSince) : 0;
    clearTimeout(el.vTimer);
    if (el.matches(CELL)) el.removeAttribute('aria-busy');
    if (el.vRow) el.vRow.remove();
    if (name) { if (left > 0) { loading(name, true); setTimeout(loading, left, name, false); } else loading(name, false); }
    el.vSince = el.vRow = null;
  }
  root.addEventListener('click', function (event) {
    if (event.target.closest('a[data-month]') && !event.ctrlKey && !event.metaKey && !event.shiftKey) setTimeout(loading, 200, 'main', true);
  });

  /* ---------- requests that failed: said where it happened, what was typed stays, one press tries again */
  function again(el, ctx) {
    var type = ctx.sourceEvent && ctx.sourceEvent.type;
    if (el.matches('form')) el.requestSubmit(ctx.button);
    else if (type === 'click') el.click();
    else el.dispatchEvent(new Event(el.matches(CELL) ? 'change' : type || 'change', { bubbles: true }));
  }
  function said(text) { /* our own answer to a fault holds its code; a proxy's page holds nothing for people */
    var box = text && new DOMParser().parseFromString(text, 'text/html').querySelector('hx-partial .v-msg,hx-partial .v-cellmsg');
    return box ? box.textContent.trim() : '';
  }
  function clear(el) {
    if (el.vFailure) { (el.vFailure.closest('tr[data-failed]') || el.vFailure).remove(); el.vFailure = null; }
  }
  function tell(kind, text, act, label) {
    var box = copy('failed-' + kind), button = box.querySelector('[data-retry]');
    box.querySelector('[data-words]').textContent = text;
    if (label) button.textContent = label;
    button.addEventListener('click', act);
    return box;
  }
  function unsent(cell, text, act, label) { /* a cell that holds what the server does not */
    cell.vFailure = tell('cell', text, function () { clear(cell); cell.focus(); act(); }, label);
    cell.vFailure.classList.add('unsaved');
    cell.parentNode.querySelector('.v-slot').replaceChildren(cell.vFailure);
  }
  function failed(el, ctx, text, silent) {
    var area = id(region(el)), row, typing, beside;
    clear(el);
    if (el.matches(CELL) && el.parentNode.querySelector('.v-slot')) {
      unsent(el, text || words.silent, function () { again(el, ctx); });
      el.vSilent = silent;
    } else if (area || el.matches('[data-expand]')) {
      text = (area || el).dataset.unread + ' ' + (text || words.unread);
      el.vFailure = tell('form', text, function () { clear(el); again(el, ctx); }, words.again);
      el.vFailure.classList.remove('v-unsent');
      if (area) area.prepend(el.vFailure);
      else {
        row = copy('parts-failed');
        row.dataset.failed = '';
        row.firstElementChild.append(el.vFailure);
        el.closest('tr').after(row);
      }
    } else {
      typing = el.matches('form') && el.querySelector('input:not([type=hidden]),select,textarea') || el.id === 'component-new';
      beside = typing && (el.closest('.v-panel') || !el.closest('table'));
      el.vFailure = tell(beside ? 'form' : 'toast', text || words.silent, function () { clear(el); if (el.isConnected) again(el, ctx); });
      el.vFailure.classList.toggle('v-unsent', Boolean(typing));
      (beside ? el : id('toasts')).append(el.vFailure);
    }
  }
  function heard(el, detail) {
    var ctx = detail && detail.ctx, text, silent, status = ctx && ctx.response && ctx.response.status;
    if (!ctx || !ctx.sourceElement) return;
    text = said(ctx.text);
    silent = !status || ctx.text === undefined || (status > 501 && status < 505 && !text);
    if (silent) down();
    else if (status === 401) leaving = true;
    if (silent || status > 499) failed(ctx.sourceElement, ctx, silent ? '' : text || words.fault, silent);
  }
  htmx.registerExtension('states', { /* hooks hear also of elements that an answer has replaced */
    htmx_config_request: function (el, detail) {
      var event = detail.ctx.sourceEvent;
      if (event && /^(click|submit)$/.test(event.type) && !el.matches('[data-filters],[data-what-if],#undos *')) hold(el);
    },
    htmx_before_request: function (el) { wait(el); },
    htmx_error: heard,
    htmx_response_error: heard,
    htmx_finally_request: function (el, detail) {
      var status = detail.ctx.response && detail.ctx.response.status;
      release(el);
      waited(el);
      if (!status || detail.ctx.text === undefined || status > 499) return;
      clear(el);
      up();
    }
  });
  root.addEventListener('input', function (event) { if (event.target.matches(CELL)) clear(event.target); });
  addEventListener('beforeunload', function (event) { if (!leaving && root.querySelector(UNSAVED + ',.v-unsent')) event.preventDefault(); });

  /* ---------- plain forms: sent only when the server answers at all, and once */
  root.addEventListener('submit', function (event) {
    var form = event.target, button = event.submitter;
    if (event.defaultPrevented || form.method !== 'post' || form.hasAttribute('hx-post')) return;
    if (form.vGoes) { form.vGoes = false; form.vSent = true; setTimeout(hold, 0, form); setTimeout(release, 5000, form); return; }
    event.preventDefault();
    clear(form);
    hold(form);
    fetch(HEALTH, { cache: 'no-store' }).then(function (answer) {
      if (!answer.ok) throw answer;
      release(form);
      form.vGoes = true;
      form.requestSubmit(button);
    }).catch(function () {
      release(form);
      down();
      failed(form, { button: button }, '', true);
    });
  });

  /* ---------- the connection: a bar while it is gone, and everything that waited goes out when it is back */
  function down() {
    if (!bar) return;
    bar.hidden = false;
    bar.querySelector('[data-off]').hidden = navigator.onLine;
    bar.querySelector('[data-down]').hidden = !navigator.onLine;
    setTimeout(count);
    if (!probing) probing = setTimeout(probe, 3000);
  }
  function count() {
    var note = bar.querySelector('[data-waiting]'), waiting = root.querySelectorAll(UNSAVED).length;
    note.textContent = waiting ? note.dataset.waiting.replace('{count}', waiting) : '';
  }
  function probe() {
    clearTimeout(probing);
    probing = 0;
    fetch(HEALTH, { cache: 'no-store' }).then(function (answer) { if (answer.ok) up(); else down(); }, down);
  }
  function up() {
    clearTimeout(probing);
    probing = 0;
    if (!bar || bar.hidden) return;
    bar.hidden = true;
    each(root, UNSAVED, function (told) {
      var field = told.closest('.ed').querySelector(CELL);
      if (field && field.vSilent) { clear(field); again(field, {}); }
    });
  }
  if (bar) {
    addEventListener('offline', down);
    addEventListener('online', probe);
    bar.querySelector('[data-now]').addEventListener('click', probe);
    if (!navigator.onLine) down();
  }

  /* ---------- rows that were removed stay, struck through, as long as their toast offers to take it back */
  if (id('toasts')) new MutationObserver(function () {
    each(root, 'tr[data-gone]', function (row) {
      var toast = id(row.dataset.gone);
      if (!toast || toast.hidden) row.remove(); /* a toast that left stays hidden for Ctrl Z */
    });
  }).observe(id('toasts'), { childList: true, subtree: true, attributeFilter: ['hidden'] });

  /* ---------- an amount that a closed month does not take: from another month on */
  root.addEventListener('click', function (event) {
    var button = event.target.closest('[data-instead]'), cell, name;
    if (!button) return;
    name = button.dataset.instead;
    cell = button.closest('.ed').querySelector(CELL);
    id(name + '-amount').value = cell.value;
    id(name + '-month').value = button.dataset.month;
    cell.value = cell.defaultValue;
    button.closest('.v-slot').replaceChildren();
    id(name).closest('details').open = true;
    id(name + '-amount').focus();
  });

  /* ---------- what was typed and not saved: kept in this tab for this page and this user, when the way to the server is lost */
  var STORE = 'vela.typed', user = body.dataset.user, here = location.pathname + location.search, forget = false, notice = null;
  function read() { try { return JSON.parse(sessionStorage.getItem(STORE)) || {}; } catch (e) { return {}; } }
  function write(owner, pages) {
    try {
      if (Object.keys(pages).length) sessionStorage.setItem(STORE, JSON.stringify({ user: owner, pages: pages }));
      else sessionStorage.removeItem(STORE);
    } catch (e) { /* a full or private window keeps nothing */ }
  }
  function first(field) { /* what the server gave */
    var chosen;
    if (field.type === 'checkbox') return String(field.defaultChecked);
    if (!field.options) return field.defaultValue;
    chosen = Array.prototype.filter.call(field.options, function (o) { return o.defaultSelected; })[0] || field.options[0];
    return chosen ? chosen.value : '';
  }
  function now(field) { return field.type === 'checkbox' ? String(field.checked) : field.value; }
  function set(field, value) { if (field.type === 'checkbox') field.checked = value === 'true'; else field.value = value; }
  function label(field) { return field.getAttribute('aria-label') || (field.labels && field.labels[0] ? field.labels[0].textContent.trim() : ''); }
  function typed() {
    var anew = 'answer' in root.documentElement.dataset;
    return Array.prototype.filter.call(root.querySelectorAll(CELL), function (field) {
      if (!field.id || !label(field) || field.disabled || /^(hidden|search|range|password|file)$/.test(field.type)) return false;
      if (/password|one-time/.test(field.autocomplete) || field.closest('[data-what-if],dialog')) return false;
      if (!field.hasAttribute('hx-patch') && !(field.form && field.form.method === 'post')) return false;
      return now(field) !== first(field) || (anew && field.type === 'text' && field.value && !field.hasAttribute('hx-patch'));
    }).map(function (field) {
      return { id: field.id, label: label(field), value: now(field), shown: field.options ? field.selectedOptions[0].textContent : field.value };
    });
  }
  addEventListener('pagehide', function () {
    var kept = read(), pages = !forget && kept.user === user && kept.pages || {}, list = user && !forget ? typed() : [];
    if (!user) return;
    if (list.length) pages[here] = { list: list, sent: Array.prototype.some.call(root.forms, function (f) { return f.vSent; }), lost: Boolean(root.querySelector(UNSAVED + ',.v-unsent')) };
    else if (!notice) delete pages[here];
    write(user, pages);
  });
  root.addEventListener('submit', function (event) { if (event.target.getAttribute('action') === '/logout') forget = true; }, true);
  function offer(list, pages) {
    notice = copy('kept-typed');
    notice.querySelector('[data-words]').textContent = list.map(function (each) { return each.label + ': ' + (each.shown || each.value || '\u2014'); }).join('; ') + '.';
    function done() { notice.remove(); notice = null; delete pages[here]; write(user, pages); }
    notice.querySelector('[data-drop]').addEventListener('click', function () { done(); id('main').focus(); });
    notice.querySelector('[data-put]').addEventListener('click', function () { done(); list.forEach(put); });
    id('main').prepend(notice);
  }
  function put(entry) {
    var field = id(entry.id), old, up;
    if (!field) return;
    for (up = field; up; up = up.parentElement) { up.hidden = false; if (up.matches('details')) up.open = true; }
    old = now(field);
    set(field, entry.value);
    field.dispatchEvent(new Event('input', { bubbles: true }));
    if (field.hasAttribute('hx-patch')) unsent(field, words.back.replace('{value}', old || '\u2014'), function () { again(field, {}); }, words.save);
    else field.focus();
  }
  function arrive() {
    var kept = read(), pages = kept.pages || {}, way = performance.getEntriesByType('navigation')[0] || {}, landed, fault = 'fault' in body.dataset;
    if (!kept.pages) return;
    if (user && kept.user !== user) return write(user, {});
    landed = way.redirectCount > 0 || 'answer' in root.documentElement.dataset;
    Object.keys(pages).forEach(function (path) {
      var page = pages[path];
      if (!user || fault || (page.sent && !landed)) page.lost = true;
      if (page.lost) page.sent = false;
      else delete pages[path];
    });
    write(kept.user, pages);
    if (user && pages[here] && id('main')) offer(pages[here].list, pages);
  }
  arrive();
  addEventListener('pageshow', function (event) {
    if (!event.persisted) return;
    leaving = false;
    loading('main', false);
    each(root, 'form', function (form) { form.vSent = false; release(form); });
  });
})();
