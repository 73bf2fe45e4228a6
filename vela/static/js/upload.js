/* A file on its way: how much of it has arrived, then that the server is at work on it. */
(function () {
  function show(form, words, share) {
    var box = form.querySelector('[data-progress]'), bar = box.querySelector('progress');
    box.hidden = false;
    box.querySelector('span').textContent = words;
    if (share === undefined) bar.removeAttribute('value'); else bar.value = share;
    form.querySelector('[type=submit]').disabled = true;
  }
  function rest(form, words) {
    form.querySelector('[data-progress]').hidden = true;
    form.querySelector('[type=submit]').disabled = false;
    form.querySelector('.invalid-feedback').textContent = words;
    form.querySelector('.invalid-feedback').classList.toggle('d-block', !!words);
  }
  function send(form) {
    var asking = new XMLHttpRequest(), sent = new FormData(form), file = form.querySelector('[type=file]').files[0];
    rest(form, file && file.size > +form.dataset.most ? form.dataset.tooLarge : '');
    if (file && file.size > +form.dataset.most) return;
    asking.open('POST', form.action);
    asking.setRequestHeader('HX-Request', 'true'); /* an answer that names the page to go to, not the page itself */
    asking.upload.onprogress = function (event) { if (event.lengthComputable) show(form, form.dataset.upload, event.loaded / event.total); };
    asking.upload.onload = function () { show(form, form.dataset.checking); };
    asking.onerror = function () { rest(form, form.dataset.failed); };
    asking.onload = function () {
      var next = asking.getResponseHeader('HX-Redirect');
      if (next) location.assign(next);
      else if (asking.status === 422) rest(form, new DOMParser().parseFromString(asking.responseText, 'text/html').getElementById('import-file-error').textContent);
      else rest(form, form.dataset.failed);
    };
    show(form, form.dataset.upload, 0);
    asking.send(sent);
  }
  document.addEventListener('submit', function (event) { /* before whoever sends plain forms, who then lets an upload be */
    var form = event.target;
    if (form.matches('[data-upload]')) { event.preventDefault(); send(form); }
    if (form.matches('[data-storing]') && form.vGoes) show(form, form.dataset.storing);
  }, true);
  addEventListener('pageshow', function () { /* back from another page: everything is as before the press */
    document.querySelectorAll('[data-progress]').forEach(function (box) { box.hidden = true; box.closest('form').querySelector('[type=submit]').disabled = false; });
  });
})();
