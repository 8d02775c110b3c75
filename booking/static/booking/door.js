// Keeps the last state on the screen when the connection is lost, and says how old it is.

/** Tell it, or be silent again; the next state that comes replaces the words anyway. */
function lost(isLost) {
  const words = document.querySelector(".lost");
  if (!words) return;
  words.hidden = !isLost;
  words.textContent = isLost ? words.dataset.lost.replace("{at}", words.dataset.at) : "";
}

for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.addEventListener(name, () => lost(true));
}
