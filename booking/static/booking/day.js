// A date in the page's words beside its field, and days that one click chooses.
// See DayInput in booking/web/forms/fields.py.

/** Write the date as the page's language does, whatever the browser's is. */
function words(value, pattern) {
  const day = new Date(`${value}T12:00:00Z`);
  if (Number.isNaN(day.getTime())) return "";
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
  const parts = Object.fromEntries(format.formatToParts(day).map((part) => [part.type, part.value]));
  return pattern.replace(/EEEE|MMMM|d/g, (name) => ({ EEEE: parts.weekday, MMMM: parts.month, d: parts.day })[name]);
}

document.addEventListener("input", (event) => {
  const field = event.target.closest(".field");
  const output = field?.querySelector("[data-day-words]");
  if (!output || event.target.type !== "date") return;
  output.textContent = words(event.target.value, output.dataset.dayWords);
  for (const button of field.querySelectorAll("[data-day]")) {
    button.setAttribute("aria-pressed", button.dataset.day === event.target.value);
  }
});

document.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-day]");
  const input = chosen?.closest(".field").querySelector("input[type=date]");
  if (!input || input.value === chosen.dataset.day) return;
  input.value = chosen.dataset.day;
  input.dispatchEvent(new Event("input", { bubbles: true }));
});
