// The tree of versions: what a picture was made from, and what was made from it.
import { inputPath, previewPath } from "../api/pictures.js";
import { html, useEffect } from "../html.js";
import { Picture } from "../parts/picture.js";
import { jobs, kindOf, loadJob, originOf, promptOf } from "../state/jobs.js";
import { toJob } from "../state/route.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";

const DEEPEST = 12;
const SHOWN = ["edit", "outpaint", "upscale", "generate", "sequence"];

// Returns the chain from the first picture to this job.
function ancestors(job, byId) {
  const chain = [];
  for (let at = job; at && chain.length < DEEPEST; at = byId[originOf(at)?.id]) chain.unshift(at);
  return chain;
}

const childrenOf = (id, byId) =>
  Object.values(byId)
    .filter((job) => SHOWN.includes(job.task) && originOf(job)?.id === id)
    .sort((a, b) => a.created.localeCompare(b.created));

export function Versions({ job }) {
  const byId = useStore(jobs, (now) => now.byId);
  const chain = ancestors(job, byId);
  const missing = originOf(chain[0])?.id;
  useEffect(() => {
    if (missing && !byId[missing]) loadJob(missing).catch(() => {}); // it may be deleted
  }, [missing]);
  useEffect(() => {
    // A listing does not say what a change was made from: the latest changes are asked for.
    for (const id of jobs.get().recent) {
      const each = jobs.get().byId[id];
      if (each && !each.whole && each.inputCount) loadJob(id).catch(() => {});
    }
  }, [job.id]);
  const [root] = chain;
  const isAlone = chain.length === 1 && !childrenOf(job.id, byId).length && !root.inputCount;
  if (isAlone) return null;
  const given = root.inputCount > 0 && !originOf(root);
  return html`<section class="section">
    <h3>${words.understand.versions}</h3>
    <ul class="tree">
      ${given &&
      html`<li>
        <span class="tree-item"><${Picture} class="thumb is-small" path=${inputPath(root.id, 0, 160)} alt="" /><span>${words.understand.origin}</span></span>
      </li>`}
      <${Branch} job=${root} byId=${byId} shown=${job.id} depth=${0} />
    </ul>
  </section>`;
}

function Branch({ job, byId, shown, depth }) {
  const children = depth < DEEPEST ? childrenOf(job.id, byId) : [];
  return html`<li>
    <a class="tree-item" href=${toJob(job.id)} aria-current=${job.id === shown ? "true" : undefined}>
      ${job.state === "succeeded" && job.imageCount
        ? html`<${Picture} class="thumb is-small" path=${previewPath(job.id, 0, 160)} alt="" />`
        : html`<span class="thumb is-small is-empty"></span>`}
      <span dir="auto">${promptOf(job) || kindOf(job)}${job.state === "succeeded" ? "" : ` (${words.states[job.state]})`}</span>
    </a>
    ${children.length > 0 &&
    html`<ul>${children.map((child) => html`<${Branch} key=${child.id} job=${child} byId=${byId} shown=${shown} depth=${depth + 1} />`)}</ul>`}
  </li>`;
}
