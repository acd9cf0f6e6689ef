// An update is uploaded in pieces, each as small as what any page may send, one after another. The answer to each says
// from where the next is to be, so a piece whose answer was lost is simply sent again.
const PIECE = 60 * 1024;
const TRIES = 30;
const WAIT_MS = 2000;
const BUSY = new Set([429, 502, 503, 504]);

class Refused extends Error {}

const form = document.querySelector("[data-upload]");
if (form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start(form.elements.update.files[0]);
  });
}

async function start(file) {
  const button = form.querySelector("button");
  const said = form.querySelector("[data-upload-said]");
  button.disabled = true;
  said.textContent = "The update is being uploaded.";
  try {
    await upload(file);
    location.reload();
  } catch (wrong) {
    said.textContent = wrong instanceof Refused ? wrong.message : "The file cannot be read. Choose it again.";
    button.disabled = false;
  }
}

async function upload(file) {
  const bar = form.querySelector("[data-upload-bar]");
  bar.hidden = false;
  let { place, at } = await send("begin", new URLSearchParams({ size: file.size }));
  while (at < file.size) {
    const piece = await file.slice(at, at + PIECE).arrayBuffer();
    ({ at } = await send(`piece?${new URLSearchParams({ place, at })}`, piece));
    bar.firstElementChild.value = at / file.size;
  }
}

async function send(what, body) {
  const headers = { "X-CSRFToken": form.elements.csrf_token.value };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const answer = await fetch(`${form.action}/${what}`, { method: "POST", headers, body }).catch(() => null);
    if (answer?.redirected) location.assign(answer.url); // to sign in, or to give the password
    if (answer?.ok && !answer.redirected) return answer.json();
    if (answer && !BUSY.has(answer.status)) throw new Refused(await words(answer));
    await new Promise((done) => window.setTimeout(done, WAIT_MS));
  }
  throw new Refused("The recorder cannot be reached. Nothing was changed. Upload the file again later.");
}

async function words(answer) {
  const text = answer.status === 409 ? (await answer.json()).text : "";
  return text || "The upload was stopped. Nothing was changed. Load this page again and try once more.";
}
