// The form: what to make or to change, and one button.
import { html, useState } from "../html.js";
import { explain } from "../parts/explain.js";
import { Icon } from "../parts/icon.js";
import { say } from "../parts/notices.js";
import { Segments } from "../parts/segments.js";
import { composer, setComposer } from "../state/composer.js";
import { NotReady, buildRequests, drawsClips, taskOf } from "../state/request.js";
import { linesOf, makeBatch } from "../state/batches.js";
import { makeJob } from "../state/jobs.js";
import { LIMITS } from "../state/limits.js";
import { goTo, toBatch, toJob } from "../state/route.js";
import { session } from "../state/session.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";
import { useEstimate } from "./estimate.js";
import { MoreButton, MoreOptions, Options } from "./options.js";
import { PromptField } from "./prompt.js";
import { AddPicture, References, Target } from "./references.js";
import { StartIdeas } from "./start.js";

export function Composer({ isStart }) {
  const form = useStore(composer);
  const capabilities = useStore(session, (now) => now.capabilities);
  const [busy, setBusy] = useState(false);
  const estimate = useEstimate(form, capabilities);
  const task = taskOf(form);

  const press = async (event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    try {
      await send(await buildRequests(form, capabilities));
      setComposer({ fault: null, open: false, references: [] });
    } catch (error) {
      setComposer({ fault: faultOf(error) });
    } finally {
      setBusy(false);
    }
  };
  return html`<form class="composer" onSubmit=${press} aria-label=${words.composer.label(task)} noValidate>
    <div class="composer-card ${form.fault ? "has-fault" : ""}">
      ${form.target
        ? html`<${Target} picture=${form.target} />`
        : html`<${Segments}
            label=${words.composer.kinds.label}
            value=${form.kind}
            options=${["picture", "series", "list", ...(capabilities?.models.some(drawsClips) ? ["clip"] : [])].map((kind) => [kind, words.composer.kinds[kind]])}
            onChange=${(kind) => setComposer({ kind, fault: null })}
          />`}
      <${PromptField} form=${form} task=${task} isStart=${isStart} />
      <${References} pictures=${form.references} />
      ${form.kind === "list" && !form.target && html`<${ListLength} lines=${linesOf(form.list).length} />`}
      ${form.fault && html`<${Fault} fault=${form.fault} />`}
      <div class="composer-row">
        <${AddPicture} />
        <div class="composer-options"><${Options} form=${form} task=${task} capabilities=${capabilities} /></div>
        <${MoreButton} open=${form.open} />
        <span class="composer-end">
          <output class="estimate" aria-label=${words.estimate.label}>${estimate}</output>
          <button class="button is-primary" disabled=${busy} aria-busy=${busy ? "true" : undefined}>
            <${Icon} name="spark" />${nameOfPress(form, task)}
          </button>
        </span>
      </div>
      ${form.open && html`<${MoreOptions} form=${form} task=${task} capabilities=${capabilities} />`}
    </div>
    ${isStart && html`<${StartIdeas} />`}
  </form>`;
}

function nameOfPress(form, task) {
  if (task === "edit") return words.composer.makeChange;
  if (task === "outpaint") return words.composer.makeWider;
  if (task === "upscale") return words.composer.makeLarger;
  if (form.kind === "list" && !form.target) {
    const lines = linesOf(form.list).length;
    return lines > 1 ? words.composer.makeAll(lines) : words.composer.make;
  }
  return words.composer.make;
}

// Sends the requests: one is a job, and several are a batch.
async function send(requests) {
  if (requests.length === 1) {
    const job = await makeJob(requests[0]);
    goTo(toJob(job.id));
    return;
  }
  const batch = await makeBatch(requests);
  setComposer({ list: "" });
  goTo(toBatch(batch.id));
}

function faultOf(error) {
  if (error instanceof NotReady) {
    say(error.message);
    return { title: error.message, field: error.field };
  }
  if (error.code === undefined) throw error;
  const found = explain(error);
  say(`${found.title}. ${found.why}`);
  return { ...found, field: error.field };
}

function Fault({ fault }) {
  return html`<div class="fault-card" role="alert">
    <${Icon} name="alert" />
    <div>
      <p><strong>${fault.title}</strong></p>
      ${fault.why && html`<p>${fault.why} ${fault.next}</p>`}
      ${fault.categories?.length > 0 && html`<p class="quiet">${fault.categories.join(", ")}</p>`}
      ${fault.support && html`<p class="quiet">${words.outcome.code} <code>${fault.support}</code></p>`}
    </div>
  </div>`;
}

function ListLength({ lines }) {
  const most = LIMITS.batchLines;
  return html`<p class=${lines > most ? "fault" : "quiet"} role="status">
    ${lines > most ? words.composer.listTooLong(lines, most) : words.composer.listLines(lines, most)}
  </p>`;
}
