// What every page does a little quicker with JavaScript; all of it works without.

document.documentElement.classList.add("js");

// --- One click, one request -------------------------------------------------------

/** Keep a form from being sent twice; Back shows the page as it was, so undo it there. */
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  event.submitter?.setAttribute("aria-disabled", "true");
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.forms) {
    sent.delete(form);
    form.querySelectorAll("[aria-disabled]").forEach((button) => button.removeAttribute("aria-disabled"));
  }
});

// --- Toasts -----------------------------------------------------------------------

const STAYS_MS = 8000;

/** Let what went well fade by itself; what went wrong stays until it is dismissed. */
function watchToasts(root) {
  for (const toast of root.querySelectorAll("#toasts > .success:not([data-seen])")) {
    toast.dataset.seen = "";
    const fade = () => toast.matches(":hover, :focus-within") ? setTimeout(fade, STAYS_MS) : toast.remove();
    setTimeout(fade, STAYS_MS);
  }
}

/** Say that something failed on the way; the page and what was typed stay. */
export function tell(why) {
  const words = document.getElementById("trouble").content.firstElementChild.cloneNode(true);
  words.textContent = words.dataset[why];
  document.getElementById("toasts").replaceChildren(words);
}

// --- htmx -------------------------------------------------------------------------

document.addEventListener("htmx:beforeRequest", (event) => event.detail.target.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => event.detail.target.removeAttribute("aria-busy"));
document.addEventListener("htmx:sendError", () => tell("offline"));
document.addEventListener("htmx:timeout", () => tell("offline"));
document.addEventListener("htmx:responseError", () => tell("fault"));
document.addEventListener("htmx:afterRequest", (event) => sent.delete(event.detail.elt));
document.addEventListener("htmx:afterSettle", (event) => {
  watchToasts(document);
  ownClock(document);
  // Where the new content says so, the reader goes on there.
  event.detail.elt.querySelector?.("[data-focus]")?.focus();
});

// --- Whose clock ------------------------------------------------------------------

/** Beside the site's clock show one's own, where it differs. */
function ownClock(root) {
  for (const line of root.querySelectorAll("[data-zone]:not([data-seen])")) {
    line.dataset.seen = "";
    const at = new Date(line.dataset.at);
    const show = (timeZone) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }).format(at);
    if (show(line.dataset.zone) === show(undefined)) continue;
    line.append(" · ", line.dataset.yours.replace("{there}", show(line.dataset.zone)).replace("{here}", show(undefined)));
  }
}

watchToasts(document);
ownClock(document);
