// The components' own behaviour, and printing. Every page works without any of it.
import { initAll } from "nhsuk-frontend";

initAll();

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

// The recovery sheet is shown once: ask before it is lost.
const leaving = document.querySelector("[data-leave-when-ticked]");
if (leaving) {
  const ask = (event) => event.preventDefault();
  window.addEventListener("beforeunload", ask);
  leaving.addEventListener("submit", () => window.removeEventListener("beforeunload", ask));
}
