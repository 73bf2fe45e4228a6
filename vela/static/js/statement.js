/* The statement: which lines are open stands in the address, and its figures are one stop of the Tab key. */
(function () {
  var root = document, LINES = ['revenue', 'cost'];
  function lines(text) { return text === null ? ['revenue'] : text.split(','); }
  function opened() { return lines(new URLSearchParams(location.search).get('open')).filter(function (each) { return LINES.indexOf(each) >= 0; }); }
  function address(href, open) {
    var url = new URL(href, location.href), said = LINES.filter(function (each) { return open.indexOf(each) >= 0; }).join(',') || 'none';
    if (said === 'revenue') url.searchParams.delete('open'); else url.searchParams.set('open', said);
    return (url.pathname + url.search).replace(/%2C/g, ',') + url.hash;
  }
  function each(selector, act) { root.querySelectorAll(selector).forEach(act); }
  function show() {
    var open = opened(), all = LINES.every(function (line) { return open.indexOf(line) >= 0; });
    each('[data-of]', function (row) { row.hidden = open.indexOf(row.dataset.of) < 0; });
    each('[data-line]', function (link) {
      var line = link.dataset.line, on = open.indexOf(line) >= 0;
      link.setAttribute('aria-expanded', on);
      link.href = address(link.href, on ? open.filter(function (other) { return other !== line; }) : open.concat(line));
    });
    each('[data-lines]', function (link) { link.href = address(link.href, lines(link.dataset.lines)); link.hidden = link.dataset.lines ? all : !open.length; });
    each('[data-state],a[data-month]', function (link) { link.href = address(link.href, open); });
    stop();
  }
  /* one stop: arrows go on from there */
  function figures() { return Array.prototype.slice.call(root.querySelectorAll('#statement-rows a')).filter(function (el) { return el.offsetWidth; }); }
  function stop(to) {
    var all = figures(), now = to || root.querySelector('#statement-rows [data-here]');
    if (all.indexOf(now) < 0) now = all[0];
    all.forEach(function (el) { el.tabIndex = -1; delete el.dataset.here; });
    if (now) { now.tabIndex = 0; now.dataset.here = '1'; }
  }
  function beside(cell, down, right) {
    var row = cell.parentNode, at = cell.cellIndex;
    do {
      if (right) cell = right > 0 ? cell.nextElementSibling : cell.previousElementSibling;
      else { row = down > 0 ? row.nextElementSibling : row.previousElementSibling; cell = row && row.cells[at]; }
    } while (cell && !(cell.querySelector('a') && cell.offsetWidth));
    return cell && cell.querySelector('a');
  }
  root.addEventListener('focusin', function (event) { if (event.target.matches('#statement-rows a')) stop(event.target); });
  root.addEventListener('keydown', function (event) {
    var way = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key], link = event.target.closest('#statement-rows a'), next;
    if (!way || !link || event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    next = beside(link.closest('td,th'), way[0], way[1]);
    event.preventDefault();
    if (next) next.focus();
  });
  root.addEventListener('click', function (event) {
    var link = event.target.closest('[data-line],[data-lines]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.pushState(null, '', link.getAttribute('href').replace(/#.*/, ''));
    show();
  });
  addEventListener('popstate', show);
  root.addEventListener('htmx:after:swap', show);
  show();
})();
