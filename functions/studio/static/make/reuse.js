// Puts a job's request back into the form, to be made again or changed: with the pictures that it was given.
import { addressOf, inputPath } from "../api/pictures.js";
import { say } from "../parts/notices.js";
import { MORE, REGION, composer } from "../state/composer.js";
import { loadJob, loadManifest, originOf } from "../state/jobs.js";
import { givenPicture, resultPicture } from "../state/pictures.js";
import { goTo, toJob, toMake } from "../state/route.js";
import { words } from "../words.js";

const LARGEST = 2048; // pixels of a preview's longer side
const TOOLS = { outpaint: "frame", upscale: "enlarge" };
const CHANGES = ["edit", "outpaint", "upscale"];

export async function reuse(job) {
  const { request } = job;
  const given = request.images.map((image, n) => givenPicture(job, n));
  try {
    const target = CHANGES.includes(request.task) ? await targetOf(job, given.shift()) : null;
    composer.set({ ...fieldsOf(request), seed: job.seed == null ? "" : String(job.seed), target, references: given });
    if (target) goTo(target.id ? toJob(target.id, target.n) : toMake);
    document.getElementById("prompt")?.focus();
  } catch (error) {
    say(words.tools.gone, { shown: true, bad: true });
  }
}

function fieldsOf(request) {
  const isChange = request.task === "edit";
  return {
    ...REGION, ...regionOf(request), fault: null,
    kind: { sequence: "series", animate: "clip" }[request.task] ?? "picture",
    prompt: CHANGES.includes(request.task) ? "" : (request.prompt ?? ""),
    change: isChange ? request.prompt : "",
    around: request.task === "outpaint" ? (request.prompt ?? "") : "",
    scenes: request.prompts?.length ? request.prompts : ["", "", ""],
    ratio: request.aspect_ratio ?? "1:1", size: request.size ?? "1K", count: request.count ?? 1, model: request.model ?? "",
    seconds: String(request.seconds ?? 4),
    frame: request.aspect_ratio ?? REGION.frame, enlarge: request.size ?? REGION.enlarge,
    exact: request.task === "outpaint" && request.width ? { width: request.width, height: request.height } : null,
    more: moreOf(request),
  };
}

function regionOf({ task, region, region_prompt: name, mask }) {
  if (region?.box) return { tool: "box", box: region.box };
  if (name) return { tool: "name", regionName: name };
  if (mask || region) return { tool: "paint", kept: mask ? { mask } : { region } };
  return { tool: TOOLS[task] ?? "words" };
}

function moreOf(request) {
  const text = (value) => (value == null ? "" : String(value));
  const labels = Object.entries(request.labels ?? {}).filter(([, value]) => !value.includes(","));
  return {
    ...MORE, negative: request.negative_prompt ?? "", format: request.task === "animate" ? MORE.format : request.format, depth: request.bit_depth,
    attempts: text(request.correction?.attempts), threshold: text(request.correction?.threshold),
    steps: text(request.steps), guidance: text(request.guidance), strength: text(request.strength),
    priority: request.priority, visible: request.visible_mark, lettering: request.lettering ?? "auto",
    labels: labels.map(([key, value]) => `${key}:${value}`).join(", "),
  };
}

// Returns the picture that the job changed: one of ours, or a file that was sent with it. Throws where it is gone.
async function targetOf(job, given) {
  const origin = originOf(job);
  if (!origin) return { ...given, ...(await sizeOf(job)) };
  const found = resultPicture(await loadJob(origin.id), origin.n);
  if (!found.uri) throw new Error("gone");
  return found;
}

// A preview is the picture's own size where that is smaller than a preview may be. Else an edit kept the size.
async function sizeOf(job) {
  const image = new Image();
  image.src = await addressOf(inputPath(job.id, 0, LARGEST));
  await image.decode();
  const shown = { width: image.naturalWidth, height: image.naturalHeight };
  if (Math.max(shown.width, shown.height) < LARGEST) return shown;
  const { fitted } = await loadManifest(job.id).catch(() => ({}));
  if (fitted) return { width: fitted.from_width, height: fitted.from_height };
  const { task, size, aspect_ratio: ratio, width } = job.request;
  return task === "edit" && !size && !ratio && !width ? { width: job.width, height: job.height } : shown;
}
