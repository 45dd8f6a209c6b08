// The file as it was made, copies that are signed anew, and quick copies that this browser makes.
import { addressOf, resultPath, savedAddressOf } from "../api/pictures.js";
import { html, useEffect, useState } from "../html.js";
import { Dialog } from "../parts/dialog.js";
import { explain } from "../parts/explain.js";
import { Icon } from "../parts/icon.js";
import { LIMITS } from "../state/limits.js";
import { isOpen, jobs, loadManifest, makeJob } from "../state/jobs.js";
import { resultPicture } from "../state/pictures.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";

const NAMES = { "image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WebP", "image/avif": "AVIF", "video/mp4": "MP4" };
const FORMATS = { png: "image/png", jpeg: "image/jpeg", webp: "image/webp", avif: "image/avif" };
const DRAWN = ["png", "jpeg", "webp"]; // what a browser's canvas writes
const QUALITY = 0.95;

export function Download({ job, n, onClose }) {
  const [url, setUrl] = useState("");
  const [saved, setSaved] = useState("");
  const [image, setImage] = useState(null);
  const [fault, setFault] = useState("");
  const { content_type: type } = job.images[n];
  useEffect(() => {
    addressOf(resultPath(job.id, n)).then(setUrl, (error) => setFault(error.message));
    savedAddressOf(job.id, n).then(setSaved, (error) => setFault(error.message));
    loadManifest(job.id).then((manifest) => setImage(manifest.images[n]), () => {});
  }, []);
  const name = `${job.id}-${n}`;
  const isClip = job.task === "animate";
  const others = Object.keys(FORMATS).filter((format) => FORMATS[format] !== type);
  const text = words.download;
  return html`<${Dialog} title=${text.title} class="download" onClose=${onClose}>
    <a class="button is-primary" href=${saved || undefined} download=${`${name}.${NAMES[type].toLowerCase()}`}>
      <${Icon} name="download" />${text.asMade(NAMES[type], job.width, job.height)}
    </a>
    ${image && html`<p class="quiet">${text.keeps(Boolean(image.watermark), image.content_credentials === "signed")}</p>`}
    ${!isClip && html`<${SignedCopies} job=${job} n=${n} formats=${others} onFault=${setFault} />
    <${QuickCopies} name=${name} url=${url} formats=${others.filter((format) => DRAWN.includes(format))} onFault=${setFault} />`}
    ${fault && html`<p class="fault" role="alert">${fault}</p>`}
  <//>`;
}

// A worker writes the same pixels in another format, with a mark and a signature: an enlargement to the same size.
function SignedCopies({ job, n, formats, onFault }) {
  const [made, setMade] = useState({ format: "", id: "" });
  const copy = useStore(jobs, ({ byId }) => byId[made.id]);
  const isDone = Boolean(copy && !isOpen(copy) && (copy.whole || copy.error));
  useEffect(() => {
    if (isDone) finish(copy, made.format).catch((error) => onFault(explain(error).why || words.download.failed)).then(() => setMade({ format: "", id: "" }));
  }, [isDone]);
  const press = async (format) => {
    onFault("");
    setMade({ format, id: "" });
    try {
      setMade({ format, id: (await makeJob(requestOf(job, n, format))).id });
    } catch (error) {
      onFault(explain(error).why);
      setMade({ format: "", id: "" });
    }
  };
  const text = words.download;
  return html`<section class="downloads" aria-label=${text.signed}>
    <h3>${text.signed}</h3>
    <p class="quiet">${canCopy(job) ? text.signedText : text.notThisSize(LIMITS.exactMultiple, LIMITS.exactMost)}</p>
    ${canCopy(job) &&
    html`<div class="row">
      ${formats.map(
        (format) => html`<button type="button" key=${format} class="button" disabled=${Boolean(made.format)} aria-busy=${made.format === format ? "true" : undefined} aria-label=${text.signedCopy(NAMES[FORMATS[format]])} onClick=${() => press(format)}>
          ${made.format === format ? html`<span class="spinner" aria-hidden="true"></span>` : html`<${Icon} name="key" />`}${NAMES[FORMATS[format]]}
        </button>`,
      )}
    </div>`}
  </section>`;
}

const canCopy = ({ width, height }) =>
  [width, height].every((side) => side >= LIMITS.exactLeast && side <= LIMITS.exactMost && side % LIMITS.exactMultiple === 0);

function requestOf(job, n, format) {
  const { uri } = resultPicture(job, n);
  const { width, height } = job;
  return { task: "upscale", images: [{ uri }], width, height, format, labels: { copy: format } };
}

// Saves what the job has made. Throws its error.
async function finish(copy, format) {
  if (copy.state !== "succeeded") throw copy.error ?? { code: copy.state };
  save(await savedAddressOf(copy.id, 0), `${copy.id}-0.${format}`);
}

function QuickCopies({ name, url, formats, onFault }) {
  const press = async (format) => {
    try {
      const made = URL.createObjectURL(await converted(url, FORMATS[format]));
      save(made, `${name}.${format}`);
      setTimeout(() => URL.revokeObjectURL(made), 60_000);
    } catch {
      onFault(words.download.failed);
    }
  };
  const text = words.download;
  return html`<section class="downloads" aria-label=${text.quick}>
    <h3>${text.quick}</h3>
    <p class="quiet">${text.quickText}</p>
    <div class="row">
      ${formats.map(
        (format) => html`<button type="button" key=${format} class="button" disabled=${!url} aria-label=${text.quickCopy(NAMES[FORMATS[format]])} onClick=${() => press(format)}>
          <${Icon} name="download" />${NAMES[FORMATS[format]]}
        </button>`,
      )}
    </div>
  </section>`;
}

async function converted(url, type) {
  const bitmap = await createImageBitmap(await (await fetch(url)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.convertToBlob({ type, quality: QUALITY });
}

function save(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}
