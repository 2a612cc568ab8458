// Live progress: one stream of events a page; without script the page shows the state at which it was loaded.
"use strict";

const money = (usd) =>
  usd === null ? "price unknown" : usd >= 1 || usd === 0 ? `$${usd.toFixed(2)}` : `$${usd.toFixed(4)}`;

function show(place, run) {
  const values = { ...run, money: money(run.usd), state: undefined };
  for (const element of place.querySelectorAll("[data-live]")) {
    const name = element.dataset.live;
    if (name === "progress") {
      element.max = Math.max(run.target, 1);
      element.value = Math.min(run.rows, run.target);
      element.setAttribute("aria-label", `${run.rows} of ${run.target} rows kept`);
    } else if (values[name] !== undefined && values[name] !== "") {
      const text = typeof values[name] === "number" ? values[name].toLocaleString("en-US") : values[name];
      if (element.textContent !== text) element.textContent = text;
    }
  }
}

// what is written a minute at a time, such as pictures, is taken from the page as it is by now
async function summarize() {
  const shown = document.querySelector("[data-summary]");
  const answer = shown && !shown.contains(document.activeElement) && (await fetch(location.href));
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  shown.replaceWith(page.querySelector("[data-summary]") ?? shown);
}

function watch(place) {
  const source = new EventSource(place.dataset.watch);
  const summaries = setInterval(() => summarize().catch(() => {}), 60_000); // a service that is away may come back
  let states = null;
  source.addEventListener("state", (event) => {
    const state = JSON.parse(event.data);
    const runs = state.runs ?? [state];
    for (const run of runs) {
      const own = place.querySelector(`[data-run="${CSS.escape(run.name)}"]`) ?? (state.runs ? null : place);
      if (own) show(own, run);
    }
    // what a state allows is written by the server: another state is another page
    const now = runs.map((run) => `${run.name} ${run.state}`).sort().join();
    if (states !== null && states !== now) location.reload();
    states = now;
  });
  source.addEventListener("end", () => {
    source.close();
    clearInterval(summaries);
  });
  addEventListener("pagehide", () => source.close());
}

for (const place of document.querySelectorAll("[data-watch]")) watch(place);
