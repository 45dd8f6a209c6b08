// What is known of a job: what was understood, how it was drawn, and the proof of its origin.
import { html, useEffect, useState } from "../html.js";
import { isOpen, loadManifest, manifests, promptOf } from "../state/jobs.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";
import { Attempts } from "./attempts.js";
import { Facts } from "./facts.js";
import { Proof } from "./proof.js";
import { Understanding } from "./understanding.js";
import { Versions } from "./versions.js";

const WIDE = matchMedia("(min-width: 70rem)");

export function Inspector({ job, n }) {
  const manifest = useStore(manifests, ({ byId }) => byId[job.id]);
  const [open, setOpen] = useState(WIDE.matches);
  const done = !isOpen(job);
  useEffect(() => {
    if (done && !manifest) loadManifest(job.id).catch(() => {}); // gone with its results: the rest is still shown
  }, [done]);
  return html`<details class="inspector" open=${open} onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary><h2>${words.understand.title(job)}</h2></summary>
    <div class="inspector-body">
      ${promptOf(job) && html`<p class="prompt-shown" dir="auto">${promptOf(job)}</p>`}
      ${!done && html`<p class="quiet">${words.understand.waiting}</p>`}
      ${manifest && html`<${Sections} job=${job} manifest=${manifest} n=${n} />`}
      <${Versions} job=${job} />
    </div>
  </details>`;
}

function Sections({ job, manifest, n }) {
  const image = manifest.images?.[n];
  const intent = image?.intent ?? manifest.intent;
  return html`${intent && html`<${Understanding} intent=${intent} manifest=${manifest} image=${image} />`}
    ${image?.attempts?.length > 0 && html`<${Attempts} attempts=${image.attempts} threshold=${manifest.origin.request.correction?.threshold} />`}
    ${image && html`<${Proof} image=${image} manifest=${manifest} />`}
    <${Facts} job=${job} manifest=${manifest} image=${image} />`;
}
