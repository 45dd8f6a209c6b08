// A picture that is dragged over the page, or pasted into it.
import { html, useEffect, useState } from "../html.js";
import { takeFiles } from "../make/take.js";
import { route } from "../state/route.js";
import { words } from "../words.js";
import { Icon } from "./icon.js";

const ZONES = [["change", "pencil"], ["reference", "image"], ["verify", "mark"]];

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

export function DropZones() {
  const [open, setOpen] = useState(false);
  const [over, setOver] = useState("");
  useEffect(() => {
    let depth = 0;
    const enter = (event) => {
      if (!carriesFiles(event)) return;
      depth += 1;
      setOpen(true);
    };
    const leave = (event) => {
      if (!carriesFiles(event)) return;
      depth = Math.max(0, depth - 1);
      if (!depth) setOpen(false);
    };
    const hover = (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      setOver(event.target.closest?.("[data-drop]")?.dataset.drop ?? "");
    };
    const drop = (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOpen(false);
      const usual = route.get().view === "verify" ? "verify" : "change";
      takeFiles([...event.dataTransfer.files], event.target.closest?.("[data-drop]")?.dataset.drop ?? usual);
    };
    const paste = (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      takeFiles(files, route.get().view === "verify" ? "verify" : "change");
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: hover, drop, paste };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    };
  }, []);
  if (!open) return null;
  return html`<div class="drop" aria-hidden="true">
    ${ZONES.map(
      ([name, icon]) => html`<div key=${name} class="drop-zone ${over === name ? "is-over" : ""}" data-drop=${name}>
        <${Icon} name=${icon} /><span>${words.drop[name]}</span>
      </div>`,
    )}
  </div>`;
}
