// What is cut out of a copy, marked on the sound: drag over it, or take the player's place. The boxes stay the truth.
const strip = document.querySelector("[data-cuts]");
const player = document.querySelector("[data-player]");
if (strip && player) setUp(Number(player.dataset.duration));

function setUp(duration) {
  const rows = [...document.querySelectorAll("[data-cut-row]")].map((row) => [...row.querySelectorAll("input")]);
  const said = document.querySelector("[data-cuts-said]");
  const shade = () => show(rows, duration);
  const free = () => rows.find(([from, to]) => !from.value && !to.value);
  const half = () => rows.find(([from, to]) => from.value && !to.value);
  const take = (row, from, to) => {
    if (!row) return void (said.textContent = "All rows are full. Save, and there are more.");
    if (from !== null) row[0].value = typed(from);
    if (to !== null) row[1].value = typed(to);
    said.textContent = `Cut ${rows.indexOf(row) + 1}: ${row[0].value} to ${row[1].value || "not set yet"}`;
    shade();
    if (row[0].value && row[1].value) row[2].focus();
  };
  draw(duration);
  drag(duration, (from, to) => take(free(), from, to));
  const here = () => player.lkAudio?.currentTime ?? 0;
  document.querySelector("[data-cut-from]").addEventListener("click", () => take(free(), here(), null));
  document.querySelector("[data-cut-to]").addEventListener("click", () => take(half(), null, here()));
  for (const input of rows.flat()) input.addEventListener("input", shade);
  shade();
}

function draw() {
  const canvas = strip.querySelector("canvas");
  const peaks = Uint8Array.from(atob(player.dataset.peaks), (c) => c.charCodeAt(0));
  const loudest = Math.max(1, ...peaks);
  canvas.width = Math.round(canvas.clientWidth * window.devicePixelRatio) || 1000; // its own pixels: stretched bars blur
  canvas.height = 80;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#0b5759";
  for (let x = 0; x < canvas.width; x += 2) {
    const height = Math.max(1, (peaks[Math.floor((x / canvas.width) * peaks.length)] / loudest) * canvas.height);
    pen.fillRect(x, (canvas.height - height) / 2, 1, height);
  }
}

function drag(duration, done) {
  const at = (event) => {
    const box = strip.getBoundingClientRect();
    return Math.min(Math.max(0, (event.clientX - box.left) / box.width), 1) * duration;
  };
  let from = null;
  strip.addEventListener("pointerdown", (event) => {
    from = at(event);
    strip.setPointerCapture(event.pointerId);
  });
  strip.addEventListener("pointerup", (event) => {
    const to = at(event);
    if (from !== null && Math.abs(to - from) >= 0.05) done(Math.min(from, to), Math.max(from, to));
    from = null;
  });
}

function show(rows, duration) {
  const marks = rows.map(([from, to]) => [seconds(from.value), seconds(to.value)]).filter(([from, to]) => from !== null && to > from);
  strip.querySelector("[data-cuts-marks]").replaceChildren(
    ...marks.map(([from, to]) => {
      const mark = document.createElement("span");
      mark.style.left = `${(100 * from) / duration}%`;
      mark.style.width = `${(100 * (Math.min(to, duration) - from)) / duration}%`;
      return mark;
    }),
  );
}

function typed(time) {
  const hundredths = Math.round(time * 100);
  const rest = hundredths % 6000;
  return `${Math.floor(hundredths / 6000)}:${String(Math.floor(rest / 100)).padStart(2, "0")}.${String(rest % 100).padStart(2, "0")}`;
}

function seconds(text) {
  const found = /^(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d{1,3})?)$/.exec(text.trim());
  return found ? Number(found[1] ?? 0) * 3600 + Number(found[2]) * 60 + Number(found[3].replace(",", ".")) : null;
}
