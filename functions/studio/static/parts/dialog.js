// A modal dialog: the browser keeps the focus in it, Escape closes it, and the focus goes back to where it was.
import { html, useLayoutEffect, useRef } from "../html.js";
import { words } from "../words.js";
import { Icon } from "./icon.js";

let counter = 0;

export function Dialog({ title, onClose, children, class: name = "" }) {
  const dialog = useRef();
  const id = useRef();
  const close = useRef();
  id.current ??= `dialog-${(counter += 1)}`;
  close.current = onClose;
  // Before the next key can be pressed: an Escape that came before the dialog was modal would be lost.
  useLayoutEffect(() => {
    const element = dialog.current;
    const tell = () => close.current?.();
    element.addEventListener("close", tell);
    element.showModal();
    return () => {
      element.removeEventListener("close", tell);
      element.close();
    };
  }, []);
  return html`<dialog
    ref=${dialog}
    class="dialog ${name}"
    aria-labelledby=${id.current}
    onCancel=${(event) => !onClose && event.preventDefault()}
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
