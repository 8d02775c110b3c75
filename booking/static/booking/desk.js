// The host's desk, a little quicker: tick all, a closure's days, a look at the photo.

const MOST_BYTES = 8_000_000;

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-tick-all]")) {
    field.form.querySelectorAll('[name="r"]').forEach((each) => { each.checked = field.checked; });
  }
  if (field.name === "photo" && field.form?.matches("[data-photo]")) look(field);
});

// A closure never ends before it begins. Before htmx reads the form, so: capture.
document.addEventListener("change", (event) => {
  const from = event.target;
  const to = from.name === "from_day" && from.form?.elements.to_day;
  if (!to) return;
  to.min = from.value;
  if (to.value < from.value) to.value = from.value;
}, true);

/** Show the chosen photo, and say at once what the server would refuse. */
async function look(field) {
  const canvas = field.form.querySelector("canvas");
  const fault = field.form.querySelector("[data-photo-fault]");
  const [file] = field.files;
  const isTooLarge = Boolean(file) && file.size > MOST_BYTES;
  fault.textContent = isTooLarge ? field.form.dataset.tooLarge : "";
  field.setCustomValidity(fault.textContent);
  canvas.hidden = true;
  if (!file || isTooLarge) return;
  try {
    const picture = await createImageBitmap(file, { resizeWidth: 640, resizeQuality: "medium" });
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    canvas.hidden = false;
  } catch {
    // No picture for this browser; the server says what it is.
  }
}
