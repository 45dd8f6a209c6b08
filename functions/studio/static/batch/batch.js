// A list on its way: how far it is, each line with its picture or its error, and what stops or deletes it.
import { html, useEffect, useState } from "../html.js";
import { explain } from "../parts/explain.js";
import { Icon } from "../parts/icon.js";
import { say } from "../parts/notices.js";
import { whenNeeded } from "../parts/when-needed.js";
import { hasEnded, loadBatch, stopBatch } from "../state/batches.js";
import { goTo, toGallery } from "../state/route.js";
import { moment } from "../understand/facts.js";
import { words } from "../words.js";
import { Items } from "./items.js";

const RemoveBatch = whenNeeded(() => import("../gallery/remove.js").then((module) => module.RemoveBatch));
const LOOK = 3000; // milliseconds
const text = words.batch;

export function BatchView({ id, began }) {
  const [batch, setBatch] = useState(null);
  const [fault, setFault] = useState(null);
  const [removing, setRemoving] = useState(false);
  useEffect(() => {
    if (!began) return undefined;
    let timer = 0;
    const look = () =>
      loadBatch(id).then(
        (found) => {
          setBatch(found);
          setFault(null);
          if (!hasEnded(found)) timer = setTimeout(look, LOOK);
        },
        (error) => {
          setFault(explain(error));
          if (!(error.status >= 400 && error.status < 500)) timer = setTimeout(look, LOOK);
        },
      );
    look();
    return () => clearTimeout(timer);
  }, [id, began]);
  useEffect(() => {
    if (batch) say(text.states[batch.state]);
  }, [batch?.state]);
  const stop = () =>
    stopBatch(id).then(setBatch, (error) => say(explain(error).why || words.offline, { shown: true, bad: true }));
  return html`<div class="gallery">
    <p><a href=${toGallery}>${words.nav.gallery}</a></p>
    ${fault && html`<p class="fault" role="alert"><strong>${fault.title}.</strong> ${fault.why} ${fault.next}</p>`}
    ${batch && html`<${Head} batch=${batch} stop=${stop} remove=${() => setRemoving(true)} />`}
    ${batch && html`<${Items} batch=${batch} />`}
    ${removing && html`<${RemoveBatch} id=${id} lines=${batch.lines} onClose=${() => setRemoving(false)} onDone=${() => goTo(toGallery)} />`}
  </div>`;
}

function Head({ batch, stop, remove }) {
  const { counts, lines } = batch;
  const all = lines ?? 0;
  const done = Object.entries(counts).reduce((sum, [state, n]) => sum + (text.open.includes(state) ? 0 : n), 0);
  const ended = hasEnded(batch);
  return html`<div class="gallery-head">
      <h1>${text.title(all)}</h1>
      ${ended && html`<button type="button" class="button" onClick=${remove}><${Icon} name="trash" />${text.remove}</button>`}
      ${!ended && html`<button type="button" class="button" disabled=${batch.state === "canceling"} onClick=${stop}><${Icon} name="stop" />${text.stop}</button>`}
    </div>
    <div class="batch-progress">
      <p><strong>${text.states[batch.state]}</strong> <span class="quiet">${moment(batch.created)}</span></p>
      ${!ended && html`<progress class="bar" max=${all || 1} value=${all ? done : undefined} aria-label=${text.done(done, all)}></progress>`}
      <ul class="chips" aria-label=${text.counts}>
        ${Object.entries(counts).map(([state, n]) => n > 0 && html`<li key=${state} class="tag is-${state}">${text.count(n, words.states[state] ?? text.refused)}</li>`)}
      </ul>
      ${batch.error && html`<p class="fault">${explain(batch.error).why || batch.error.message}</p>`}
    </div>`;
}
