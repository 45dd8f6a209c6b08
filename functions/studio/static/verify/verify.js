// Any picture: is it ours, which job made it, was it changed, and who signed it?
import { getJson } from "../api/client.js";
import { html, useEffect, useRef, useState } from "../html.js";
import { toBeVerified, takeFiles } from "../make/take.js";
import { explain } from "../parts/explain.js";
import { Icon } from "../parts/icon.js";
import { say } from "../parts/notices.js";
import { Picture } from "../parts/picture.js";
import { jobs, makeJob } from "../state/jobs.js";
import { imageInput, pathOf } from "../state/pictures.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";
import { Verdict } from "./verdict.js";

export function VerifyView() {
  const picture = useStore(toBeVerified, (now) => now.picture);
  return html`<div class="verify">
    ${picture ? html`<${Examination} picture=${picture} key=${picture.key} />` : html`<${Ask} />`}
  </div>`;
}

function Ask() {
  const input = useRef();
  return html`<h1>${words.verify.title}</h1>
    <p class="lead">${words.verify.text}</p>
    <button type="button" class="verify-drop" onClick=${() => input.current.click()}>
      <${Icon} name="mark" /><span>${words.verify.choose}</span>
    </button>
    <input ref=${input} hidden type="file" accept="image/*,video/mp4" onChange=${(event) => takeFiles([...event.target.files], "verify")} />`;
}

function Examination({ picture }) {
  const [id, setId] = useState("");
  const [found, setFound] = useState(null);
  const [fault, setFault] = useState(null);
  const job = useStore(jobs, ({ byId }) => byId[id]);
  useEffect(() => {
    say(words.verify.looking);
    imageInput(picture)
      .then((image) => makeJob({ task: "verify", images: [image] }))
      .then((made) => setId(made.id))
      .catch((error) => setFault(explain(error)));
  }, []);
  useEffect(() => {
    if (job?.state === "succeeded") getJson(`/v1/jobs/${id}/verification`).then(setFound, (error) => setFault(explain(error)));
    else if (job?.error) setFault(explain(job.error));
  }, [job?.state]);
  useEffect(() => {
    if (found) say(words.verify.verdict[found.verdict][0]);
  }, [found]);
  return html`<div class="examination">
    <${Picture} class="examined" path=${pathOf(picture, 800)} alt=${picture.name} />
    <div class="examination-text">
      <h1>${found ? words.verify.verdict[found.verdict][0] : words.verify.title}</h1>
      ${picture.note && html`<p class="quiet">${picture.note} ${words.verify.onlyCopy}</p>`}
      ${!found && !fault && html`<p><span class="spinner" aria-hidden="true"></span>${words.verify.looking}</p>`}
      ${fault && html`<p class="fault" role="alert"><strong>${fault.title}.</strong> ${fault.why} ${fault.next}</p>`}
      ${found && html`<${Verdict} found=${found} />`}
      <button type="button" class="button" onClick=${() => toBeVerified.set({ picture: null })}>${words.verify.another}</button>
    </div>
  </div>`;
}
