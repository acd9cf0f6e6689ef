// The lines' meters, asked for every second while the page is looked at. A screen reader is told nothing by itself: the
// figures are there to be read, and what is wrong is told by the strip at the top of the page.

const EVERY_MS = 1000;

function put(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function showSound(sound) {
  const place = document.querySelector(`[data-sound="${sound.line}"]`);
  const shown = place?.querySelectorAll("[data-meter]").length ?? -1;
  if (shown !== sound.meters.length) return location.reload();
  for (const meter of sound.meters) {
    const row = place.querySelector(`[data-meter="${meter.name}"]`);
    row.querySelector("meter").value = meter.share;
    put(row.querySelector("[data-text]"), meter.text);
  }
  const wrong = place.querySelector("[data-wrong]");
  if (sound.wrong.join("\n") !== [...wrong.children].map((p) => p.textContent).join("\n")) {
    wrong.replaceChildren(...sound.wrong.map((text) => Object.assign(document.createElement("p"), { textContent: text })));
    wrong.hidden = sound.wrong.length === 0;
  }
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch("/lines/levels", { headers: { Accept: "application/json" } });
    if (answer.ok) (await answer.json()).forEach(showSound);
  } catch {
    // No contact: the state of the lines above says so.
  }
}

window.setInterval(look, EVERY_MS);
