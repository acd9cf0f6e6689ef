// How the lines stand, without loading the page again: server-sent events, and asking every few seconds where there are
// none. The screen reader is told only when a line's words change.

const POLL_MS = 5000;
const AGAIN_MS = 60000;
const SILENCE_MS = 8000;
const LOST_MS = 30000;

const said = document.querySelector("[data-said]");
const problems = document.querySelector("[data-problems]");
let source = null;
let polling = 0;
let lastHeard = Date.now();
let lost = false;

function put(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function showLine(line) {
  const places = document.querySelectorAll(`[data-line="${line.line}"]`);
  let changed = false;
  for (const place of places) {
    const words = place.querySelector("[data-words]");
    changed ||= words.textContent !== line.words;
    place.dataset.state = line.state;
    put(words, line.words);
    put(place.querySelector("[data-since]"), line.since);
  }
  return changed ? `${line.name}: ${line.words}` : "";
}

function showProblems(texts) {
  const box = problems.querySelector("[data-problem-list]");
  if (texts.join("\n") === [...box.children].map((p) => p.textContent).join("\n")) return;
  box.replaceChildren(...texts.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
  problems.hidden = texts.length === 0;
}

function show(standing) {
  const before = document.querySelectorAll(".lk-chip[data-state='recording']").length;
  lastHeard = Date.now();
  lost = false;
  const changes = standing.lines.map(showLine).filter(Boolean);
  if (changes.length) put(said, changes.join(". "));
  put(document.querySelector("[data-headline]"), standing.headline);
  showProblems(standing.problems);
  if (standing.lines.length !== document.querySelectorAll(".lk-chip[data-line]").length) location.reload();
  const after = document.querySelectorAll(".lk-chip[data-state='recording']").length;
  if (after < before) window.setTimeout(freshen, 2000);
}

// A call has ended: the first page's figures and its latest call are new.
async function freshen() {
  const places = ["[data-figures]", "[data-latest]"].filter((name) => document.querySelector(name));
  if (!places.length) return;
  const answer = await fetch("/", { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const name of places) {
    const now = page.querySelector(name);
    if (now) document.querySelector(name).replaceWith(now);
  }
}

function showLost() {
  const silent = Date.now() - lastHeard;
  if (silent > SILENCE_MS && !lost) {
    lost = true;
    for (const place of document.querySelectorAll("[data-line]")) {
      place.dataset.state = "unknown";
      put(place.querySelector("[data-words]"), "Not known – reconnecting");
      put(place.querySelector("[data-since]"), "");
    }
    put(said, "Contact lost. The state of the lines is not known.");
  }
  if (silent > LOST_MS) {
    const since = new Date(lastHeard).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });
    const words = `No contact with the recorder since ${since}. Recording runs on its own.`;
    put(document.querySelector("[data-headline]"), "No contact with the recorder");
    showProblems([words]);
  }
}

function ended() {
  stop();
  location.assign(`/sign-in?ended=1&back=${encodeURIComponent(location.pathname)}`);
}

async function poll() {
  try {
    const answer = await fetch("/live", { headers: { Accept: "application/json" } });
    if (answer.status === 401) return ended();
    if (answer.ok) show(await answer.json());
  } catch {
    // No contact: the clock below says so when it has lasted.
  }
}

function start() {
  if (source || document.hidden) return;
  source = new EventSource("/live/events");
  source.addEventListener("message", (event) => {
    window.clearInterval(polling);
    polling = 0;
    show(JSON.parse(event.data));
  });
  source.addEventListener("open", () => { lastHeard = Date.now(); });
  source.addEventListener("ended", ended);
  source.addEventListener("error", () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    source = null;
    polling ||= window.setInterval(poll, POLL_MS);
    poll();
    window.setTimeout(start, AGAIN_MS);
  });
}

function stop() {
  source?.close();
  source = null;
  window.clearInterval(polling);
  polling = 0;
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return stop();
  lastHeard = Date.now();
  start();
});
window.addEventListener("pagehide", stop);
// Who signs out here knows it: the stream's end must not lead them away from the page that says so.
document.querySelector(".lk-bar__person").addEventListener("submit", stop);
window.setInterval(() => {
  // An open stream is contact, though nothing changes for hours.
  if (source?.readyState === EventSource.OPEN || document.hidden) lastHeard = Date.now();
  showLost();
}, 1000);
start();
