// The player of one call: wavesurfer draws the peaks that the page brings; the sound comes by ranges.
import WaveSurfer from "./wavesurfer-8.0.1.js";

const player = document.querySelector("[data-player]");
if (player) setUp(player);

function setUp(box) {
  const ask = box.querySelector("[data-ask]");
  if (!ask) return void begin(box);
  ask.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = new FormData(ask, event.submitter);
    const answer = await fetch(ask.action, { method: "POST", body: new URLSearchParams(form), redirect: "manual" });
    if (answer.status !== 204) return location.reload();
    ask.remove();
    box.querySelector("[data-play]").hidden = false;
    const audio = begin(box);
    box.querySelector("[data-toggle]").focus();
    audio.play().catch(() => {});
    await showWhoListened();
  });
}

// The page was made before this listening was written down.
async function showWhoListened() {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.querySelector("[data-heard]");
  if (now) document.querySelector("[data-heard]").replaceWith(now);
}

function begin(box) {
  const audio = new Audio();
  const duration = Number(box.dataset.duration);
  audio.preload = "metadata";
  audio.preservesPitch = true;
  audio.src = box.dataset.audio;
  draw(box, audio, duration);
  controls(box, audio, duration);
  box.lkAudio = audio;
  return audio;
}

function draw(box, audio, duration) {
  const peaks = Uint8Array.from(atob(box.dataset.peaks), (c) => c.charCodeAt(0));
  const loudest = Math.max(1, ...peaks);
  WaveSurfer.create({
    container: box.querySelector("[data-wave]"),
    media: audio,
    peaks: [Float32Array.from(peaks, (peak) => peak / loudest)],
    duration,
    height: 96,
    waveColor: "#8fb8b9",
    progressColor: "#0b5759",
    cursorColor: "#212b32",
    cursorWidth: 2,
    dragToSeek: true,
    hideScrollbar: true,
    cspNonce: box.dataset.nonce,
  });
}

function controls(box, audio, duration) {
  const toggle = box.querySelector("[data-toggle]");
  const position = box.querySelector("[data-position]");
  const at = box.querySelector("[data-at]");
  const trouble = box.querySelector("[data-trouble]");

  const go = (seconds) => {
    audio.currentTime = Math.min(Math.max(0, seconds), Math.max(0, duration - 0.1));
    tell();
  };
  const tell = () => {
    position.value = String(audio.currentTime);
    position.setAttribute("aria-valuetext", `${spoken(audio.currentTime)} of ${spoken(duration)}`);
    at.textContent = short(audio.currentTime);
  };
  const playOrPause = () => (audio.paused ? audio.play().catch(() => {}) : audio.pause());

  toggle.addEventListener("click", playOrPause);
  audio.addEventListener("play", () => { toggle.textContent = "Pause"; trouble.hidden = true; });
  audio.addEventListener("pause", () => { toggle.textContent = "Play"; });
  audio.addEventListener("timeupdate", tell);
  audio.addEventListener("error", () => {
    trouble.textContent = "This call cannot be played now. Load the page again; if it goes on, tell the practice manager.";
    trouble.hidden = false;
  });
  position.addEventListener("input", () => go(Number(position.value)));
  for (const button of box.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => go(audio.currentTime + Number(button.dataset.step)));
  }
  for (const button of document.querySelectorAll("[data-go]")) {
    button.disabled = false;
    button.addEventListener("click", () => go(Number(button.dataset.go)));
  }
  box.querySelector("[data-speed]").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea, button, a, summary")) return;
    const act = { " ": playOrPause, ArrowLeft: () => go(audio.currentTime - 10), ArrowRight: () => go(audio.currentTime + 10) }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  tell();
}

function short(seconds) {
  const whole = Math.floor(seconds);
  const tail = `${String(whole % 60).padStart(2, "0")}`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

function spoken(seconds) {
  const whole = Math.floor(seconds);
  const parts = [[Math.floor(whole / 3600), "hour"], [Math.floor((whole % 3600) / 60), "minute"], [whole % 60, "second"]];
  const said = parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return said.join(" ") || "0 seconds";
}
