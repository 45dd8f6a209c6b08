// The pictures that a request is given: the one to change, and references.
import { html, useRef, useState } from "../html.js";
import { Icon } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { Picture } from "../parts/picture.js";
import { whenNeeded } from "../parts/when-needed.js";
import { composer, setComposer, setTarget } from "../state/composer.js";
import { pathOf } from "../state/pictures.js";
import { words } from "../words.js";
import { takeFiles } from "./take.js";

const Camera = whenNeeded(() => import("../parts/camera.js").then((module) => module.Camera));
const SIDE = 160;

export function Target({ picture }) {
  const name = picture.file ? words.tools.targetFile(picture.name) : words.tools.target;
  return html`<div class="target">
    <${Picture} class="thumb is-small" path=${pathOf(picture, SIDE)} alt="" />
    <span class="target-name" title=${name}>${name}${picture.note && html`<span class="note">${picture.note}</span>`}</span>
    <button type="button" class="button is-quiet is-round" aria-label=${words.tools.leave} title=${words.tools.leave} onClick=${() => setTarget(null)}>
      <${Icon} name="close" />
    </button>
  </div>`;
}

export function References({ pictures }) {
  if (!pictures.length) return null;
  const without = (key) => setComposer({ references: composer.get().references.filter((each) => each.key !== key) });
  return html`<ul class="references" aria-label=${words.composer.references}>
    ${pictures.map(
      (picture, n) => html`<li key=${picture.key} class="reference">
        <${Picture} class="thumb" path=${pathOf(picture, SIDE)} alt=${picture.name} />
        <button type="button" class="button is-round is-corner" aria-label=${words.composer.remove(words.composer.reference(n + 1))} onClick=${() => without(picture.key)}>
          <${Icon} name="close" />
        </button>
      </li>`,
    )}
    ${pictures.map(({ key, note }) => note && html`<li key=${`note/${key}`} class="note">${note}</li>`)}
  </ul>`;
}

// A file or a photograph. The first picture is the one to change; beside one, and beside words, it is a reference.
export function AddPicture() {
  const input = useRef();
  const [camera, setCamera] = useState(false);
  const use = () => (composer.get().target || composer.get().prompt.trim() || composer.get().kind !== "picture" ? "reference" : "change");
  const chosen = (event) => {
    takeFiles([...event.target.files], use());
    event.target.value = "";
  };
  const items = [
    { label: words.composer.fromFile, icon: "image", press: () => input.current.click() },
    { label: words.composer.fromCamera, icon: "camera", press: () => setCamera(true) },
  ];
  items.note = words.composer.paste;
  return html`<${Menu} class="add-picture" label=${words.composer.add} icon="add" showLabel=${false} items=${items} up />
    <input ref=${input} hidden type="file" accept="image/*" multiple onChange=${chosen} />
    ${camera && html`<${Camera} onClose=${() => setCamera(false)} onPicture=${(file) => takeFiles([file], use())} />`}`;
}
