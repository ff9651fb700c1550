// Copy buttons and live update: the two things that need a script. Everything else is the server's.
(function () {
  'use strict';
  const said = document.getElementById('said');

  function copied(button, pre) {
    const was = button.textContent;
    const tell = text => {
      button.textContent = said.textContent = text;
      setTimeout(() => { button.textContent = was; said.textContent = ''; }, 2500);
    };
    const pick = () => {
      const range = document.createRange();
      range.selectNodeContents(pre);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      tell('Press Ctrl+C');
    };
    if (navigator.clipboard && isSecureContext) navigator.clipboard.writeText(pre.textContent).then(() => tell('Copied'), pick);
    else pick();
  }

  function addButtons(within) {
    for (const figure of within.querySelectorAll('figure:not(.plot)')) {
      const caption = figure.querySelector('figcaption'), pre = figure.querySelector('pre');
      if (!caption || !pre || caption.querySelector('button')) continue;
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Copy';
      button.setAttribute('aria-label', 'Copy: ' + caption.firstChild.textContent);
      button.addEventListener('click', () => copied(button, pre));
      caption.appendChild(button);
    }
  }

  addButtons(document);

  const main = document.getElementById('main'), tools = document.getElementById('tools');
  if (!main.dataset.live || !tools || !window.EventSource) return;

  const least = 2000;
  let paused = false, asking = false, due = 0, last = Date.now(), source = null;
  const dot = document.createElement('span'), words = document.createElement('span'), button = document.createElement('button');
  dot.className = 'dot-live off';
  dot.setAttribute('aria-hidden', 'true');
  button.type = 'button';
  button.textContent = 'Pause';
  tools.append(dot, words, button);

  function show(state) {
    words.textContent = state;
    dot.className = state === 'Live' ? 'dot-live' : 'dot-live off';
  }

  // What a reader has open, filled in or stands on stays as it is.
  function isBusy() {
    const active = document.activeElement;
    return !getSelection().isCollapsed || (active && main.contains(active) && /^(INPUT|SELECT|TEXTAREA)$/.test(active.tagName));
  }

  function keyOf(element) {
    return element.id || element.getAttribute('href') || (element.querySelector('summary') || element).textContent;
  }

  async function refresh() {
    due = 0;
    if (paused || asking || document.hidden) return;
    if (isBusy()) { plan(); return; }
    asking = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
      if (answer.redirected || answer.status === 401) { location.reload(); return; }
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const next = fresh.getElementById('main');
      if (!next || isBusy()) return;
      const open = new Set([...main.querySelectorAll('details[open]')].map(keyOf));
      for (const details of next.querySelectorAll('details')) details.open = details.open || open.has(keyOf(details));
      const active = document.activeElement, focused = active && main.contains(active) && active !== main ? keyOf(active) : null;
      main.replaceChildren(...next.childNodes);
      document.title = fresh.title;
      addButtons(main);
      if (focused) [...main.querySelectorAll('a,button,summary')].find(e => keyOf(e) === focused)?.focus({ preventScroll: true });
      if (!next.dataset.live) stop();
    } catch {
      // The gateway is not there just now; the stream comes back by itself and asks again.
    } finally {
      asking = false;
      last = Date.now();
    }
  }

  function plan() {
    if (!due && !paused) due = setTimeout(refresh, Math.max(50, last + least - Date.now()));
  }

  function start() {
    source = new EventSource(main.dataset.live);
    source.addEventListener('open', () => show('Live'));
    source.addEventListener('error', () => show('Reconnecting'));
    source.addEventListener('change', plan);
  }

  function stop() {
    source?.close();
    source = null;
    tools.replaceChildren();
  }

  button.addEventListener('click', () => {
    paused = !paused;
    button.textContent = paused ? 'Resume' : 'Pause';
    if (paused) { source?.close(); show('Paused'); } else { start(); plan(); }
  });
  // Browsers have few connections for one host; a page that nobody sees gives its own back.
  document.addEventListener('visibilitychange', () => {
    if (paused || !tools.hasChildNodes()) return;
    source?.close();
    if (!document.hidden) { start(); plan(); }
  });
  // Relative times grow old by themselves; a look that goes on is followed closely.
  setInterval(plan, 30000);
  setInterval(() => { if (main.querySelector('.look .spin')) plan(); }, 1000);
  show('Connecting');
  start();
})();
