// One job in the gallery.
import { previewPath } from "../api/pictures.js";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Picture } from "../parts/picture.js";
import { isOpen, kindOf, promptOf } from "../state/jobs.js";
import { toJob } from "../state/route.js";
import { words } from "../words.js";

const SIDE = 400;
const ICONS = { blocked: "mark", canceled: "stop" };

export function Tile({ job }) {
  const prompt = promptOf(job);
  const isThere = job.state === "succeeded" && job.imageCount > 0;
  return html`<div role="listitem" class="tile is-${job.state}">
    <a href=${toJob(job.id)} class="tile-link">
      <span class="tile-picture">
        ${isThere
          ? html`<${Picture} far path=${previewPath(job.id, 0, SIDE)} alt="" />`
          : html`<span class="tile-state">
              ${isOpen(job) ? html`<span class="spinner" aria-hidden="true"></span>` : html`<${Icon} name=${ICONS[job.state] ?? "alert"} />`}
              ${words.states[job.state]}
            </span>`}
        ${job.task === "animate" && isThere && html`<span class="badge" title=${words.gallery.clip} aria-hidden="true">▶</span>`}
        ${job.task !== "animate" && job.imageCount > 1 && html`<span class="badge" title=${words.gallery.count(job.imageCount)}>${job.imageCount}</span>`}
      </span>
      <span class="tile-text" dir="auto">${prompt || kindOf(job)}</span>
    </a>
    ${Object.keys(job.labels ?? {}).length > 0 &&
    html`<span class="tile-labels">${Object.entries(job.labels).map(([key, value]) => html`<span key=${key} class="tag">${key}: ${value}</span>`)}</span>`}
  </div>`;
}
