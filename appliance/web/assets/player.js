// The player of one call: wavesurfer draws the peaks that the page brings; the sound comes by ranges.
import WaveSurfer from "wavesurfer.js";
import { levelVoices, skipSilence } from "./hearing.js";

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

// "#t=83" in the address: a link that somebody was given to a moment of this call.
function linkedMoment() {
  const found = /^#t=(\d{1,6})$/.exec(location.hash);
  return found ? Number(found[1]) : null;
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
  const position = box.querySelector("[data-position]");
  const at = box.querySelector("[data-at]");

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

  audio.addEventListener("timeupdate", tell);
  position.addEventListener("input", () => go(Number(position.value)));
  for (const button of box.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => go(audio.currentTime + Number(button.dataset.step)));
  }
  for (const button of document.querySelectorAll("[data-go]")) {
    button.disabled = false;
    button.addEventListener("click", () => go(Number(button.dataset.go)));
  }
  box.querySelector("[data-speed]").addEventListener("change", (event) => { audio.playbackRate = Number(event.target.value); });
  playing(box, audio, playOrPause);
  keys(playOrPause, (seconds) => go(audio.currentTime + seconds));
  moments(box, audio, go);
  troubles(box, audio);
  skipSilence(box.querySelector("[data-skip]"), audio, JSON.parse(box.dataset.speech));
  levelVoices(box.querySelector("[data-level]"), audio);
  tell();
}

function playing(box, audio, playOrPause) {
  const toggle = box.querySelector("[data-toggle]");
  toggle.addEventListener("click", playOrPause);
  audio.addEventListener("play", () => { toggle.textContent = "Pause"; });
  audio.addEventListener("pause", () => { toggle.textContent = "Play"; });
}

// Space and arrows act wherever the focus is, but where the focused control needs them itself.
function keys(playOrPause, move) {
  const acts = { " ": playOrPause, ArrowLeft: () => move(-10), ArrowRight: () => move(10) };
  document.addEventListener("keydown", (event) => {
    const act = acts[event.key];
    const own = event.key === " " ? "input, select, textarea, button, a, summary" : "input:not([type=checkbox]), select, textarea";
    if (!act || event.ctrlKey || event.altKey || event.metaKey || event.target.closest(own)) return;
    event.preventDefault();
    act();
  });
}

// A link holds the call's id and a number of seconds, and opens nothing for who may not hear the call.
function moments(box, audio, go) {
  const goThere = () => { if (linkedMoment() !== null) go(linkedMoment()); };
  const said = box.querySelector("[data-copied]");
  box.querySelector("[data-copy]").addEventListener("click", async () => {
    const seconds = Math.floor(audio.currentTime);
    history.replaceState(null, "", `#t=${seconds}`);
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    const where = `to ${spoken(seconds)}`;
    said.textContent = copied ? `The link ${where} is copied.` : `The link ${where} is in the address bar: copy it from there.`;
  });
  window.addEventListener("hashchange", goThere);
  goThere();
}

// The simple version is the same sound as WAV: bigger, and played by everything.
function troubles(box, audio) {
  const trouble = box.querySelector("[data-trouble]");
  const simple = box.querySelector("[data-simple]");
  const offer = () => { simple.hidden = false; };
  const plain = () => audio.src.endsWith(box.dataset.simpleAudio);
  if (!audio.canPlayType("audio/ogg; codecs=opus")) offer();
  audio.addEventListener("error", () => {
    if (!plain() && audio.error.code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED) return offer();
    trouble.hidden = false;
  });
  audio.addEventListener("playing", () => { trouble.hidden = true; });
  simple.querySelector("button").addEventListener("click", () => {
    const from = audio.currentTime;
    audio.src = box.dataset.simpleAudio;
    audio.currentTime = from;
    simple.hidden = true;
    box.querySelector("[data-toggle]").focus();
    audio.play().catch(() => {});
  });
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
