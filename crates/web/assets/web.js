// What pages do beyond what they say. Every page works without this.
"use strict";

// How long an answer may take, in milliseconds: a dead connection would never give one.
const PATIENCE = 15000;

const regions = (root) => [...root.querySelectorAll("[data-region]")];

// The page as it is now takes the place of what it was, region by region. What somebody is typing in stays.
const fields = "input:not([type=hidden]), textarea";
const isInUse = (region) => {
  const field = document.activeElement;
  return region.contains(field) && field.matches(fields) && field.value !== field.defaultValue;
};
// What the server and the page write differently although nothing has changed: the keys of forms, and how much time is left.
const withoutNoise = (html) => html
  .replace(/name="key" value="[^"]*"/g, "")
  .replace(/data-left="[^"]*"([^>]*)>.*?<\/span>/g, "$1");

function replace(old, now) {
  if (withoutNoise(old.innerHTML) === withoutNoise(now.innerHTML) || isInUse(old)) return;
  if ("keeps" in old.dataset && old.querySelector("li[data-sku]")) return replaceItems(old, now);
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && [...old.querySelectorAll("a, button, input, summary")].indexOf(focused);
  old.replaceChildren(...now.childNodes);
  if (!focused) return;
  const again = (focused.id && document.getElementById(focused.id)) ||
    old.querySelectorAll("a, button, input, summary")[place];
  (again || document.getElementById("content")).focus({ preventScroll: true });
}

// What is offered stays where it is until the next page, with what is new about it: nobody shall press what has just taken
// the place of something else.
function replaceItems(old, now) {
  const coming = new Map([...now.querySelectorAll("li[data-sku]")].map((item) => [item.dataset.sku, item]));
  for (const item of old.querySelectorAll("li[data-sku]")) {
    if (coming.has(item.dataset.sku)) replace(item, coming.get(item.dataset.sku));
  }
}

let refreshing = Promise.resolve();
function refresh() {
  refreshing = refreshing.then(async () => {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const shown = new Map(regions(document).map((region) => [region.dataset.region, region]));
    const coming = regions(page);
    // Another kind of page, as when an empty shop has got its first products: there is nothing to put region by region.
    if (coming.length !== shown.size || coming.some((region) => !shown.has(region.dataset.region))) {
      replace(document.getElementById("content"), page.getElementById("content"));
    }
    for (const region of coming.filter(({ ownerDocument }) => ownerDocument === page)) {
      const old = document.querySelector(`[data-region="${region.dataset.region}"]`);
      if (!old) continue;
      for (const { name, value } of region.attributes) old.setAttribute(name, value);
      replace(old, region);
    }
    count();
    look();
  }).catch(() => {});
  return refreshing;
}

// Where the page says that there will soon be more to see, it is looked at again.
function look() {
  if (document.querySelector("[data-soon]")) refreshSoon(1000);
}

// Several things that happen at once are shown at once.
let due;
function refreshSoon(after = 80) {
  clearTimeout(due);
  due = setTimeout(refresh, after);
}

function say(text, isProblem) {
  const toasts = document.getElementById("toasts");
  if (!text || !toasts) return;
  const toast = document.createElement("p");
  toast.textContent = text;
  toast.className = isProblem ? "toast problem" : "toast";
  toasts.append(toast);
  setTimeout(() => toast.remove(), 6000);
}

// Live: the stream of what the page shows. A page that nobody sees follows nothing.
let stream;
function follow() {
  const live = document.getElementById("live");
  if (!live || !live.dataset.url || document.hidden) return;
  stream?.close();
  stream = new EventSource(live.dataset.url);
  const names = ["cart-changed", "cart-quiet", "cart-ended", "hold-placed", "hold-filled", "hold-short", "hold-lapsed",
    "hold-released", "stock-changed", "product-changed", "product-retired", "suggestions-changed", "mail-sent",
    "mail-failed", "reset"];
  for (const name of names) stream.addEventListener(name, () => {
    say(document.querySelector(`#live [data-moment="${name}"]`)?.textContent);
    refreshSoon();
  });
  stream.addEventListener("open", () => document.documentElement.dataset.live = "open");
  stream.addEventListener("error", () => {
    delete document.documentElement.dataset.live;
    // Otherwise the browser comes back by itself. Closed for good, the ticket was too old: a new one is in a new page.
    if (stream.readyState === EventSource.CLOSED) setTimeout(() => refresh().then(follow), 1000 + Math.random() * 2000);
  });
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    stream?.close();
    delete document.documentElement.dataset.live;
  } else if (document.getElementById("live")) refresh().then(follow);
});
addEventListener("pageshow", (event) => {
  if (event.persisted && isLeft) location.reload();
  else if (event.persisted) refresh().then(follow);
});
addEventListener("pagehide", () => stream?.close());

// Forms are sent without leaving the page, one after the other: no wish overtakes an earlier one.
let sending = Promise.resolve();
let waiting = 0;
// The browser itself has sent a form: should it come back to this page, nothing of it goes on.
let isLeft = false;
// Each press is a wish with a key of its own, but for those of which nobody knows what became: pressed again, they take effect
// once.
const unanswered = new Map();

function send(form, button) {
  // What was chosen counts, whatever is chosen while it waits.
  const data = new FormData(form);
  if (button?.name) data.set(button.name, button.value);
  for (const one of form.querySelectorAll("button")) one.disabled = true;
  form.setAttribute("aria-busy", "true");
  waiting += 1;
  sending = sending.then(() => post(form, data)).then(() => { waiting -= 1; });
  sending.then(async () => {
    if (!waiting) await refresh();
    for (const one of form.querySelectorAll("button")) one.disabled = false;
    form.removeAttribute("aria-busy");
    if (button?.isConnected && document.activeElement === document.body) button.focus({ preventScroll: true });
    if (!stream || stream.readyState === EventSource.CLOSED || form.matches("[action$='/add']")) follow();
  });
}

// Returns when the next one may be sent.
async function post(form, data) {
  const shown = data.get("key");
  data.delete("key");
  const wish = `${form.action}?${new URLSearchParams(data)}`;
  const key = unanswered.get(wish) ?? newKey(shown);
  unanswered.set(wish, key);
  data.set("key", key);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(data),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const said = await answer.json();
    say(said.problem ?? said.notice ?? said.detail, !answer.ok);
    if (answer.status < 500) forget(wish, data);
    // What was taken is not being typed any more: its region may be replaced.
    if (answer.ok) for (const field of form.querySelectorAll(fields)) if (data.has(field.name)) field.defaultValue = data.get(field.name);
  } catch {
    // With others behind it, it is not sent again: the next press does that, with the same key.
    if (waiting > 1) return say(document.getElementById("live")?.dataset.failed, true);
    // Then the browser sends it, and shows what comes of it; all that was chosen belongs to it.
    if (!form.isConnected) document.body.append(Object.assign(form, { hidden: true }));
    for (const [name, value] of data) {
      const field = form.querySelector(`input[type=hidden][name="${name}"]`) ??
        form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
      field.value = value;
    }
    for (const field of form.querySelectorAll(fields)) field.disabled = true;
    isLeft = true;
    form.submit();
    return new Promise(() => {});
  }
}

// It is known what became of this wish, and it overtakes those about the same: what is wished again then is another wish.
function forget(wish, data) {
  unanswered.delete(wish);
  const sku = data.get("sku");
  for (const earlier of unanswered.keys()) {
    const isAboutTheSame = new URLSearchParams(earlier.slice(earlier.indexOf("?"))).get("sku") === sku;
    if (isAboutTheSame || data.get("what") === "empty") unanswered.delete(earlier);
  }
}

const newKey = (key) => crypto.randomUUID?.() ??
  key.replace(/[0-9a-f](?=[0-9a-f-]{0,11}$)/g, () => (Math.random() * 16 | 0).toString(16));

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-send]")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-send-on-change]") && event.target.checkValidity()) {
    event.target.defaultValue = event.target.value;
    event.target.form.requestSubmit(event.target.form.querySelector(".update"));
  }
});

// Clocks run down from what the server said was left: this machine's clock may be wrong.
const ends = new WeakMap();
function count() {
  for (const clock of document.querySelectorAll("[data-left]")) {
    if (!ends.has(clock)) ends.set(clock, performance.now() + clock.dataset.left * 1000);
    const left = Math.max(0, Math.round((ends.get(clock) - performance.now()) / 1000));
    const time = left >= 3600
      ? `${Math.floor(left / 3600)} h ${Math.floor(left % 3600 / 60)} min`
      : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    const text = clock.dataset.words.replace("{}", time);
    if (clock.textContent !== text) clock.textContent = text;
  }
}
setInterval(count, 500);

// Suggestions while typing.
const box = document.querySelector("[data-suggest]");
if (box) {
  const list = document.getElementById("suggestions");
  let asked, timer;
  const close = () => list.replaceChildren();
  const ask = async () => {
    const words = box.value.trim();
    asked?.abort();
    if (words.length < 2) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(words)}`, { signal: asked.signal });
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      list.replaceChildren(...part.body.childNodes);
    } catch { /* another letter was typed, or there is no answer: one can still search */ }
  };
  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 120); });
  const form = box.form;
  form.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { close(); box.focus(); }
    else if (event.key === "ArrowDown" && links.length) { event.preventDefault(); links[(at + 1) % links.length].focus(); }
    else if (event.key === "ArrowUp" && links.length) { event.preventDefault(); at <= 0 ? box.focus() : links[at - 1].focus(); }
  });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) close(); });
}

count();
follow();
look();
