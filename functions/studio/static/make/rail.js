// The latest jobs, running ones among them, beside the picture.
import { previewPath } from "../api/pictures.js";
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Picture } from "../parts/picture.js";
import { setTarget } from "../state/composer.js";
import { isOpen, jobs, kindOf, promptOf } from "../state/jobs.js";
import { toJob, toMake } from "../state/route.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";

const SIDE = 160;
const WITHOUT_PICTURE = ["suggest", "verify"];
const MARKS = { failed: "alert", blocked: "mark", canceled: "stop", expired: "alert" };

export function Rail({ shown }) {
  const { byId, recent } = useStore(jobs);
  const shownJobs = recent.map((id) => byId[id]).filter((job) => job && !WITHOUT_PICTURE.includes(job.task));
  if (!shownJobs.length) return null;
  return html`<nav class="rail" aria-label=${words.recent}>
    <a class="rail-new" href=${toMake} aria-label=${words.tools.leave} title=${words.tools.leave} onClick=${() => setTarget(null)}>
      <${Icon} name="add" />
    </a>
    <ul>
      ${shownJobs.map((job) => html`<li key=${job.id}><${RailItem} job=${job} isShown=${job.id === shown} /></li>`)}
    </ul>
  </nav>`;
}

function RailItem({ job, isShown }) {
  const label = `${words.job(kindOf(job), promptOf(job))}, ${words.states[job.state]}`;
  return html`<a class="rail-item is-${job.state}" href=${toJob(job.id)} aria-current=${isShown ? "true" : undefined} aria-label=${label} title=${label}>
    <${Thumbnail} job=${job} />
    ${isOpen(job) && html`<progress class="rail-progress" max="1" value=${job.progress ?? 0} aria-hidden="true"></progress>`}
  </a>`;
}

function Thumbnail({ job }) {
  if (isOpen(job)) {
    return job.preview
      ? html`<img class="thumb" src=${job.preview} alt="" />`
      : html`<span class="thumb is-empty"><span class="spinner" aria-hidden="true"></span></span>`;
  }
  if (job.state === "succeeded" && job.imageCount) {
    return html`<${Picture} class="thumb" path=${previewPath(job.id, 0, SIDE)} alt="" />
      ${job.task !== "animate" && job.imageCount > 1 && html`<span class="badge">${job.imageCount}</span>`}`;
  }
  return html`<span class="thumb is-empty"><${Icon} name=${MARKS[job.state] ?? "image"} /></span>`;
}
