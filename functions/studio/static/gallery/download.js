// The file as it was made, and copies in other formats.
import { addressOf, resultPath } from "../api/pictures.js";
import { html, useEffect, useState } from "../html.js";
import { Dialog } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { words } from "../words.js";

const NAMES = { "image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WebP", "image/avif": "AVIF" };
const COPIES = ["image/png", "image/jpeg", "image/webp"]; // what a browser's canvas writes
const QUALITY = 0.95;

export function Download({ job, n, onClose }) {
  const [url, setUrl] = useState("");
  const [fault, setFault] = useState("");
  const { content_type: type } = job.images[n];
  useEffect(() => {
    addressOf(resultPath(job.id, n)).then(setUrl, (error) => setFault(error.message));
  }, []);
  const name = `${job.id}-${n}`;
  const copy = async (kind) => {
    try {
      save(URL.createObjectURL(await converted(url, kind)), `${name}.${NAMES[kind].toLowerCase()}`);
    } catch {
      setFault(words.download.failed);
    }
  };
  return html`<${Dialog} title=${words.download.title} onClose=${onClose}>
    <ul class="downloads">
      <li>
        <a class="button is-primary" href=${url || undefined} download=${`${name}.${NAMES[type].toLowerCase()}`}>
          <${Icon} name="download" />${words.download.asMade(NAMES[type], job.width, job.height)}
        </a>
      </li>
      ${COPIES.filter((kind) => kind !== type).map(
        (kind) => html`<li key=${kind}>
          <button type="button" class="button" disabled=${!url} onClick=${() => copy(kind)}><${Icon} name="download" />${words.download.copy(NAMES[kind])}</button>
        </li>`,
      )}
    </ul>
    <p class="quiet">${words.download.note}</p>
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
  <//>`;
}

async function converted(url, kind) {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type: kind, quality: QUALITY });
}

function save(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
