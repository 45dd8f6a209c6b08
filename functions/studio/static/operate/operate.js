// What happens in the deployment now: for those whose key has the scope admin. It asks again while it is shown.
import { getJson, postJson } from "../api/client.js";
import { html, useEffect, useState } from "../html.js";
import { explain } from "../parts/explain.js";
import { say } from "../parts/notices.js";
import { session } from "../state/session.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";
import { Faults } from "./faults.js";
import { Table } from "./table.js";

const LOOK = 5000; // milliseconds
const said = words.operate;

export function OperateView() {
  const [found, setFound] = useState(null);
  const [fault, setFault] = useState(null);
  const isLaptop = useStore(session, ({ capabilities }) => capabilities?.profile === "local");
  const look = () =>
    getJson("/v1/overview").then(
      (overview) => (setFound(overview), setFault(null)),
      (error) => setFault(explain(error)),
    );
  useEffect(() => {
    look();
    const timer = setInterval(() => !document.hidden && look(), LOOK);
    return () => clearInterval(timer);
  }, []);
  const again = (id) =>
    postJson(`/v1/overview/deliveries/${id}/replay`)
      .then((delivery) => say(said.sent[delivery.state] ?? said.sent.pending, { shown: true }))
      .catch((error) => say(explain(error).why, { shown: true, bad: true }))
      .then(look);
  return html`<div class="operate">
    <h1>${said.title}</h1>
    ${fault && html`<p class="fault" role="alert"><strong>${fault.title}.</strong> ${fault.why} ${fault.next}</p>`}
    ${!found && !fault && html`<p><span class="spinner" aria-hidden="true"></span>${said.looking}</p>`}
    ${found && html`<${Overview} found=${found} again=${again} />`}
    ${isLaptop && html`<${Faults} />`}
  </div>`;
}

function Overview({ found, again }) {
  const open = found.queues.reduce((sum, queue) => sum + queue.open, 0);
  return html`<dl class="figures">
      <${Figure} name=${said.figures.open} value=${open} />
      <${Figure} name=${said.figures.running} value=${found.running.length} />
      <${Figure} name=${said.figures.workers} value=${found.workers.length} />
      <${Figure} name=${said.figures.deliveries} value=${found.deliveries.length} warn=${found.deliveries.length > 0} />
      <${Figure} name=${said.figures.failures} value=${found.failures.length} warn=${found.failures.length > 0} />
      <${Figure} name=${said.figures.setAside} value=${found.set_aside} warn=${found.set_aside > 0} />
    </dl>
    ${!found.complete && html`<p class="quiet">${said.sample}</p>`}
    <${Table} title=${said.queues} none=${said.none.queues} heads=${said.heads.queues}
      rows=${found.queues.map((queue) => [queue.lane || said.anyLane, said.priorities[queue.priority] ?? queue.priority, queue.open, said.ago(queue.oldest)])} />
    <${Table} title=${said.running} none=${said.none.running} heads=${said.heads.running}
      rows=${found.running.map((job) => [
        job.id, words.kinds[job.task] ?? job.task, job.owner, words.stages[job.stage] ?? job.stage ?? "", `${Math.round(100 * job.progress)} %`, job.worker ?? "",
      ])} />
    <${Table} title=${said.deliveries} none=${said.none.deliveries} heads=${said.heads.deliveries}
      rows=${found.deliveries.map((delivery) => [
        delivery.job_id, delivery.attempts.length, lastAnswer(delivery), delivery.next_attempt ? said.at(delivery.next_attempt) : "",
        html`<button type="button" class="button" onClick=${() => again(delivery.job_id)} aria-label=${said.againFor(delivery.job_id)}>${said.again}</button>`,
      ])} />
    <${Table} title=${said.failures} none=${said.none.failures} heads=${said.heads.failures}
      rows=${found.failures.map((job) => [
        job.id, explain({ code: job.code }).title, job.code, words.stages[job.stage] ?? job.stage ?? "", job.model, said.ago(job.ended),
      ])} />`;
}

function Figure({ name, value, warn = false }) {
  return html`<div class="figure ${warn ? "is-warn" : ""}"><dt>${name}</dt><dd>${value}</dd></div>`;
}

function lastAnswer({ attempts }) {
  const last = attempts.at(-1);
  return last ? String(last.status ?? last.error ?? said.underWay) : "";
}
