// A job that ended without a picture: why, in plain words, and what to do next.
import { html, useEffect } from "../html.js";
import { explain } from "../parts/explain.js";
import { Icon } from "../parts/icon.js";
import { say } from "../parts/notices.js";
import { composer, setComposer } from "../state/composer.js";
import { makeJob, promptOf } from "../state/jobs.js";
import { goTo, toJob } from "../state/route.js";
import { words } from "../words.js";

const ICONS = { blocked: "mark", canceled: "stop" };

export function Outcome({ job }) {
  const code = job.state === "canceled" || job.state === "expired" ? job.state : job.error?.code;
  const { title, why, next, support, categories } = explain({ ...job.error, code });
  useEffect(() => say(`${words.stage.ended[job.state]} ${why} ${next}`), [job.id]);
  return html`<div class="stage" role="region" aria-label=${words.stage.label(job)}>
    <div class="stage-area">
      <div class="card outcome is-${job.state}">
        <span class="outcome-icon"><${Icon} name=${ICONS[job.state] ?? "alert"} /></span>
        <h2>${title}</h2>
        <p>${why}</p>
        ${next && html`<p>${next}</p>`}
        ${categories.length > 0 && html`<p class="quiet">${categories.join(", ")}</p>`}
        ${support && html`<p class="quiet">${words.outcome.code} <code>${support}</code></p>`}
        ${promptOf(job) && html`<blockquote>${promptOf(job)}</blockquote>`}
        <div class="row">
          <button type="button" class="button is-primary" onClick=${() => goBack(job)}>${words.stage.back}</button>
          ${code === "outside_model_domain" &&
          html`<button type="button" class="button" onClick=${() => makeAgain(job, { allow_outside_domain: true })}>${words.stage.anyway}</button>`}
          ${job.state !== "blocked" && code !== "outside_model_domain" &&
          html`<button type="button" class="button" onClick=${() => makeAgain(job)}><${Icon} name="redo" />${words.stage.again}</button>`}
        </div>
      </div>
    </div>
  </div>`;
}

// An edit's words are still in the form; those of another picture are put back.
function goBack(job) {
  if (composer.get().target) setComposer({ change: job.request?.prompt ?? "" });
  else import("./reuse.js").then((module) => module.reuse(job));
  document.getElementById("prompt")?.focus();
}

export async function makeAgain(job, change = {}) {
  try {
    const { dry_run: dry, ...request } = job.request;
    for (const name of ["prompts", "images"]) if (!request[name]?.length) delete request[name];
    const again = await makeJob({ ...request, ...change });
    goTo(toJob(again.id));
  } catch (error) {
    const { title, why } = explain(error);
    say(`${title}. ${why}`, { shown: true, bad: true });
  }
}
