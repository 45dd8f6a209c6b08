// The latest batches, above the gallery: each leads to its lines.
import { html, useEffect, useState } from "../html.js";
import { loadBatches } from "../state/batches.js";
import { toBatch } from "../state/route.js";
import { moment } from "../understand/facts.js";
import { words } from "../words.js";

const SHOWN = 6;

export function LatestBatches({ began }) {
  const [found, setFound] = useState([]);
  useEffect(() => {
    if (began) loadBatches(SHOWN).then(setFound, () => {}); // the gallery says what is wrong
  }, [began]);
  if (!found.length) return null;
  return html`<nav class="batches" aria-label=${words.batch.latest}>
    <h2>${words.batch.latest}</h2>
    <ul class="chips">
      ${found.map(({ id, created, state }) => html`<li key=${id}><a class="chip" href=${toBatch(id)}>${moment(created)} <span class="quiet">${words.batch.states[state] ?? state}</span></a></li>`)}
    </ul>
  </nav>`;
}
