// CloudCal's form: Enter goes on, a pasted column fills onward, checks on
// leaving a field. The server repeats every check.

const form = document.getElementById("calc-form");
const fields = [...form.elements.n];
const filled = document.getElementById("filled");
const note = document.getElementById("paste-note");
const clear = document.getElementById("clear");
const low = -(2n ** 63n);
const high = 2n ** 63n - 1n;

// wrong says what keeps a text from being one of the numbers.
export function wrong(text) {
  const plain = text.trim().replace("\u2212", "-");
  if (plain === "") return "";
  if (/^[+-]?\d+$/.test(plain)) {
    const n = BigInt(plain.replace("+", ""));
    return n < low || n > high ? `Out of range; whole numbers go from ${low} to ${high}.` : "";
  }
  if (/^[+-]?(\d+\.\d*|\.\d+|\d+(\.\d*)?e[+-]?\d+)$/i.test(plain)) return "Has a fraction; only whole numbers are taken, such as 42.";
  return "Not a whole number, such as 42 or -7.";
}

function check(field, message = wrong(field.value)) {
  const error = document.getElementById(field.id + "-error");
  error.textContent = message;
  error.hidden = !message;
  if (message) {
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", error.id);
  } else {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  return !message;
}

function count() {
  const n = fields.filter((f) => f.value.trim()).length;
  filled.textContent = `${n} of ${fields.length}`;
  return n;
}

export const plural = (n, one) => (n === 1 ? `1 ${one}` : `${n} ${one}s`);

// fill puts words into the fields from the given one on.
function fill(words, from) {
  const room = fields.length - from;
  words.slice(0, room).forEach((word, i) => {
    fields[from + i].value = word;
    check(fields[from + i]);
  });
  const rest = words.slice(room);
  note.textContent = `${plural(Math.min(words.length, room), "number")} filled in.`;
  if (rest.length) {
    const shown = rest.slice(0, 8).join(", ") + (rest.length > 8 ? " …" : "");
    note.textContent += ` ${rest.length} left over: ${shown}`;
  }
  count();
  fields[Math.min(from + words.length, fields.length) - 1].focus();
}

fields.forEach((field, i) => {
  field.addEventListener("paste", (event) => {
    const words = event.clipboardData.getData("text").split(/[\s,;]+/).filter(Boolean);
    if (words.length < 2) return;
    event.preventDefault();
    fill(words, i);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || i === fields.length - 1) return;
    event.preventDefault();
    fields[i + 1].focus();
    fields[i + 1].select();
  });
  field.addEventListener("blur", () => check(field));
  field.addEventListener("input", () => {
    if (field.hasAttribute("aria-invalid")) check(field);
    count();
  });
});

form.addEventListener("submit", (event) => {
  const bad = fields.filter((f) => !(f.value.trim() ? check(f) : check(f, "Is empty; a whole number belongs here.")));
  if (!bad.length) return;
  event.preventDefault();
  note.textContent = `${plural(bad.length, "field")} need another look.`.replace("1 field need", "1 field needs");
  bad[0].focus();
});

// What Clear and Sample overwrite can be had back.
let kept = null;

function replace(values, said) {
  kept = fields.map((f) => f.value);
  fields.forEach((f, i) => {
    f.value = values[i] ?? "";
    check(f);
  });
  note.textContent = said;
  clear.textContent = kept.some(Boolean) ? "Undo" : "Clear";
  if (!kept.some(Boolean)) kept = null;
  count();
}

clear.addEventListener("click", () => {
  if (kept) {
    const back = kept;
    replace(back, "Put back.");
    kept = null;
    clear.textContent = "Clear";
    return;
  }
  if (!count()) return;
  replace([], "Cleared. Undo brings the numbers back.");
  fields[0].focus();
});
form.addEventListener("input", () => {
  kept = null;
  clear.textContent = "Clear";
});

document.getElementById("sample").addEventListener("click", (event) => {
  event.preventDefault();
  replace(new URL(event.currentTarget.href).searchParams.get("numbers").split(","), "A sample is filled in.");
  fields[fields.length - 1].focus();
});

// Keypads of phones often lack a minus sign.
let last = fields[0];
form.addEventListener("focusin", (event) => {
  if (fields.includes(event.target)) last = event.target;
});
document.getElementById("sign").addEventListener("click", () => {
  last.value = /^[-\u2212]/.test(last.value.trim()) ? last.value.trim().slice(1) : "-" + last.value.trim();
  count();
  last.focus();
});
form.classList.add("live");
