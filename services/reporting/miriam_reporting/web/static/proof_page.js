// The button of an event's page: takes what the page shows, checks it, and tells each step in the page's language.
import { check } from "./proof.js";

const section = document.querySelector("#proof");
const form = section.querySelector("form");
const steps = section.querySelector("#proof-steps");
const verdict = section.querySelector("#proof-verdict");
const words = section.querySelector("#proof-words").content;

function say(code, values) {
  const text = words.querySelector(`[data-word="${code}"]`).textContent.trim();
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

function tell(step) {
  const suffix = step.ok === false ? "_not" : "";
  const line = document.createElement("li");
  line.className = step.ok === null ? "unsure" : step.ok ? "holds" : "fails";
  line.textContent = say(step.code + suffix, step);
  steps.append(line);
}

async function run() {
  steps.replaceChildren();
  verdict.textContent = "";
  const shown = (name) => section.querySelector(`#proof-${name}`).textContent;
  const given = {
    body: form.elements.body.value,
    keys: form.elements.keys.value,
    leaf: shown("leaf"),
    index: Number(section.dataset.index),
    size: Number(section.dataset.size),
    path: [...section.querySelectorAll("#proof-path code")].map((each) => each.textContent),
    note: shown("note"),
  };
  let found;
  try {
    found = await check(given, tell);
  } catch {
    found = false;
  }
  verdict.className = found ? "told" : found === null ? "purpose" : "alarm";
  verdict.textContent = say(found ? "proved" : found === null ? "unsure" : "unproved", {});
}

// There is no form where there is nothing to check: no signed head yet, or no text any more.
if (form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  form.addEventListener("reset", () => {
    steps.replaceChildren();
    verdict.textContent = "";
    verdict.className = "";
  });
  form.hidden = false;
  section.querySelector("#proof-without").hidden = true;
}
