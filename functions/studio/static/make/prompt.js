// The field for words: one for a picture, several for a series, lines for a list.
import { html, useLayoutEffect, useRef } from "../html.js";
import { Icon } from "../parts/icon.js";
import { composer, setComposer } from "../state/composer.js";
import { LIMITS } from "../state/limits.js";
import { words } from "../words.js";

const SCENES = { least: 2, most: LIMITS.count };

export function PromptField({ form, task, isStart }) {
  if (task === "upscale") return null;
  if (task === "edit") return html`<${Words} name="change" value=${form.change} label=${words.composer.change} hint=${words.composer.changeHint} />`;
  if (task === "outpaint") return html`<${Words} name="around" value=${form.around} label=${words.composer.widen} hint=${words.composer.widenHint} />`;
  if (task === "sequence") return html`<${Series} form=${form} />`;
  if (form.kind === "list") return html`<${Words} name="list" value=${form.list} label=${words.composer.list} hint=${words.composer.listHint} rows="4" />`;
  return html`<${Words} name="prompt" value=${form.prompt} label=${words.composer.prompt(form.kind)} hint=${words.composer.promptHint} rows=${isStart ? 2 : 1} autofocus=${isStart} />`;
}

// A field that grows with its text. Enter sends it, with Shift it begins a line; a list keeps its lines.
function Words({ name, value, label, hint, rows = 1, autofocus = false }) {
  const field = useRef();
  useLayoutEffect(() => {
    field.current.style.height = "auto";
    field.current.style.height = `${field.current.scrollHeight}px`;
  }, [value]);
  useLayoutEffect(() => {
    if (autofocus && matchMedia("(hover: hover)").matches) field.current.focus();
  }, []);
  const onKeyDown = (event) => {
    const sends = event.key === "Enter" && !event.isComposing && (event.ctrlKey || event.metaKey || (!event.shiftKey && name !== "list"));
    if (!sends) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  };
  return html`<label class="words"
    ><span class="unseen">${label}</span
    ><textarea
      ref=${field}
      id="prompt"
      rows=${rows}
      dir="auto"
      maxlength=${name === "list" ? undefined : LIMITS.prompt}
      placeholder=${hint}
      value=${value}
      onInput=${(event) => setComposer({ [name]: event.target.value, fault: null })}
      onKeyDown=${onKeyDown}
    ></textarea
  ></label>`;
}

function Series({ form }) {
  const { scenes } = form;
  const put = (n, text) => setComposer({ scenes: scenes.map((scene, each) => (each === n ? text : scene)), fault: null });
  return html`<${Words} name="prompt" value=${form.prompt} label=${words.composer.series} hint=${words.composer.seriesHint} />
    <ol class="scenes">
      ${scenes.map(
        (scene, n) => html`<li key=${n} class="scene">
          <label
            ><span>${words.composer.scene(n + 1)}</span
            ><textarea
              rows="2"
              dir="auto"
              placeholder=${words.composer.sceneHint[n] ?? ""}
              value=${scene}
              onInput=${(event) => put(n, event.target.value)}
            ></textarea
          ></label>
          ${scenes.length > SCENES.least &&
          html`<button type="button" class="button is-quiet is-round is-corner" aria-label=${words.composer.removeScene(n + 1)} onClick=${() => setComposer({ scenes: scenes.filter((_, each) => each !== n) })}>
            <${Icon} name="close" />
          </button>`}
        </li>`,
      )}
      ${scenes.length < SCENES.most &&
      html`<li key="add">
        <button type="button" class="scene-add" aria-label=${words.composer.addScene} onClick=${() => setComposer({ scenes: [...composer.get().scenes, ""] })}>
          <${Icon} name="add" />
        </button>
      </li>`}
    </ol>`;
}
