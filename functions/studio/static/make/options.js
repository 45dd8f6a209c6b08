// The choices beside the prompt, and the rest of them under "more".
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { setComposer, setMore } from "../state/composer.js";
import { LIMITS } from "../state/limits.js";
import { words } from "../words.js";

export function Options({ form, task, capabilities }) {
  const isClip = task === "animate";
  const isNew = isClip || task === "generate" || task === "sequence";
  const names = capabilities?.models.map((model) => model.name) ?? [];
  const put = (change) => setComposer({ ...change, fault: null });
  return html`${isNew && html`<${Select} label=${words.composer.ratio} value=${form.ratio} options=${words.ratios} onChange=${(ratio) => put({ ratio })} />`}
    ${isNew && html`<${Select} label=${words.composer.size} value=${form.size} options=${words.sizes} onChange=${(size) => put({ size })} />`}
    ${isClip && html`<${Select} label=${words.composer.seconds} value=${form.seconds} options=${words.seconds} onChange=${(seconds) => put({ seconds })} />`}
    ${(task === "generate" || task === "edit" || task === "outpaint") &&
    html`<${Select} label=${words.composer.count} value=${form.count} options=${counts()} onChange=${(count) => put({ count: Number(count) })} />`}
    ${names.length > 1 &&
    html`<${Select}
      label=${words.composer.model}
      value=${form.model || capabilities.default_model}
      options=${Object.fromEntries(names.map((name) => [name, name]))}
      onChange=${(model) => put({ model })}
    />`}
    <label class="option is-seed"
      ><span class="unseen">${words.composer.seed}</span
      ><input
        inputmode="numeric"
        pattern="[0-9]*"
        maxlength="10"
        placeholder=${words.composer.seed}
        value=${form.seed}
        onInput=${(event) => put({ seed: event.target.value.replace(/\D/g, "") })}
    /></label>`;
}

export function MoreButton({ open }) {
  return html`<button type="button" class="button is-quiet is-small more-button" aria-expanded=${open ? "true" : "false"} onClick=${() => setComposer({ open: !open })}>
    <${Icon} name="sliders" /><span>${open ? words.composer.fewer : words.composer.more}</span>
  </button>`;
}

const counts = () => Object.fromEntries(Array.from({ length: LIMITS.count }, (_, n) => [n + 1, words.composer.pictures(n + 1)]));

function Select({ label, value, options, onChange }) {
  return html`<label class="option"
    ><span class="unseen">${label}</span
    ><select value=${String(value)} title=${label} onChange=${(event) => onChange(event.target.value)}>
      ${Object.entries(options).map(([key, word]) => html`<option key=${key} value=${key} selected=${String(value) === key}>${word}</option>`)}
    </select></label
  >`;
}

export function MoreOptions({ task, form, capabilities }) {
  const { more } = form;
  const model = form.model || capabilities?.default_model;
  const refused = capabilities?.models.find((each) => each.name === model)?.refuses ?? [];
  const draws = task !== "upscale";
  const takes = (field) => draws && !refused.includes(field);
  const text = words.more;
  return html`<fieldset class="more">
    <legend class="unseen">${text.label}</legend>
    ${takes("negative_prompt") && html`<${Field} wide label=${text.negative} value=${more.negative} onInput=${(negative) => setMore({ negative })} />`}
    <${Pick} label=${text.format} value=${more.depth === 16 ? "png" : more.format} options=${{ png: "PNG", jpeg: "JPEG", webp: "WebP", avif: "AVIF" }} onChange=${(format) => setMore({ format, ...(format === "png" ? {} : { depth: 8 }) })} />
    <${Pick} label=${text.depth} value=${more.depth} options=${text.depths} onChange=${(depth) => setMore({ depth: Number(depth) })} />
    ${draws && html`<${Field} label=${text.attempts} hint=${text.own} title=${text.attemptsHint} kind="number" min="1" max=${LIMITS.attempts} value=${more.attempts} onInput=${(attempts) => setMore({ attempts })} />`}
    ${draws && html`<${Field} label=${text.threshold} hint="0.6" kind="number" min="0" max="1" step="0.05" value=${more.threshold} onInput=${(threshold) => setMore({ threshold })} />`}
    ${draws && html`<${Pick} label=${text.lettering} value=${more.lettering} options=${text.letterings} onChange=${(lettering) => setMore({ lettering })} />`}
    ${takes("steps") && html`<${Field} label=${text.steps} hint=${text.own} kind="number" min="1" max="100" value=${more.steps} onInput=${(steps) => setMore({ steps })} />`}
    ${takes("guidance") && html`<${Field} label=${text.guidance} hint=${text.own} kind="number" min="0" max="30" step="0.5" value=${more.guidance} onInput=${(guidance) => setMore({ guidance })} />`}
    ${task === "edit" && takes("strength") && html`<${Field} label=${text.strength} hint=${text.own} kind="number" min="0.05" max="1" step="0.05" value=${more.strength} onInput=${(strength) => setMore({ strength })} />`}
    <${Pick} label=${text.priority} value=${more.priority} options=${text.priorities} onChange=${(priority) => setMore({ priority })} />
    <${Field} label=${text.deadline} hint="3600" kind="number" min="1" max="86400" value=${more.deadline} onInput=${(deadline) => setMore({ deadline })} />
    <${Field} label=${text.labels} hint=${text.labelsHint} value=${more.labels} onInput=${(labels) => setMore({ labels })} />
    <label class="check"><input type="checkbox" checked=${more.visible} onChange=${(event) => setMore({ visible: event.target.checked })} /><span>${text.visible}</span></label>
  </fieldset>`;
}

function Field({ label, value, onInput, hint = "", kind = "text", wide = false, ...rest }) {
  return html`<label class="field ${wide ? "is-wide" : ""}"
    ><span>${label}</span><input type=${kind} dir="auto" placeholder=${hint} value=${value} onInput=${(event) => onInput(event.target.value)} ...${rest}
  /></label>`;
}

function Pick({ label, value, options, onChange }) {
  return html`<label class="field"
    ><span>${label}</span
    ><select value=${String(value)} onChange=${(event) => onChange(event.target.value)}>
      ${Object.entries(options).map(([key, word]) => html`<option key=${key} value=${key} selected=${String(value) === key}>${word}</option>`)}
    </select></label
  >`;
}

