// A choice of one of a few, as buttons side by side: radio buttons, so that arrow keys work as people know them.
import { html, useRef } from "../html.js";

let counter = 0;

export function Segments({ label, value, options, onChange, showLabel = false }) {
  const name = useRef();
  name.current ??= `choice-${(counter += 1)}`;
  return html`<fieldset class="segments">
    <legend class=${showLabel ? "" : "unseen"}>${label}</legend>
    ${options.map(
      ([key, word]) => html`<label key=${key} class="segment">
        <input type="radio" name=${name.current} value=${key} checked=${value === key} onChange=${() => onChange(key)} />
        <span>${word}</span>
      </label>`,
    )}
  </fieldset>`;
}
