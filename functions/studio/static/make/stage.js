// The picture that one stays on: while it waits, while it is drawn, when it is there, and when it is not.
import { previewPath, resultPath, useAddress } from "../api/pictures.js";
import { html, useState } from "../html.js";
import { whenNeeded } from "../parts/when-needed.js";
import { Picture } from "../parts/picture.js";
import { composer } from "../state/composer.js";
import { isOpen, promptOf } from "../state/jobs.js";
import { pathOf } from "../state/pictures.js";
import { goTo, toJob } from "../state/route.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";
import { Outcome } from "./outcome.js";
import { Progress } from "./progress.js";
import { Toolbar } from "./toolbar.js";

const Compare = whenNeeded(() => import("../gallery/compare.js").then((module) => module.Compare));
const RegionOverlay = whenNeeded(() => import("./region.js").then((module) => module.RegionOverlay));
const RegionBar = whenNeeded(() => import("./region.js").then((module) => module.RegionBar));
const SHOWN = 1600; // pixels of the longer side: the full size is a press away

export function Stage({ id, job, n, target }) {
  if (!id) return html`<${Loaded} picture=${target} path=${pathOf(target, SHOWN)} alt=${target.name} />`;
  if (!job?.whole && !(job && isOpen(job))) return html`<div class="stage"><div class="stage-area"><span class="spinner is-large" role="img" aria-label=${words.understand.loading}></span></div></div>`;
  if (isOpen(job)) return html`<${Progress} job=${job} />`;
  if (job.state !== "succeeded") return html`<${Outcome} job=${job} />`;
  if (!job.images?.length) return html`<${WithoutPicture} job=${job} />`;
  if (job.task === "animate") return html`<${Clip} job=${job} key=${job.id} />`;
  if (n === null && job.images.length > 1) return html`<${Several} job=${job} />`;
  return html`<${Finished} job=${job} n=${n ?? 0} key=${`${job.id}/${n ?? 0}`} />`;
}

// A clip, which begins with its poster and is played as often as one looks; an animated WebP plays by itself.
function Clip({ job }) {
  const path = resultPath(job.id, 0);
  const [url, poster] = [useAddress(path), useAddress(previewPath(job.id, 0, SHOWN))];
  const alt = promptOf(job) || words.stage.label(job);
  const isVideo = job.images[0].content_type === "video/mp4";
  return html`<div class="stage" aria-label=${words.stage.label(job)} role="region">
    <div class="stage-area">
      <div class="canvas" style=${{ "--w": job.width, "--h": job.height }}>
        ${isVideo
          ? url && html`<video class="clip" src=${url} poster=${poster || undefined} controls loop muted autoplay=${!matchMedia("(prefers-reduced-motion: reduce)").matches} playsinline aria-label=${alt}></video>`
          : html`<${Picture} path=${path} alt=${alt} width=${job.width} height=${job.height} />`}
      </div>
    </div>
    <${Toolbar} job=${job} n=${null} clip />
  </div>`;
}

function Finished({ job, n }) {
  const [comparing, setComparing] = useState(false);
  const alt = promptOf(job) || words.stage.label(job);
  if (comparing) return html`<${Compare} job=${job} n=${n} onClose=${() => setComparing(false)} />`;
  return html`<${Loaded}
    job=${job}
    n=${n}
    picture=${{ key: `${job.id}/${n}`, width: job.width, height: job.height }}
    path=${previewPath(job.id, n, SHOWN)}
    alt=${alt}
    onCompare=${() => setComparing(true)}
  />`;
}

// A picture that is there: with what can be done, and where the next change may reach.
function Loaded({ job, n, picture, path, alt, onCompare }) {
  const form = useStore(composer);
  const isTarget = form.target?.key === picture.key;
  return html`<div class="stage" aria-label=${words.stage.label(job)} role="region">
    <div class="stage-area">
      <div class="canvas" style=${{ "--w": picture.width, "--h": picture.height }}>
        <${Picture} path=${path} alt=${alt} width=${picture.width} height=${picture.height} />
        ${isTarget && html`<${RegionOverlay} picture=${picture} />`}
      </div>
    </div>
    ${isTarget && html`<${RegionBar} />`}
    <${Toolbar} job=${job} n=${n} picture=${picture} onCompare=${onCompare} />
    ${job?.images.length > 1 && html`<${Steps} job=${job} n=${n} />`}
  </div>`;
}

function Steps({ job, n }) {
  return html`<nav class="steps" aria-label=${words.stage.of(n + 1, job.images.length)}>
    <a class="button is-quiet" href=${toJob(job.id)}>${words.stage.all}</a>
    ${job.images.map(
      (_, each) => html`<a
        key=${each}
        class="step"
        href=${toJob(job.id, each)}
        aria-label=${words.stage.choose(each + 1)}
        aria-current=${each === n ? "true" : undefined}
        ><${Picture} class="thumb" path=${previewPath(job.id, each, 160)} alt=""
      /></a>`,
    )}
  </nav>`;
}

function Several({ job }) {
  const prompts = job.request?.prompts ?? [];
  return html`<div class="stage" role="region" aria-label=${words.stage.label(job)}>
    <div class="stage-area">
      <ul class="several ${job.task === "sequence" ? "is-strip" : ""}" style=${{ "--w": job.width, "--h": job.height, "--n": job.images.length }}>
        ${job.images.map(
          (image, n) => html`<li key=${image.url}>
            <button type="button" class="several-item" onClick=${() => goTo(toJob(job.id, n))} aria-label=${words.stage.choose(n + 1)}>
              <${Picture} path=${previewPath(job.id, n, 800)} alt=${prompts[n] ?? ""} width=${job.width} height=${job.height} />
            </button>
            ${prompts[n] && html`<p class="caption">${prompts[n]}</p>`}
          </li>`,
        )}
      </ul>
    </div>
    <${Toolbar} job=${job} n=${null} />
  </div>`;
}

function WithoutPicture({ job }) {
  return html`<div class="stage"><div class="stage-area"><div class="card outcome">
    <h2>${words.kinds[job.task]}</h2>
    <p>${job.results_expired ? words.stage.expired(job) : words.stage.noPicture}</p>
  </div></div></div>`;
}
