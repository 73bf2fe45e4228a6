/* Rows of the editable grid: moving them by key, button and drag, adding one, pasting a block of cells. */
(function () {
  var body = document.getElementById('grid-rows'), fresh = document.getElementById('grid-new');
  var moving = 0;
  if (!fresh) return; /* somebody who may only look */
  function rows() { return Array.prototype.slice.call(body.querySelectorAll('tr[data-row]')); }
  function typing(el) { return el && el.matches('input:not([readonly]):not([type=range]),textarea,select'); }

  /* ---------- moving: at once on the page, then on the server; answers come in the order of the moves */
  function send(row) {
    var grip = row.querySelector('[data-grip]');
    grip.dataset.to = rows().indexOf(row) + 1;
    grip.dispatchEvent(new Event('reorder'));
  }
  function place(row, before) {
    var held = document.activeElement;
    if (body.moveBefore) body.moveBefore(row, before); else body.insertBefore(row, before);
    if (held && row.contains(held)) held.focus();
  }
  function step(row, by) {
    var all = rows(), other = all[all.indexOf(row) + by];
    if (!other) return;
    place(row, by < 0 ? other : other.nextElementSibling);
    send(row);
  }
  document.addEventListener('keydown', function (e) {
    var row = e.target.closest && e.target.closest('tr[data-row]');
    if (!row || !e.altKey || !/^Arrow(Up|Down)$/.test(e.key)) return;
    e.preventDefault();
    step(row, e.key === 'ArrowUp' ? -1 : 1);
  });
  document.addEventListener('click', function (e) {
    var button = e.target.closest('[data-move]');
    if (!button) return;
    e.preventDefault();
    step(button.closest('tr'), Number(button.dataset.move));
  });
  document.addEventListener('pointerdown', function (e) {
    var grip = e.target.closest('[data-grip]'), row = grip && grip.closest('tr'), from;
    if (!grip || e.button) return;
    e.preventDefault();
    grip.focus();
    from = rows().indexOf(row);
    row.classList.add('is-dragged');
    function follow(at) {
      var next = rows().filter(function (other) { return other !== row; }).find(function (other) {
        var box = other.getBoundingClientRect();
        return at.clientY < box.top + box.height / 2;
      });
      if ((next || null) !== row.nextElementSibling) place(row, next || null);
    }
    function drop() {
      document.removeEventListener('pointermove', follow);
      document.removeEventListener('pointerup', drop);
      document.removeEventListener('pointercancel', drop);
      row.classList.remove('is-dragged');
      if (rows().indexOf(row) !== from) send(row);
    }
    document.addEventListener('pointermove', follow);
    document.addEventListener('pointerup', drop);
    document.addEventListener('pointercancel', drop);
  });

  /* ---------- adding */
  function open() {
    fresh.hidden = false;
    fresh.querySelector('input.v-in').focus({ preventScroll: true });
    fresh.scrollIntoView({ block: 'nearest' });
    if (matchMedia('(max-width:767.98px)').matches) fresh.querySelector('tr').scrollIntoView();
  }
  function untouched() { return Array.prototype.every.call(fresh.querySelectorAll('input.v-in'), function (i) { return i.value === i.defaultValue; }); }
  document.addEventListener('click', function (e) { if (e.target.closest('[data-add]')) { e.preventDefault(); open(); } });
  fresh.addEventListener('keydown', function (e) {
    if (e.key !== 'Escape' || !untouched()) return;
    e.preventDefault();
    fresh.hidden = true;
    document.getElementById('add-component').focus();
  });
  function cleared(sent) { /* ready for the next one; what was typed meanwhile stays */
    fresh.querySelectorAll('input.v-in').forEach(function (i) {
      if (sent.get(i.name) === i.value) i.value = i.defaultValue = i.name === 'quantity' ? '1' : '';
      i.parentNode.querySelector('.v-slot').replaceChildren();
    });
    fresh.querySelector('input.v-in').focus();
  }

  function wrong() { /* the first field that was refused */
    var told = fresh.querySelector('.ed:has(.v-cellmsg) input.v-in');
    if (told) told.focus();
  }

  /* ---------- a block of cells from a spreadsheet lands from the focused cell to the right and down, in one request */
  var paste = document.getElementById('paste'), into;
  document.addEventListener('paste', function (e) {
    var input = e.target.closest && e.target.closest('#grid-rows .ed>input.v-in,#component-new-name'), text = e.clipboardData.getData('text/plain'), at;
    if (!input || !text || !(input.readOnly || /[\t\n]./.test(text))) return;
    e.preventDefault();
    if (into) return; /* one at a time */
    at = rows().indexOf(input.closest('tr'));
    into = { id: input.id, rows: at < 0 ? [] : rows().slice(at) };
    if (at >= 0) input.value = input.defaultValue;
    refused().forEach(function (told) { var cell = told.closest('.ed').querySelector('input'); cell.value = cell.defaultValue; told.remove(); });
    paste.elements.at.value = input.name;
    paste.elements.block.value = text;
    paste.requestSubmit();
  });
  function refused() { return body.querySelectorAll('[data-pasted]'); }
  function pasted() { /* what was refused stands in its cell, for its correction; the first has the focus */
    var held = document.getElementById(into.id), told = refused();
    into = null;
    told.forEach(function (each) { each.closest('.ed').querySelector('input').value = each.dataset.pasted; });
    held = told.length ? told[0].closest('.ed').querySelector('input') : held;
    if (held) held.focus();
  }

  /* ---------- what had the focus may be gone: its successor has it now, or what stands in its place */
  function settle(el) {
    var own, added = body.lastElementChild && body.lastElementChild.querySelector('.c-name input');
    if (document.activeElement !== document.body) return;
    own = el.id && document.getElementById(el.id);
    if (!own && /discount$/.test(el.getAttribute('action') || '')) own = added;
    if (!own && /list-at-sum$/.test(el.getAttribute('action') || '')) own = document.querySelector('input[name=list_sell]');
    if (!own && /(archive|activate)$/.test(el.getAttribute('action') || '')) own = document.querySelector('[id$=-turn]');
    (own || body.querySelector('[data-here]') || document.getElementById('main')).focus({ preventScroll: true });
  }

  /* ---------- the panel of a row closes when something else is meant */
  document.addEventListener('pointerdown', function (e) {
    document.querySelectorAll('[data-more][open]').forEach(function (more) { if (!(more.closest('tr') || more).contains(e.target)) more.open = false; });
  });
  document.addEventListener('toggle', function (e) {
    if (!e.target.matches('[data-more][open]')) return;
    document.querySelectorAll('[data-more][open]').forEach(function (more) { if (more !== e.target) more.open = false; });
    if (matchMedia('(max-width:767.98px)').matches && e.target.closest('tr')) e.target.closest('tr').scrollIntoView(); /* the panel takes the lower half */
  }, true);

  /* ---------- a removed row stays, struck through, while it can be taken back by its toast (see states.js) */
  new MutationObserver(function () {
    body.querySelectorAll('tr[data-gone]:not([data-seen])').forEach(function (row) {
      var next = row.nextElementSibling || row.previousElementSibling, focus;
      row.setAttribute('data-seen', '');
      if (document.activeElement !== document.body) return;
      focus = next && next.querySelector('.c-name input') || document.getElementById('add-component');
      focus.focus();
    });
  }).observe(body, { childList: true });

  function keep(fragment) { /* the field being typed in, and an open panel, survive the rows that come */
    var held = document.activeElement, same;
    if (body.contains(held) && typing(held) && held.id) {
      same = fragment.querySelector('#' + CSS.escape(held.id));
      if (same) same.setAttribute('hx-preserve', 'true');
    }
    body.querySelectorAll('.ed').forEach(function (cell) { /* what was refused waits there for its correction */
      var input = cell.querySelector('input.v-in'), now;
      if (!input || !cell.querySelector('.v-cellmsg')) return;
      now = fragment.querySelector('#' + CSS.escape(input.id));
      if (!now) return;
      now.setAttribute('hx-preserve', 'true');
      fragment.querySelector('#' + CSS.escape(input.id) + '-error').setAttribute('hx-preserve', 'true');
    });
    body.querySelectorAll('[data-more][open]').forEach(function (more) {
      same = fragment.querySelector('#' + CSS.escape(more.closest('tr').id) + ' [data-more]');
      if (same) same.open = true;
    });
  }
  htmx.registerExtension('rows', {
    htmx_config_request: function (el, detail) {
      if (!el.matches('[data-grip]')) return;
      detail.ctx.request.body.set('position', el.dataset.to);
      moving += 1;
    },
    htmx_before_request: function (el, detail) { /* the versions as they are now that earlier edits are answered */
      if (el === paste) detail.ctx.request.body.set('rows', into.rows.map(function (row) { return row.id.slice(10) + ':' + row.querySelector('input[name=version]').value; }).join(' '));
    },
    htmx_before_swap: function (el, detail) {
      for (var i = detail.tasks.length - 1; i >= 0; i--) {
        if (detail.tasks[i].target !== body) continue;
        if (moving > 1 && el.matches('[data-grip]')) detail.tasks.splice(i, 1); /* a later move is on its way */
        else keep(detail.tasks[i].fragment);
      }
    },
    htmx_finally_request: function (el, detail) {
      var response = detail.ctx.response, number = (/revisions\/(\d+)\/undo/.exec(detail.ctx.request.action) || [])[1], spent;
      if (el.matches('[data-grip]')) moving -= 1;
      if (el.id === 'component-new' && response && response.status >= 400) wrong();
      if (el === paste) pasted();
      settle(el);
      if (el.id === 'component-new' && response && response.status < 400) cleared(detail.ctx.request.body);
      spent = number && document.getElementById('undo-' + number);
      if (!spent) return;
      spent.removeAttribute('data-pressed');
      if (response && response.status >= 400 && response.status < 500) spent.remove(); /* refused for good */
    }
  });
})();
