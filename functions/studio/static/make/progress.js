// A job on its way: where in the queue, which stage and step, and how the picture looks so far.
import { html, useEffect } from "../html.js";
import { Icon } from "../parts/icon.js";
import { say } from "../parts/notices.js";
import { promptOf, stopJob } from "../state/jobs.js";
import { words } from "../words.js";

export function placeOf({ queue }) {
  if (!queue) return words.stage.queued;
  const ahead = queue.ahead ? words.stage.ahead(queue.ahead, queue.exact) : words.stage.first;
  return queue.seconds == null ? ahead : `${ahead}, ${words.stage.then(queue.seconds)}`;
}

export function stageOf({ stage, step, steps, attempt }) {
  const name = words.stages[stage] ?? (stage ? words.stages.work : words.stage.starting);
  const at = step && steps ? `, ${words.stage.step(step, steps)}` : "";
  return `${name}${at}${attempt > 1 ? ` (${words.stage.attempt(attempt)})` : ""}`;
}

export function Progress({ job }) {
  const isQueued = job.state === "queued";
  const text = { queued: placeOf(job), canceling: words.stage.stopping }[job.state] ?? stageOf(job);
  useEffect(() => say(text), [job.state, job.stage, job.queue?.ahead]);
  const stop = () =>
    stopJob(job.id).catch((error) => say(error.message || words.offline, { shown: true, bad: true }));
  return html`<div class="stage" role="region" aria-label=${words.stage.label(job)}>
    <div class="stage-area">
      <div class="canvas is-drawn ${isQueued ? "is-queued" : ""}" style=${{ "--w": job.width || 1, "--h": job.height || 1 }}>
        ${job.preview
          ? html`<img class="preview" src=${job.preview} alt=${words.stage.preview(job)} />`
          : html`<p class="preview-prompt">${promptOf(job)}</p>`}
      </div>
    </div>
    <div class="status">
      <div class="status-text">
        <strong>${isQueued ? words.stage.queued : text}</strong>
        ${isQueued && html`<span>${text}</span>`}
      </div>
      <progress class="bar" max="1" value=${isQueued ? undefined : job.progress} aria-label=${text}></progress>
      <button type="button" class="button" onClick=${stop} disabled=${job.state === "canceling"}>
        <${Icon} name="stop" />${words.stage.stop}
      </button>
    </div>
  </div>`;
}
