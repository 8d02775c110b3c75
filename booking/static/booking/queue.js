// Keys in the queue. They act only while focus is in a row, so that nothing that is
// typed or spoken elsewhere decides anything (WCAG 2.1.4).

const rows = () => [...document.querySelectorAll("[data-queue] > [data-request]")];
const stepOf = (row, name) => row.querySelector(`[data-step="${name}"]`);

/** Press a step's button, or open its form and go to the first thing to say. */
function take(row, name) {
  const step = stepOf(row, name);
  if (step?.matches("details")) {
    step.open = true;
    step.querySelector("[name='code'], textarea").focus();
  } else step?.querySelector("button").click();
}

/** Go on from a row to the next that waits, or back. */
function go(row, by) {
  const all = [...document.querySelectorAll("[data-queue] > li")];
  let at = all.indexOf(row) + by;
  while (all[at] && !all[at].matches("[data-request]")) at += by;
  all[at]?.focus();
}

/** Undo what this person decided last and may still undo. */
function undo() {
  const open = [...document.querySelectorAll("[data-step='take-back']:not([hidden])")];
  open.sort((a, b) => a.dataset.until.localeCompare(b.dataset.until));
  open.at(-1)?.querySelector("button").click();
}

const KEYS = {
  a: (row) => take(row, "approve"),
  r: (row) => take(row, "decline"),
  i: (row) => take(row, "ask"),
  j: (row) => go(row, 1),
  k: (row) => go(row, -1),
  x: (row) => row.querySelector("[name='chosen']")?.click(),
  u: undo,
};

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-request], [data-decided]");
  if (!row) return;
  if (event.key === "Escape" && event.target.closest("details[open]")) {
    event.target.closest("details").open = false;
    row.focus();
    return;
  }
  const typing = event.target.matches("textarea, input:not([type='checkbox']), select");
  const act = KEYS[event.key.toLowerCase()];
  if (!act || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  act(row);
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-start]")) rows()[0]?.focus();
});

// A decided row stays where it is, and focus goes on to the next that waits.
document.addEventListener("htmx:afterSettle", (event) => {
  const row = document.getElementById(event.detail.elt.id) ?? event.detail.elt;
  if (row.matches?.("[data-decided]")) {
    const before = document.activeElement;
    go(row, 1);
    if (document.activeElement === before) row.focus();
  } else if (row.matches?.("[data-request]")) row.focus();
  hideUndone();
});

/** Take *Undo* away when its time is over: the other side has been told. */
function hideUndone() {
  for (const form of document.querySelectorAll("[data-until]:not([data-seen])")) {
    form.dataset.seen = "";
    const left = new Date(form.dataset.until) - Date.now();
    setTimeout(() => { form.hidden = true; }, Math.max(left, 0));
  }
}
hideUndone();
