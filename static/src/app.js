// What every page has: times in the visitor's own zone, and copy buttons.

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

function localTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const at = new Date(time.dateTime);
    if (isNaN(at)) continue;
    // The server writes a time of day alone where the day goes without saying.
    time.textContent = (/^\d\d:/.test(time.textContent) ? clock : day).format(at);
    time.removeAttribute("data-local");
  }
}

// say has the page's one live region speak.
export function say(text) {
  document.getElementById("live").textContent = text;
}

async function copy(button) {
  const text = button.dataset.copy ?? location.origin + location.pathname;
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
    say("Copied.");
  } catch {
    button.textContent = "The browser doesn't allow it";
  }
  setTimeout(() => (button.textContent = label), 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy], [data-copy-link]");
  if (button) copy(button);
});

document.addEventListener("input", (event) => {
  if (event.target.type !== "range") return;
  const value = document.querySelector(`label[for="${event.target.id}"] [data-value]`);
  if (value) value.textContent = event.target.value;
});

document.addEventListener("htmx:after:swap", () => localTimes(document));
localTimes(document);
document.documentElement.classList.add("copies");
