// The timeline by mouse, by touch and by keys: select a free stretch, move what is one's own.
//
// The page works without this: free times and reservations are plain links. A lane is a
// resource's day, a row of a table (data-axis x) or a column (y); places are counted in columns.

const HOLD_MS = 400, SLACK_PX = 6, TICK_MS = 60_000;

/** What the person is at: kind (select, move, from, to), cell, lane, columns, ghost. */
let deed = null;

const grid = () => document.getElementById("grid");
const said = () => document.getElementById("said");
const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

// --- Cells and lanes ----------------------------------------------------------------

const begin = (cell) => Number(cell.dataset.at);
const end = (cell) => begin(cell) + (isUpright(cell) ? cell.rowSpan : cell.colSpan);
const isUpright = (cell) => cell.closest("table").dataset.axis === "y";
const focusable = (cell) => cell.querySelector("a") ?? cell;
const cellOf = (node) => node?.closest?.("#grid .lanes td");
const headAt = (node) => node?.closest?.("#grid .lanes [data-lane] th a, #grid .lanes th[data-lane] a");

function lanes() {
  return [...grid().querySelectorAll("tr[data-lane], th[data-lane]")].map(laneAt);
}

function laneOf(cell) {
  const table = cell.closest("table");
  return laneAt(isUpright(cell) ? table.querySelector(`th[data-lane="${cell.dataset.lane}"]`) : cell.parentElement);
}

function laneAt(node) {
  const table = node.closest("table"), data = node.dataset;
  const upright = table.dataset.axis === "y";
  const cells = [...(upright ? table.querySelectorAll(`td[data-lane="${data.lane}"]`) : node.querySelectorAll("td"))];
  return {
    node, cells, data, upright,
    reserve: table.dataset.reserve.replace("LANE", data.lane),
    minutes: Number(table.dataset.minutes),
    clocks: (data.clocks ?? table.dataset.clocks).split(" "),
    start: Date.parse(data.start ?? table.dataset.start),
    columns: end(cells.at(-1)),
  };
}

/** The lane's rectangle in the window. */
function boxOf(lane) {
  const first = lane.cells[0].getBoundingClientRect(), last = lane.cells.at(-1).getBoundingClientRect();
  return new DOMRect(first.left, first.top, last.right - first.left, last.bottom - first.top);
}

/** Where a pointer is, in columns and parts of one. */
function columnAt(lane, point) {
  const box = boxOf(lane);
  return lane.columns * (lane.upright ? (point.clientY - box.top) / box.height : (point.clientX - box.left) / box.width);
}

/** Whether reservations may start and end there, by the clock on the wall. */
function onGrid(lane, column) {
  const [hours, minutes] = lane.clocks[column].split(":").map(Number);
  return (hours * 60 + minutes) % Number(lane.data.grid) === 0;
}

function snap(lane, column, step) {
  while (column > 0 && column < lane.columns && !onGrid(lane, column)) column += step;
  return clamp(column, 0, lane.columns);
}

/** One step further on the grid. */
const further = (lane, column, step) => snap(lane, clamp(column + step, 0, lane.columns), step);
const least = (lane) => Math.ceil(Number(lane.data.least) / lane.minutes);
const isMine = (cell) => "reference" in cell.dataset;
const isFree = (cell) => cell.matches(".free, .some");

// --- Saying and showing ---------------------------------------------------------------

function lengthText(minutes) {
  const parts = [[said().dataset.hours, "{h}", Math.floor(minutes / 60)], [said().dataset.minutes, "{m}", minutes % 60]];
  return parts.filter((part) => part[2]).map(([text, name, count]) => text.replace(name, count)).join(" ");
}

function show() {
  const { lane, from, to } = deed, box = boxOf(lane), frame = lane.node.closest(".timeline");
  const part = (column) => column / lane.columns, origin = frame.getBoundingClientRect();
  const text = `${lane.clocks[from]}–${lane.clocks[to]}, ${lengthText((to - from) * lane.minutes)}`;
  const left = box.left - origin.left + frame.scrollLeft, top = box.top - origin.top;
  deed.ghost ??= frame.appendChild(Object.assign(document.createElement("div"), { className: "ghost" }));
  deed.ghost.textContent = text;
  // By the object model, which the content security policy leaves to scripts of our own.
  Object.assign(deed.ghost.style, lane.upright
    ? { left: `${left}px`, width: `${box.width}px`, top: `${top + part(from) * box.height}px`, height: `${part(to - from) * box.height}px` }
    : { top: `${top}px`, height: `${box.height}px`, left: `${left + part(from) * box.width}px`, width: `${part(to - from) * box.width}px` });
  const hint = deed.byKeys ? `. ${said().dataset[deed.kind === "select" ? "select" : "move"]}` : "";
  said().textContent = text + hint;
}

function giveUp() {
  deed?.ghost?.remove();
  deed = null;
  said().textContent = "";
}

// --- Doing ----------------------------------------------------------------------------

/** Take up what can be done with a cell. */
function take(cell, kind, byKeys = false) {
  deed = { kind, cell, lane: laneOf(cell), from: begin(cell), to: end(cell), byKeys };
}

/** Select from one column to another, within what is free. */
function select(from, to) {
  const { cell, lane } = deed;
  const low = snap(lane, begin(cell), 1), high = snap(lane, Number(cell.dataset.room ?? end(cell)), -1);
  deed.from = clamp(snap(lane, Math.floor(Math.min(from, to)), -1), low, high);
  deed.to = clamp(snap(lane, Math.ceil(Math.max(from, to)), 1), deed.from, high);
  if (deed.to > deed.from) show();
}

/** Move by so many columns, or only one of its ends. */
function shift(by) {
  const { cell, lane, kind } = deed;
  const step = by < 0 ? -1 : 1, length = end(cell) - begin(cell);
  if (kind === "from") deed.from = clamp(snap(lane, begin(cell) + by, step), 0, end(cell) - least(lane));
  else if (kind === "to") deed.to = clamp(snap(lane, end(cell) + by, step), begin(cell) + least(lane), lane.columns);
  else {
    deed.from = clamp(snap(lane, begin(cell) + by, step), 0, lane.columns - length);
    deed.to = deed.from + length;
  }
  show();
}

function finish() {
  const { kind, cell, lane, from, to } = deed;
  const stays = lane.node === laneOf(cell).node && from === begin(cell) && to === end(cell);
  giveUp();
  if (kind === "select") {
    if (to === from) return;
    const hours = String((to - from) * lane.minutes / 60);
    location.href = `${lane.reserve}?${new URLSearchParams({ day: lane.data.day, from: lane.clocks[from], hours })}`;
  } else if (!stays) {
    const at = (column) => new Date(lane.start + column * lane.minutes * 60_000).toISOString();
    const { move, token, back } = grid().dataset;
    const { reference, version } = cell.dataset;
    const values = { reference, version, starts_at: at(from), ends_at: at(to), back, csrfmiddlewaretoken: token };
    htmx.ajax("POST", move, { target: "#toasts", swap: "innerHTML", values });
  }
}

// --- By mouse and touch ---------------------------------------------------------------

let pressed = null, held = 0, wasDragged = false;

document.addEventListener("pointerdown", (event) => {
  const cell = cellOf(event.target);
  wasDragged = false;
  if (deed) giveUp();
  if (!cell || event.button || !(isFree(cell) || isMine(cell))) return;
  const grip = event.target.closest(".grip");
  const kind = isFree(cell) ? "select" : !grip ? "move" : grip.matches(".end") ? "to" : "from";
  pressed = { cell, kind, x: event.clientX, y: event.clientY, touch: event.pointerType === "touch" };
  if (pressed.touch) held = setTimeout(start, HOLD_MS);
});

function start() {
  const { cell, kind, x, y } = pressed;
  take(cell, kind);
  deed.grab = columnAt(deed.lane, { clientX: x, clientY: y });
  if (kind === "select") select(deed.grab, deed.grab);
  else show();
}

document.addEventListener("pointermove", (event) => {
  if (!pressed) return;
  const isFar = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y) > SLACK_PX;
  if (!deed && isFar && pressed.touch) return letGo();
  if (!deed && isFar) start();
  if (!deed || deed.byKeys) return;
  // A day of the week can be dragged to another one; to another resource nothing can.
  if (deed.kind === "move" && deed.lane.upright) {
    deed.lane = lanes().find((lane) => { const box = boxOf(lane); return event.clientX >= box.left && event.clientX < box.right; }) ?? deed.lane;
  }
  const column = columnAt(deed.lane, event);
  if (deed.kind === "select") select(deed.grab, column);
  else shift(Math.round(column - deed.grab));
});

function letGo() {
  clearTimeout(held);
  pressed = null;
}

document.addEventListener("pointerup", () => {
  letGo();
  if (!deed || deed.byKeys) return;
  wasDragged = true;
  finish();
});
document.addEventListener("pointercancel", () => { letGo(); giveUp(); });
// Once something is held the page stays where it is; until then it scrolls as ever.
document.addEventListener("touchmove", (event) => { if (deed) event.preventDefault(); }, { passive: false });
document.addEventListener("contextmenu", (event) => { if (deed || pressed?.touch) event.preventDefault(); });
document.addEventListener("dragstart", (event) => { if (cellOf(event.target)) event.preventDefault(); });
document.addEventListener("click", (event) => { if (wasDragged && cellOf(event.target)) event.preventDefault(); }, true);

// --- By keys --------------------------------------------------------------------------

/** The whole grid is one stop of the Tab key; arrows go on from there. */
function rove(cell) {
  for (const node of grid().querySelectorAll('.lanes [tabindex="0"]')) node.tabIndex = -1;
  focusable(cell).tabIndex = 0;
}

function prepare() {
  const cells = grid()?.querySelectorAll(".lanes td") ?? [];
  for (const node of [...cells, ...grid()?.querySelectorAll(".lanes th a") ?? []]) focusable(node).tabIndex = -1;
  // A grid, now that arrow keys walk it: screen readers hand them on.
  for (const table of grid()?.querySelectorAll(".lanes") ?? []) table.role = "grid";
  if (cells.length) rove([...cells].find(isFree) ?? cells[0]);
}

function goTo(cell) {
  if (!cell) return;
  rove(cell);
  focusable(cell).focus();
}

/** What the heading of a lane leads to. */
const headOf = (lane) => lane?.node.querySelector("a");

function neighbour(cell, along, across) {
  const all = lanes(), node = cell.matches("td") ? laneOf(cell).node : cell.closest("[data-lane]");
  const here = all.findIndex((each) => each.node === node), lane = all[here], other = all[here + across];
  if (along) return [headOf(lane), ...lane.cells][lane.cells.indexOf(cell) + 1 + along];
  if (!cell.matches("td")) return headOf(other);
  return other?.cells.find((each) => end(each) > begin(cell)) ?? other?.cells.at(-1);
}

document.addEventListener("focusin", (event) => {
  const cell = cellOf(event.target), place = cell ?? headAt(event.target);
  if (place) rove(place);
  if (deed?.byKeys && cell !== deed.cell) giveUp();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && deed) {
    letGo();
    return giveUp();
  }
  const head = headAt(event.target), cell = cellOf(event.target) ?? head;
  if (!cell || event.ctrlKey || event.metaKey) return;
  if (event.key === "Enter" && deed?.byKeys) {
    event.preventDefault();
    return finish();
  }
  const lane = head ? laneAt(head.closest("[data-lane]")) : laneOf(cell);
  if (event.key === "Home" || event.key === "End") {
    event.preventDefault();
    return goTo(lane.cells.at(event.key === "Home" ? 0 : -1));
  }
  const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!moves) return;
  event.preventDefault();
  const [along, across] = lane.upright ? moves.toReversed() : moves;
  if (event.altKey && isMine(cell)) push(cell, along, across, event.shiftKey);
  else if (!event.altKey && isFree(cell) && along && (event.shiftKey || deed)) stretch(cell, along, event.shiftKey);
  else if (!event.altKey && !event.shiftKey) goTo(neighbour(cell, along, across));
});

/** Shift and an arrow begin and stretch a selection, an arrow alone shifts it. */
function stretch(cell, along, isStretched) {
  if (!deed) {
    take(cell, "select", true);
    const from = snap(deed.lane, begin(cell), 1);
    return select(from, from + least(deed.lane));
  }
  const { lane, from, to } = deed, room = Number(cell.dataset.room ?? end(cell));
  const until = further(lane, to, along);
  if (isStretched && until - from >= least(lane)) select(from, until);
  const begun = further(lane, from, along);
  if (!isStretched && begun >= begin(cell) && begun + to - from <= room) select(begun, begun + to - from);
}

/** Alt and an arrow move a reservation, with Shift its end; in a week also to another day. */
function push(cell, along, across, isEnd) {
  const kind = isEnd ? "to" : "move";
  if (deed?.kind !== kind) {
    giveUp();
    take(cell, kind, true);
  }
  if (across && deed.lane.upright && !isEnd) {
    const all = lanes(), here = all.findIndex((each) => each.node === deed.lane.node);
    deed.lane = all[clamp(here + across, 0, all.length - 1)];
    return show();
  }
  if (!along) return;
  const edge = isEnd ? deed.to : deed.from;
  shift(further(deed.lane, edge, along) - (isEnd ? end(cell) : begin(cell)));
}

// --- Kept fresh -----------------------------------------------------------------------

const refresh = () => document.body.dispatchEvent(new Event("timeline-changed"));
const tick = () => { if (!document.hidden && !deed && !pressed) refresh(); };
setInterval(tick, TICK_MS);
document.addEventListener("visibilitychange", tick);

let place = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "grid") return;
  // Whoever is in the middle of something keeps what is there; there is a next minute.
  if (deed || pressed) event.detail.shouldSwap = false;
  const cell = cellOf(document.activeElement);
  place = cell && { lane: laneOf(cell).data.lane, at: begin(cell), reference: cell.dataset.reference };
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id !== "grid") return;
  prepare();
  if (!place) return;
  const moved = place.reference && grid().querySelector(`td[data-reference="${place.reference}"]`);
  goTo(moved || lanes().find((lane) => lane.data.lane === place.lane)?.cells.find((cell) => end(cell) > place.at));
  place = null;
});
for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
  document.body.addEventListener(name, (event) => {
    if (event.detail.elt?.id !== "grid") return;
    // Nothing was lost but a look: say how old it is, and leave the toasts alone.
    event.stopPropagation();
    grid().querySelector(".as-of").hidden = false;
  });
}

prepare();
