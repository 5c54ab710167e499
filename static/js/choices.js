// Lists of several: "none of these" and "I don't know" stand alone. The server says the same in words without script.
const ALONE = ["none", "unknown"];

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.type !== "checkbox" || !box.checked) return;
  const list = box.closest("[data-several]");
  if (!list) return;
  const alone = ALONE.includes(box.value);
  for (const other of list.querySelectorAll(`input[name="${box.name}"]`)) {
    if (!(other instanceof HTMLInputElement) || other === box) continue;
    if (alone || ALONE.includes(other.value)) other.checked = false;
  }
});
