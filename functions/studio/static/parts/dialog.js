// A modal dialog: the browser keeps the focus in it, and Escape closes it.
import { html, useEffect, useRef } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./icon.js";

let counter = 0;

export function Dialog({ title, onClose, children, class: name = "" }) {
  const dialog = useRef();
  const id = useRef();
  id.current ??= `dialog-${(counter += 1)}`;
  useEffect(() => {
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.focus?.();
  }, []);
  return html`<dialog
    ref=${dialog}
    class="dialog ${name}"
    aria-labelledby=${id.current}
    onCancel=${(event) => {
      event.preventDefault();
      onClose?.();
    }}
    onClick=${(event) => event.target === dialog.current && onClose?.()}
  >
    <div class="dialog-body">
      <header class="dialog-head">
        <h2 id=${id.current}>${title}</h2>
        ${onClose &&
        html`<button type="button" class="button is-quiet is-round" aria-label=${words.close} onClick=${onClose}>
          <${Icon} name="close" />
        </button>`}
      </header>
      ${children}
    </div>
  </dialog>`;
}
