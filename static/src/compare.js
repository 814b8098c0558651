// Before and after: one picture over the other, parted by a range input.
// The keys 1, 2 and 3 show before, both, after.

const keys = { 1: 100, 2: 50, 3: 0 };

function show(compare, at) {
  compare.style.setProperty("--cut", at + "%");
  const range = compare.querySelector("input[type=range]");
  range.value = at;
  range.setAttribute("aria-valuetext", `${at} % before, ${100 - at} % after`);
  for (const b of compare.querySelectorAll("[data-at]")) b.setAttribute("aria-pressed", String(Number(b.dataset.at) === Number(at)));
}

// zoom shows the full files, pixel for pixel. They are only fetched then.
function zoom(compare, button) {
  const full = compare.classList.toggle("full");
  button.setAttribute("aria-pressed", String(full));
  button.textContent = full ? "Fit" : "100 %";
  const panes = compare.querySelector(".panes");
  if (full) {
    // What scrolls can be reached and scrolled by keyboard.
    panes.tabIndex = 0;
    panes.setAttribute("role", "group");
    panes.setAttribute("aria-label", "The picture at full size");
  } else for (const name of ["tabindex", "role", "aria-label"]) panes.removeAttribute(name);
  for (const [side, address] of [["before", compare.dataset.fullBefore], ["after", compare.dataset.fullAfter]]) {
    const image = compare.querySelector(`.${side} img`);
    image.dataset.small ??= image.getAttribute("src");
    image.loading = "eager";
    image.src = full ? address : image.dataset.small;
  }
}

document.addEventListener("input", (event) => {
  const compare = event.target.closest?.("[data-compare]");
  if (compare && event.target.type === "range") show(compare, event.target.value);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-compare] button");
  if (!button) return;
  const compare = button.closest("[data-compare]");
  if ("zoom" in button.dataset) zoom(compare, button);
  else show(compare, button.dataset.at);
});

document.addEventListener("keydown", (event) => {
  if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey || /^(text|search)$/.test(event.target.type)) return;
  const compare = event.target.closest?.(".pic")?.querySelector("[data-compare]");
  if (compare) show(compare, keys[event.key]);
});

// Dragging on the picture moves the line as well.
document.addEventListener("pointermove", (event) => {
  const panes = event.target.closest?.(".panes");
  if (!panes || (event.pointerType === "mouse" && event.buttons === 0 )) return;
  const compare = panes.closest("[data-compare]");
  if (compare.classList.contains("full")) return;
  const box = panes.getBoundingClientRect();
  show(compare, Math.round(Math.min(100, Math.max(0, (100 * (event.clientX - box.left)) / box.width))));
});

document.documentElement.classList.add("compares");
