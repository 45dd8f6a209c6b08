// Ideas for a picture: requests that can be sent as they are.
import { html, useEffect, useState } from "../html.js";
import { explain } from "../parts/explain.js";
import { say } from "../parts/notices.js";
import { setTarget } from "../state/composer.js";
import { jobs, loadManifest, makeJob } from "../state/jobs.js";
import { imageInput } from "../state/pictures.js";
import { goTo, toJob } from "../state/route.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";

const asked = new Map(); // a picture's key → the job that looks for ideas

export function Ideas({ picture }) {
  const [id, setId] = useState(asked.get(picture.key));
  const [found, setFound] = useState(null);
  const [fault, setFault] = useState("");
  const state = useStore(jobs, ({ byId }) => byId[id]?.state);
  useEffect(() => {
    if (id) return;
    imageInput(picture)
      .then((image) => makeJob({ task: "suggest", images: [image] }))
      .then((job) => {
        asked.set(picture.key, job.id);
        setId(job.id);
      })
      .catch((error) => setFault(explain(error).why));
  }, [id]);
  useEffect(() => {
    if (state === "succeeded") loadManifest(id).then((manifest) => setFound(manifest.suggestions ?? []), () => setFound([]));
    else if (state && !["queued", "running", "canceling"].includes(state)) setFound([]);
  }, [state]);
  useEffect(() => {
    if (found) say(found.length ? words.ideas.title : words.ideas.none);
  }, [found]);
  const send = async (idea) => {
    try {
      const job = await makeJob(idea.request);
      setTarget(picture);
      goTo(toJob(job.id));
    } catch (error) {
      say(explain(error).why, { shown: true, bad: true });
    }
  };
  return html`<div class="ideas">
    <p id="ideas-title" class="quiet">${fault || (found ? (found.length ? words.ideas.title : words.ideas.none) : words.ideas.wait)}</p>
    <ul class="chips" aria-labelledby="ideas-title">
      ${found?.map(
        (idea) => html`<li key=${idea.instruction}>
          <button type="button" class="chip" title=${idea.why} onClick=${() => send(idea)}>${idea.instruction}</button>
        </li>`,
      )}
    </ul>
  </div>`;
}
