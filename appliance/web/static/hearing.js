// What makes a call easier to listen to. The recording itself stays as it is: both act on what is heard here and now.

const SHORTEST_S = 2;
const LEAD_S = 0.4;
const LOOK_MS = 100;

// Jumps over stretches of two seconds and more in which nobody speaks. `speech` is [[start, end], ...] in seconds.
export function skipSilence(box, audio, speech) {
  if (!speech.length) {
    box.disabled = true;
    return;
  }
  const next = (at) => {
    const talking = speech.find(([, end]) => end + LEAD_S > at);
    if (!talking) return audio.duration;
    return talking[0] - LEAD_S;
  };
  window.setInterval(() => {
    if (!box.checked || audio.paused || audio.seeking) return;
    const to = next(audio.currentTime);
    if (to - audio.currentTime >= SHORTEST_S - LEAD_S) audio.currentTime = Math.max(0, Math.min(to, audio.duration - 0.1));
  }, LOOK_MS);
}

// A compressor: what is loud is turned down and the whole turned up, so that the far and the near side are alike.
export function levelVoices(box, audio) {
  let graph = null;
  const connect = () => {
    if (!graph) graph = made(audio);
    graph.context.resume();
    graph.source.disconnect();
    graph.source.connect(box.checked ? graph.compressor : graph.context.destination);
  };
  box.addEventListener("change", connect);
}

function made(audio) {
  const context = new AudioContext();
  const source = context.createMediaElementSource(audio);
  const compressor = new DynamicsCompressorNode(context, { threshold: -45, knee: 20, ratio: 8, attack: 0.005, release: 0.25 });
  const gain = new GainNode(context, { gain: 2 });
  compressor.connect(gain).connect(context.destination);
  return { context, source, compressor };
}
