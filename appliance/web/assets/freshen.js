// A part of the page that changes by itself is looked at again, and only while there is something to wait for. Asking
// so keeps no session alive: the site tells a script's question from a person's click.

async function freshen(place) {
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const now = page.getElementById(place.id);
    if (now) {
      place.replaceWith(now);
      return again(now);
    }
  }
  again(place);
}

function again(place) {
  const every = Number(place.dataset.freshen);
  if (every) window.setTimeout(freshen, every, place);
}

document.querySelectorAll("[data-freshen]").forEach(again);
