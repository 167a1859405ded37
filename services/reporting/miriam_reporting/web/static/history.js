// The slider over an edition's history: a moment is chosen, the same page is asked for it, and its figures take the place
// of those shown. Without this script the list of moments and its button do the same.

const form = document.getElementById("moments");
const slider = document.getElementById("moment");
const list = document.getElementById("as_of");

// The list begins with now and goes back; the slider begins with the oldest.
const option = () => list.options[list.options.length - 1 - Number(slider.value)];

const tell = () => {
  const { text } = option();
  document.getElementById("moment-label").textContent = text;
  slider.setAttribute("aria-valuetext", text);
};

let under_way = new AbortController();

async function redraw() {
  under_way.abort();
  under_way = new AbortController();
  const address = new URL(location.href);
  address.searchParams.set("as_of", list.value);
  const region = document.getElementById("then");
  region.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal: under_way.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["then", "exports"]) {
      const there = document.getElementById(id);
      const fresh = page.getElementById(id);
      if (there && fresh) there.replaceWith(fresh);
    }
    history.replaceState(null, "", address);
    document.getElementById("redrawn").textContent = document.querySelector("#then h2").textContent;
  } catch (problem) {
    // What this script cannot do, the form can: it shows what is wrong, too.
    if (problem.name !== "AbortError") form.submit();
  }
}

if (slider) {
  document.getElementById("slider").hidden = false;
  slider.max = String(list.options.length - 1);
  const show = () => {
    slider.value = String(list.options.length - 1 - list.selectedIndex);
    tell();
  };
  show();
  slider.addEventListener("input", tell);
  slider.addEventListener("change", () => {
    list.selectedIndex = option().index;
    redraw();
  });
  list.addEventListener("change", show);
}
