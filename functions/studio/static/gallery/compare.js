// Before and after, one over the other, with a slider between them.
import { inputPath, previewPath } from "../api/pictures.js";
import { html, useState } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Picture } from "../parts/picture.js";
import { originOf } from "../state/jobs.js";
import { words } from "../words.js";

const SIDE = 1600;

export function Compare({ job, n, onClose }) {
  const [part, setPart] = useState(50);
  const origin = originOf(job);
  const before = origin ? previewPath(origin.id, origin.n, SIDE) : inputPath(job.id, 0, SIDE);
  return html`<div class="stage" role="region" aria-label=${words.compare.label}>
    <div class="stage-area">
      <div class="canvas compare" style=${{ "--w": job.width, "--h": job.height, "--part": `${part}%` }}>
        <${Picture} path=${previewPath(job.id, n, SIDE)} alt=${words.compare.after} />
        <${Picture} class="compare-before ${job.task === "outpaint" ? "is-inside" : ""}" path=${before} alt=${words.compare.before} />
        <span class="compare-line" aria-hidden="true"></span>
        <span class="compare-name is-before" aria-hidden="true">${words.compare.before}</span>
        <span class="compare-name is-after" aria-hidden="true">${words.compare.after}</span>
        <input type="range" min="0" max="100" value=${part} aria-label=${words.compare.slider} onInput=${(event) => setPart(Number(event.target.value))} />
      </div>
    </div>
    <div class="toolbar">
      <button type="button" class="button" onClick=${onClose}><${Icon} name="close" />${words.compare.leave}</button>
    </div>
  </div>`;
}
