// A file of lists: what is in it, and which rows are none, before it is sent.
// The server repeats every check.

import { say } from "./app.js";
import { plural, wrong } from "./calc.js";

const form = document.getElementById("bulk-form");
const input = document.getElementById("bulk-file");
const preview = document.getElementById("bulk-preview");
const typed = document.getElementById("bulk-typed");
const button = document.getElementById("bulk-submit");
const maxBytes = Number(form.dataset.maxBytes);
const maxRows = Number(form.dataset.maxRows);
const count = 20;
const show = 3; // rows of each sort
let looking = 0; // the file that is looked through is the latest one

function element(name, props, ...children) {
  const e = Object.assign(document.createElement(name), props);
  e.append(...children);
  return e;
}

// reason says why a row is no list; nothing for one that is.
function reason(words) {
  for (let i = 0; i < words.length; i++) {
    const message = wrong(words[i]);
    if (message) return `Number ${i + 1}: ${message}`;
  }
  return words.length === count ? "" : `${plural(words.length, "number")} in place of ${count}.`;
}

// rows gives the file's lines without holding it.
async function* rows(file) {
  let rest = "";
  const reader = file.stream().pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { value, done } = await reader.read();
    const lines = (rest + (value ?? "")).split(/\r?\n/);
    rest = done ? "" : lines.pop();
    yield* lines;
    if (done) return;
    if (rest.length > 4096) return; // no row is that long: it isn't text
  }
}

async function look(file) {
  const mine = ++looking;
  const found = { lists: 0, bad: 0, first: [], wrong: [] };
  let line = 0;
  for await (const text of rows(file)) {
    if (mine !== looking) return null;
    line++;
    const words = text.replace(/^\ufeff/, "").split(/[\s,;]+/).filter(Boolean);
    if (!words.length || (line === 1 && words.every(wrong))) continue;
    const why = reason(words);
    if (why) {
      if (found.bad++ < show) found.wrong.push({ line, why });
    } else if (found.lists++ < show) found.first.push(words.join(", "));
    if (found.lists > maxRows) break;
  }
  return found;
}

function draw(file, found) {
  const none = found.bad ? `, ${plural(found.bad, "row")} that will be left out` : "";
  let text = `${file.name}: ${plural(found.lists, "list")}${none}.`;
  if (file.size > maxBytes) text = `${file.name} has ${Math.ceil(file.size / 2 ** 20)} MB; a file may have 64 MB.`;
  else if (found.lists > maxRows) text = `${file.name} has more than ${maxRows.toLocaleString("en")} lists; please send it in parts.`;
  else if (!found.lists) text = `${file.name} has no list of ${count} whole numbers.`;
  const ready = found.lists > 0 && found.lists <= maxRows && file.size <= maxBytes;
  preview.replaceChildren(
    element("p", { className: ready ? "" : "wrong" }, element("strong", { textContent: text })),
    element("ol", { className: "rows" }, ...found.first.map((row) => element("li", { textContent: row }))),
    element("ul", { className: "rows" }, ...found.wrong.map((w) => element("li", { className: "wrong", textContent: `Line ${w.line}: ${w.why}` }))),
  );
  for (const list of preview.querySelectorAll("ol:empty, ul:empty")) list.remove();
  preview.hidden = false;
  button.disabled = !ready;
  button.textContent = ready ? `Work out ${plural(found.lists, "list")}` : "Work them all out";
  say(text);
}

async function choose() {
  const file = input.files[0];
  preview.hidden = true;
  typed.hidden = Boolean(file);
  button.disabled = false;
  button.textContent = "Work them all out";
  if (!file) return void looking++;
  try {
    const found = await look(file);
    if (found) draw(file, found);
  } catch {
    // It can't be read here; the server says what it makes of it.
  }
}

// A CSV file that is dropped anywhere is this form's; the rest are pictures.
const isLists = (file) => /\.(csv|tsv)$/i.test(file.name) || file.type === "text/csv";

addEventListener(
  "drop",
  (event) => {
    const files = [...(event.dataTransfer?.files ?? [])];
    if (!files.length || !files.every(isLists)) return;
    event.preventDefault();
    const first = new DataTransfer();
    first.items.add(files[0]);
    input.files = first.files;
    form.closest("details").open = true;
    form.scrollIntoView({ block: "nearest" });
    choose();
    button.focus();
  },
  true,
);

input.addEventListener("change", choose);
form.addEventListener("submit", () => {
  button.disabled = true;
  button.textContent = "Sending";
});
addEventListener("pageshow", choose);
form.classList.add("live");
