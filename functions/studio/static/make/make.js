// The page on which pictures are made: what was made lately, the picture, what is known of it, and the form.
import { html, useEffect } from "../html.js";
import { composer, setComposer, setTarget } from "../state/composer.js";
import { isOpen, jobs, loadJob } from "../state/jobs.js";
import { resultPicture } from "../state/pictures.js";
import { goTo, route, toMake } from "../state/route.js";
import { useStore } from "../state/store.js";
import { say } from "../parts/notices.js";
import { whenNeeded } from "../parts/when-needed.js";
import { words } from "../words.js";
import { Composer } from "./composer.js";
import { Rail } from "./rail.js";
import { Stage } from "./stage.js";
import { Start } from "./start.js";

const Inspector = whenNeeded(() => import("../understand/inspector.js").then((module) => module.Inspector));

export function MakeView({ began }) {
  const { id, n } = useStore(route);
  const job = useStore(jobs, ({ byId }) => byId[id]);
  const target = useStore(composer, (form) => form.target);
  useEffect(() => {
    if (!id || !began) return;
    loadJob(id).catch((error) => {
      say(error.tombstone ? words.outcome.deleted[1] : error.message || words.offline, { shown: true, bad: true });
      if (error.status === 404 || error.status === 410) goTo(toMake, { replace: true });
    });
  }, [id, began]);
  useEffect(() => setComposer({ fault: null, open: false }), [id]);
  useContinuing(job, n);
  const isStart = !id && !target;
  return html`<div class="make ${isStart ? "is-start" : ""}">
    <${Rail} shown=${id} />
    <section class="bench">
      ${!isStart && html`<h1 class="unseen">${words.stage.label(job)}</h1>`}
      ${isStart ? html`<${Start} />` : html`<${Stage} id=${id} job=${job} n=${n} target=${target} />`}
      <${Composer} isStart=${isStart} />
    </section>
    ${job && html`<${Inspector} job=${job} n=${n ?? 0} key=${job.id} />`}
  </div>`;
}

// Who changes a picture goes on with the one that is shown: an edit's result is the next thing to be changed.
function useContinuing(job, n) {
  const isDone = Boolean(job?.whole && !isOpen(job) && job.state === "succeeded" && job.imageCount);
  useEffect(() => {
    const { target, tool } = composer.get();
    if (!isDone || !target || job.results_expired) return;
    const next = resultPicture(job, n ?? 0);
    if (next.key !== target.key) setTarget(next, tool === "enlarge" || tool === "frame" ? "words" : tool);
  }, [isDone, job?.id, n]);
}
