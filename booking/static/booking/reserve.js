// The slot that an open form holds: how long still, said in time, let go when left.

const MINUTE_MS = 60_000;
const SOON_MINUTES = 2;

/** When the hold ends by this computer's clock, whatever that shows. */
let endsAt = null;
let saidSoon = false;

function say(text) {
  const line = document.getElementById("says");
  if (line && text && line.textContent !== text) line.textContent = text;
}

/** Take up what the server just said of the hold, and tell it to those who listen. */
function read() {
  const held = document.querySelector(".held[data-seconds]");
  endsAt = held ? Date.now() + Number(held.dataset.seconds) * 1000 : null;
  saidSoon = false;
  say(document.querySelector("[data-says]")?.textContent.replace(/\s+/g, " ").trim());
  tick();
}

function tick() {
  const held = document.querySelector(".held[data-seconds]");
  if (!held || endsAt === null) return;
  const left = Math.ceil((endsAt - Date.now()) / MINUTE_MS);
  if (left <= 0) {
    endsAt = null;
    const over = document.createElement("p");
    over.textContent = held.dataset.over;
    held.replaceChildren(over);
    held.classList.remove("success");
    say(held.dataset.over);
    return;
  }
  held.querySelector("[data-show-left]").textContent = ` (${held.dataset.left.replace("{n}", left)})`;
  if (left <= SOON_MINUTES && !saidSoon) {
    saidSoon = true;
    say(held.dataset.soon);
  }
}

/** Let go when the page is left; what was sent meanwhile is no hold and stays. */
window.addEventListener("pagehide", () => {
  const form = document.getElementById("reserve-form");
  if (!form) return;
  const what = new FormData();
  for (const name of ["csrfmiddlewaretoken", "key"]) what.set(name, form.elements[name].value);
  what.set("left", "1");
  navigator.sendBeacon(form.dataset.release, what);
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.getElementById("asking")?.dispatchEvent(new Event("again"));
});

document.addEventListener("htmx:afterSettle", read);
setInterval(tick, 5_000);
read();
