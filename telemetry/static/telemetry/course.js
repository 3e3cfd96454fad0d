/** Keeps the course of a sensor moving: fetches its numbers again when the server says there are new ones. */
import { updateChart } from "../store/js/chart.js";

const POLL_MS = 15000;
const figure = document.querySelector("figure[data-course]");

if (figure instanceof HTMLElement) {
  let busy = false;
  let again = false;

  const refresh = async () => {
    if (busy) return void (again = true);
    busy = true;
    try {
      const answer = await fetch(figure.dataset.course ?? "", { headers: { Accept: "application/json" } });
      if (answer.ok && !answer.redirected) updateChart(figure, await answer.json());
    } catch {
      // The server is away: the header says so, the next nudge or poll tries again.
    } finally {
      busy = false;
      if (again) {
        again = false;
        void refresh();
      }
    }
  };

  document.body.addEventListener(`live:${figure.dataset.topic}`, refresh);
  setInterval(() => document.visibilityState === "visible" && refresh(), POLL_MS);
}
