// The plain facts of a job, and where its time went.
import { html } from "../html.js";
import { setComposer } from "../state/composer.js";
import { words } from "../words.js";

const KIND = { "image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WebP", "image/avif": "AVIF" };

export function Facts({ job, manifest, image }) {
  const text = words.understand;
  const seed = image?.seed ?? manifest.seed;
  const total = (manifest.stages ?? []).reduce((sum, stage) => sum + stage.seconds, 0);
  return html`<section class="section">
    ${total > 0 &&
    html`<h3>${text.time} <span class="quiet">${words.stage.made(total)}</span></h3>
      <${Times} stages=${manifest.stages} total=${total} />`}
    <dl class="facts">
      ${image && html`<dt>${text.facts2.size}</dt><dd>${image.width} × ${image.height}</dd>`}
      ${image && html`<dt>${text.facts2.file}</dt><dd>${KIND[image.content_type] ?? image.content_type}, ${image.bit_depth} bit, ${bytes(image.bytes)}</dd>`}
      <dt>${text.facts2.model}</dt><dd>${manifest.model}${manifest.model_revision ? ` · ${manifest.model_revision}` : ""}</dd>
      ${image &&
      html`<dt>${text.facts2.seed}</dt>
        <dd>
          <button type="button" class="link" title=${text.reuseSeed} onClick=${() => setComposer({ seed: String(seed) })}>${seed}</button>
        </dd>`}
      <dt>${text.facts2.made}</dt><dd>${moment(manifest.ended)}</dd>
      <dt>${text.facts2.id}</dt><dd><code>${job.id}</code></dd>
    </dl>
  </section>`;
}

// The stages as one bar. The list beside it says the same in words.
function Times({ stages, total }) {
  const long = stages.filter((stage) => stage.seconds / total >= 0.02).sort((a, b) => b.seconds - a.seconds);
  return html`<div class="times" aria-hidden="true">
      ${stages.map((stage) => html`<span key=${stage.name} class="time is-${stage.name}" style=${{ flexGrow: stage.seconds / total }}></span>`)}
    </div>
    <ul class="times-list">
      ${long.slice(0, 4).map(
        (stage) => html`<li key=${stage.name}><span class="swatch is-${stage.name}" aria-hidden="true"></span>${words.stages[stage.name] ?? stage.name} <span class="quiet">${stage.seconds.toFixed(1)} s</span></li>`,
      )}
    </ul>`;
}

const bytes = (n) => (n < 1e6 ? `${Math.round(n / 1e3)} KB` : `${(n / 1e6).toFixed(1)} MB`);

export const moment = (text) =>
  new Date(text).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
