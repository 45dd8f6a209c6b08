// What can be done with the picture that is shown.
import { html, useState } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { whenNeeded } from "../parts/when-needed.js";
import { composer, setTarget } from "../state/composer.js";
import { originOf } from "../state/jobs.js";
import { resultPicture } from "../state/pictures.js";
import { goTo, toMake, toVerify } from "../state/route.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";
import { makeAgain } from "./outcome.js";
import { addReferences, toBeVerified } from "./take.js";

const Download = whenNeeded(() => import("../gallery/download.js").then((module) => module.Download));
const RemoveJob = whenNeeded(() => import("../gallery/remove.js").then((module) => module.RemoveJob));
const Ideas = whenNeeded(() => import("./ideas.js").then((module) => module.Ideas));
const reuse = (job) => import("./reuse.js").then((module) => module.reuse(job));
const zoomInto = (job, n) => import("../gallery/zoom.js").then((module) => module.zoomInto(job, n));
const SHOWN_AS = { box: "paint", name: "paint" };
const TOOLS = [["words", "pencil", "change"], ["paint", "brush", "paint"], ["frame", "widen", "widen"], ["enlarge", "enlarge", "enlarge"]];

// `n` null: a whole series. Without a job it is a file that is not sent yet.
export function Toolbar({ job, n, picture, onCompare, clip = false }) {
  const [shown, setShown] = useState("");
  const chosen = () => (job ? resultPicture(job, n) : null);
  const start = (tool) => {
    if (job) setTarget(chosen(), tool);
    else setTarget(picture, tool);
    document.getElementById("prompt")?.focus();
  };
  const isOne = n !== null;
  const active = useStore(composer, (form) => (form.target?.key === picture?.key ? SHOWN_AS[form.tool] ?? form.tool : ""));
  const hasBefore = job && (originOf(job) || job.request.images.length > 0);
  const again = () => makeAgain(job, { seed: anySeed() });
  const further = [
    job && isOne && { label: words.tools.asReference, icon: "image", press: () => refer(chosen()) },
    isOne && job && { label: words.tools.reuse, icon: "undo", press: () => reuse(job) },
    isOne && job && { label: words.stage.again, icon: "redo", press: again },
    isOne && { label: words.tools.verify, icon: "mark", press: () => check(job ? chosen() : picture) },
    job && { label: words.tools.delete, icon: "trash", danger: true, press: () => setShown("delete") },
  ];
  return html`<div class="toolbar" role="toolbar" aria-label=${words.tools.label}>
      ${!isOne && html`<${Tool} icon="undo" word="reuse" press=${() => reuse(job)} /><${Tool} icon="redo" word="again" press=${again} />`}
      ${isOne &&
      TOOLS.map(
        ([tool, icon, word]) => html`<button type="button" key=${tool} class="button is-tool" aria-pressed=${active === tool ? "true" : "false"} onClick=${() => start(tool)}>
          <${Icon} name=${icon} /><span>${words.tools[word]}</span>
        </button>`,
      )}
      ${isOne &&
      html`<button type="button" class="button is-tool" onClick=${() => setShown(shown === "ideas" ? "" : "ideas")} aria-expanded=${shown === "ideas" ? "true" : "false"}>
          <${Icon} name="idea" /><span>${words.tools.ideas}</span>
        </button>
        <span class="toolbar-gap"></span>`}
      ${hasBefore && isOne && html`<${Tool} icon="compare" word="compare" press=${onCompare} />`}
      ${isOne && job && html`<${Tool} icon="zoom" word="zoom" press=${() => zoomInto(job, n)} />`}
      ${(isOne || clip) && job && html`<${Tool} icon="download" word="download" press=${() => setShown("download")} />`}
      <${Menu} label=${words.tools.more} icon="more" showLabel=${false} items=${further} />
    </div>
    ${shown === "ideas" && html`<${Ideas} picture=${job ? chosen() : picture} />`}
    ${shown === "download" && html`<${Download} job=${job} n=${n ?? 0} onClose=${() => setShown("")} />`}
    ${shown === "delete" && html`<${RemoveJob} job=${job} onClose=${() => setShown("")} onDone=${() => goTo(toMake, { replace: true })} />`}`;
}

const Tool = ({ icon, word, press }) =>
  html`<button type="button" class="button is-tool" onClick=${press}><${Icon} name=${icon} /><span>${words.tools[word]}</span></button>`;

const anySeed = () => Math.floor(Math.random() * 2 ** 32);

function refer(picture) {
  setTarget(null);
  addReferences([picture]);
  document.getElementById("prompt")?.focus();
}

function check(picture) {
  toBeVerified.set({ picture });
  goTo(toVerify);
}
