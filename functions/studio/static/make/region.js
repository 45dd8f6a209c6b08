// Where a change may reach: the bar under the picture, and what lies over it.
import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Segments } from "../parts/segments.js";
import { BRUSH, brush } from "../state/brush.js";
import { composer, setComposer } from "../state/composer.js";
import { LIMITS } from "../state/limits.js";
import { session } from "../state/session.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";
import { BoxOverlay } from "./box.js";
import { FrameOverlay, exactFrame } from "./frame.js";
import { PaintOverlay } from "./paint.js";

export function RegionOverlay({ picture }) {
  const tool = useStore(composer, (form) => form.tool);
  if (tool === "paint") return html`<${PaintOverlay} picture=${picture} />`;
  if (tool === "box") return html`<${BoxOverlay} />`;
  if (tool === "frame") return html`<${FrameOverlay} picture=${picture} />`;
  return null;
}

export function RegionBar() {
  const form = useStore(composer);
  const { tool } = form;
  const takesRegion = useStore(session, ({ capabilities }) => {
    const model = form.model || capabilities?.default_model;
    return !capabilities?.models.find((each) => each.name === model)?.refuses.includes("region");
  });
  const places = takesRegion ? ["words", "paint", "box", "name"] : ["words"];
  return html`<div class="region-bar">
    ${(tool === "words" || tool === "paint" || tool === "box" || tool === "name") &&
    html`<${Segments}
      label=${words.region.label}
      value=${tool}
      options=${places.map((each) => [each, words.region[each]])}
      onChange=${(next) => setComposer({ tool: next, fault: null })}
    />`}
    ${tool === "paint" && html`<${PaintOptions} strokes=${form.strokes} kept=${form.kept} />`}
    ${tool === "name" && html`<${NameField} name=${form.regionName} />`}
    ${tool === "box" && form.box && html`<button type="button" class="button is-small" onClick=${() => setComposer({ box: null })}>${words.region.clear}</button>`}
    ${tool === "frame" && html`<${FrameSize} form=${form} />`}
    ${tool === "enlarge" && html`<${Choice} label=${words.enlarge.label} value=${form.enlarge} options=${words.sizes} onChange=${(enlarge) => setComposer({ enlarge })} />`}
  </div>`;
}

function PaintOptions({ strokes, kept }) {
  const { size, erases } = useStore(brush);
  return html`<div class="paint-options">
    <${Segments}
      label=${words.region.draw}
      value=${erases ? "erase" : "draw"}
      options=${[["draw", words.region.draw], ["erase", words.region.erase]]}
      onChange=${(next) => brush.set({ erases: next === "erase" })}
    />
    <label class="slider"
      ><span>${words.region.size}</span
      ><input
        type="range"
        min=${BRUSH.least}
        max=${BRUSH.most}
        step="0.005"
        value=${size}
        onInput=${(event) => brush.set({ size: Number(event.target.value) })}
    /></label>
    <button type="button" class="button is-small" disabled=${!strokes.length} onClick=${() => setComposer({ strokes: strokes.slice(0, -1) })}>
      <${Icon} name="undo" />${words.region.undo}
    </button>
    <button type="button" class="button is-small" disabled=${!strokes.length} onClick=${() => setComposer({ strokes: [] })}>${words.region.clear}</button>
    ${kept && !strokes.length && html`<p class="quiet">${words.region.kept}</p>`}
  </div>`;
}

function NameField({ name }) {
  return html`<label class="inline-field"
    ><span>${words.region.nameLabel}</span
    ><input
      id="region-name"
      maxlength=${LIMITS.regionPrompt}
      placeholder=${words.region.nameHint}
      value=${name}
      onInput=${(event) => setComposer({ regionName: event.target.value, fault: null })}
  /></label>`;
}

// A shape of the table, or a width and a height.
function FrameSize({ form }) {
  const { frame, exact, target } = form;
  const choose = (value) =>
    setComposer(value === "exact" ? { exact: exactFrame(target, frame), fault: null } : { frame: value, exact: null, fault: null });
  const side = (name) => html`<label class="inline-field is-side"
    ><span>${words.frame[name]}</span
    ><input
      type="number"
      min=${LIMITS.exactLeast}
      max=${LIMITS.exactMost}
      step=${LIMITS.exactMultiple}
      value=${exact[name]}
      onChange=${(event) => setComposer({ exact: { ...exact, [name]: Number(event.target.value) }, fault: null })}
  /></label>`;
  return html`<${Choice} label=${words.frame.label} value=${exact ? "exact" : frame} options=${{ ...words.ratios, exact: words.frame.exact }} onChange=${choose} />
    ${exact && html`${side("width")}${side("height")}`}`;
}

function Choice({ label, value, options, onChange }) {
  return html`<label class="inline-field"
    ><span>${label}</span
    ><select value=${value} onChange=${(event) => onChange(event.target.value)}>
      ${Object.entries(options).map(([key, word]) => html`<option key=${key} value=${key}>${word}</option>`)}
    </select></label
  >`;
}
