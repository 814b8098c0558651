// CloudPic's uploads: drop, paste or choose; three at a time, each with its
// own row. The batch is told apart before its first picture, and the page's
// address becomes the batch's with the first that arrived: a reload then
// shows it, and loses nothing that was uploaded.

import { say } from "./app.js";

const form = document.getElementById("pics-form");
const input = document.getElementById("pictures");
const list = document.getElementById("upload-list");
const panel = document.getElementById("uploads");
const retryAll = document.getElementById("retry-all");
const results = document.getElementById("upload-results");

const atOnce = 3;
const types = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const items = [];
let next, max, maxBytes, batch;

if (form) {
  next = Number(form.dataset.first);
  max = Number(form.dataset.max);
  maxBytes = Number(form.dataset.maxBytes);
  batch = form.dataset.batch ? Promise.resolve(form.dataset.batch) : null;
  listen();
}

function element(name, props, ...children) {
  const e = Object.assign(document.createElement(name), props);
  e.append(...children);
  return e;
}

// row is a file's line: thumbnail, name, progress, what there is to do.
function row(item) {
  const name = item.file.name || "picture";
  item.canvas = element("canvas", { width: 112, height: 112 });
  item.canvas.setAttribute("aria-hidden", "true");
  item.bar = element("progress", { max: 100, value: 0 });
  item.bar.setAttribute("aria-label", "Upload of " + name);
  item.said = element("p", { className: "fine", textContent: "Waiting" });
  item.button = element("button", { type: "button", className: "quiet", textContent: "Cancel" });
  item.button.setAttribute("aria-label", "Cancel " + name);
  item.button.addEventListener("click", () => (item.state === "failed" ? retry(item) : cancel(item)));
  item.row = element("li", {}, item.canvas, element("div", {}, element("div", { className: "name", textContent: name }), item.bar, item.said), item.button);
  list.append(item.row);
  thumbnail(item);
}

async function thumbnail(item) {
  try {
    const image = await createImageBitmap(item.file);
    const side = Math.min(image.width, image.height);
    item.canvas.getContext("2d").drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, 112, 112);
    image.close();
  } catch {
    // No thumbnail then; the server says whether it is a picture.
  }
}

function set(item, state, text) {
  item.state = state;
  item.said.textContent = text;
  const bad = state === "refused" || state === "failed";
  item.said.className = bad ? "wrong" : "fine";
  item.bar.hidden = state !== "waiting" && state !== "sending";
  item.button.hidden = state === "done" || state === "refused" || state === "cancelled";
  item.button.textContent = state === "failed" ? "Try again" : "Cancel";
  item.button.setAttribute("aria-label", item.button.textContent + ": " + item.file.name);
  if (bad) say(`${item.file.name}: ${text}`);
  advance();
}

function add(files) {
  if (!files.length) return;
  panel.hidden = false;
  for (const file of files) {
    const item = { file, state: "new" };
    items.push(item);
    row(item);
    if (file.type && !types.includes(file.type)) set(item, "refused", "This isn't a picture that is taken: JPEG, PNG, WebP or GIF are.");
    else if (file.size > maxBytes) set(item, "refused", `It has ${Math.ceil(file.size / 2 ** 20)} MB; a picture may have 25 MB.`);
    else if (next > max) set(item, "refused", `A batch takes ${max} pictures; this one was left out. Send it in another batch.`);
    else {
      item.n = next++;
      set(item, "waiting", "Waiting");
    }
  }
  say(`${files.length === 1 ? "1 picture" : files.length + " pictures"} to upload.`);
  document.getElementById("uploads-title").scrollIntoView({ block: "nearest" });
}

// advance starts what may start, and ends the whole when nothing is left.
function advance() {
  const sending = items.filter((i) => i.state === "sending").length;
  items.filter((i) => i.state === "waiting").slice(0, atOnce - sending).forEach(send);
  const failed = items.filter((i) => i.state === "failed");
  retryAll.hidden = failed.length < 2;
  const busy = items.some((i) => ["new", "waiting", "sending"].includes(i.state));
  const done = items.some((i) => i.state === "done");
  if (busy || !done) return;
  if (items.every((i) => i.state === "done" || i.state === "cancelled")) location.replace(results.href);
  else results.hidden = false;
}

async function begin() {
  const answer = await fetch("/pics/begin", { method: "POST", headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.status);
  return (await answer.json()).id;
}

async function send(item) {
  item.state = "sending";
  item.said.textContent = "Uploading";
  try {
    item.batch = await (batch ??= begin());
  } catch {
    batch = null;
    return set(item, "failed", "We can't be reached at the moment.");
  }
  if (item.state !== "sending") return;
  const body = new FormData();
  body.append("batch", item.batch);
  body.append("n", item.n);
  for (const name of ["preset", "strength"]) body.append(name, new FormData(form).get(name));
  body.append("pictures", item.file, item.file.name || "picture");
  const request = (item.request = new XMLHttpRequest());
  request.open("POST", "/pics");
  request.setRequestHeader("Accept", "application/json");
  request.responseType = "json";
  request.upload.addEventListener("progress", (event) => {
    item.bar.value = (100 * event.loaded) / event.total;
    item.said.textContent = event.loaded < event.total ? `${Math.floor(item.bar.value)} %` : "Checking";
  });
  request.addEventListener("load", () => finish(item, request));
  request.addEventListener("error", () => set(item, "failed", "The connection broke off."));
  request.send(body);
}

function finish(item, request) {
  const answer = request.response;
  if (request.status !== 202) {
    const text = answer?.error ?? "We can't be reached at the moment.";
    return set(item, request.status >= 500 || request.status === 429 ? "failed" : "refused", text);
  }
  results.href = "/pics/" + item.batch;
  if (location.pathname !== results.pathname) history.pushState(null, "", results.href);
  const picture = answer.pictures[0];
  if (picture.state === "failed") set(item, "refused", picture.error);
  else set(item, "done", "Uploaded");
}

function cancel(item) {
  item.request?.abort();
  set(item, "cancelled", "Cancelled");
}

// retry asks first whether the picture did arrive, and only its answer was
// lost on the way.
async function retry(item) {
  item.state = "asking";
  item.bar.value = 0;
  try {
    const answer = await fetch("/pics/" + item.batch, { headers: { Accept: "application/json" } });
    if (answer.ok && (await answer.json()).pictures.some((p) => p.n === item.n)) {
      results.href = "/pics/" + item.batch;
      return set(item, "done", "Uploaded");
    }
  } catch {
    // It will be said again when the upload fails.
  }
  set(item, "waiting", "Waiting");
}

function listen() {
  form.classList.add("live");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    input.click();
  });
  form.noValidate = true;
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = "";
  });
  retryAll.addEventListener("click", () => items.filter((i) => i.state === "failed").forEach(retry));
  const withFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (on) => document.documentElement.classList.toggle("dragging", on);
  addEventListener("dragover", (event) => {
    if (!withFiles(event)) return;
    event.preventDefault();
    mark(true);
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });
  addEventListener("drop", (event) => {
    if (!withFiles(event)) return;
    mark(false);
    if (event.defaultPrevented) return; // a file of lists
    event.preventDefault();
    form.closest("details")?.setAttribute("open", "");
    add([...event.dataTransfer.files]);
  });
  addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    form.closest("details")?.setAttribute("open", "");
    add(files);
  });
}
