// A button that opens a list of actions. Escape and a press elsewhere close it; arrow keys move in it.
import { html, useEffect, useRef, useState } from "../html.js";
import { Icon } from "./icon.js";

export function Menu({ label, icon, items, class: name = "", showLabel = true, up = false }) {
  const [open, setOpen] = useState(false);
  const root = useRef();
  const button = useRef();
  useEffect(() => {
    if (!open) return undefined;
    root.current.querySelector("[role=menuitem]")?.focus();
    const leave = (event) => !root.current.contains(event.target) && setOpen(false);
    addEventListener("pointerdown", leave);
    return () => removeEventListener("pointerdown", leave);
  }, [open]);
  const close = () => {
    setOpen(false);
    button.current.focus();
  };
  const onKeyDown = (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      close();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...root.current.querySelectorAll("[role=menuitem]")];
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
  };
  return html`<div class="menu ${name}" ref=${root} onKeyDown=${open ? onKeyDown : undefined}>
    <button
      ref=${button}
      type="button"
      class="button is-tool"
      aria-haspopup="menu"
      aria-expanded=${open ? "true" : "false"}
      aria-label=${showLabel ? undefined : label}
      onClick=${() => setOpen(!open)}
    >
      <${Icon} name=${icon} />${showLabel && html`<span>${label}</span>`}
    </button>
    ${open &&
    html`<div role="menu" aria-label=${label} class="menu-list ${up ? "is-up" : ""}">
      ${[...items].filter(Boolean).map(
        (item) => html`<button
          type="button"
          role="menuitem"
          key=${item.label}
          class="menu-item ${item.danger ? "is-danger" : ""}"
          onClick=${() => {
            close();
            item.press();
          }}
        >
          ${item.icon && html`<${Icon} name=${item.icon} />`}<span>${item.label}</span>
        </button>`,
      )}
      ${items.note && html`<p class="menu-note">${items.note}</p>`}
    </div>`}
  </div>`;
}
