// What the next request will be: what was written, chosen, painted and dropped.
import { base64Of, imageInput } from "./pictures.js";
import { createStore } from "./store.js";
import { drawMask } from "../make/mask.js";
import { words } from "../words.js";

export const LIST_MOST = 100;
const MORE = {
  negative: "", format: "png", depth: 8, attempts: "", threshold: "", steps: "", guidance: "", strength: "",
  priority: "normal", labels: "", deadline: "", visible: false,
};
const REGION = { tool: "words", strokes: [], box: null, regionName: "", frame: "16:9", enlarge: "2K" };

export const composer = createStore({
  kind: "picture", prompt: "", change: "", around: "", scenes: ["", "", ""], list: "",
  ratio: "1:1", size: "1K", count: 1, seed: "", model: "", more: MORE, open: false,
  references: [], target: null, ...REGION, fault: null,
});

export class NotReady extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

export const setComposer = (change) => composer.set(change);
export const setMore = (change) => composer.set(({ more }) => ({ more: { ...more, ...change } }));

// Makes `picture` the one that the next request changes. Null: it makes a new one.
export function setTarget(picture, tool = "words") {
  composer.set(({ target }) => ({
    ...(picture && target?.key === picture.key ? {} : { ...REGION, change: "", around: "" }),
    target: picture, tool, kind: "picture", fault: null,
  }));
}

export function taskOf({ kind, target, tool }) {
  if (!target) return kind === "series" ? "sequence" : "generate";
  return { frame: "outpaint", enlarge: "upscale" }[tool] ?? "edit";
}

// Returns the requests that the form stands for, one or several. Throws NotReady with what is missing.
export async function buildRequests(form, capabilities) {
  if (!form.target && form.kind === "list") return buildList(form, capabilities);
  return [await buildRequest(form, capabilities)];
}

function buildList(form, capabilities) {
  const prompts = form.list.split("\n").map((line) => line.trim()).filter(Boolean).slice(0, LIST_MOST);
  if (!prompts.length) throw new NotReady("list", words.composer.needList);
  const shared = { ...sharedFields(form, "generate", capabilities), priority: "low" };
  const labels = { ...shared.labels, list: new Date().toISOString().slice(0, 19).replace("T", " ") };
  return prompts.map((prompt) => ({ task: "generate", ...shared, labels, prompt }));
}

async function buildRequest(form, capabilities) {
  const task = taskOf(form);
  const fields = { task, ...sharedFields(form, task, capabilities), ...promptFields(form, task) };
  const pictures = [...(form.target ? [form.target] : []), ...(task === "upscale" ? [] : form.references)];
  if (pictures.length) fields.images = await Promise.all(pictures.map(imageInput));
  if (task === "edit") Object.assign(fields, await regionFields(form));
  if (task === "outpaint") fields.aspect_ratio = form.frame;
  if (task === "upscale") fields.size = form.enlarge;
  return fields;
}

function promptFields(form, task) {
  if (task === "upscale") return {};
  if (task === "outpaint") return form.around.trim() ? { prompt: form.around.trim() } : {};
  if (task === "sequence") {
    const prompts = form.scenes.map((scene) => scene.trim()).filter(Boolean);
    if (prompts.length < 2) throw new NotReady("scenes", words.composer.needScenes);
    return { prompts, ...(form.prompt.trim() ? { prompt: form.prompt.trim() } : {}) };
  }
  const prompt = (task === "edit" ? form.change : form.prompt).trim();
  if (!prompt) throw new NotReady("prompt", task === "edit" ? words.composer.needChange : words.composer.needPrompt);
  return { prompt };
}

async function regionFields(form) {
  if (form.tool === "paint") {
    if (!form.strokes.some((stroke) => !stroke.erases)) throw new NotReady("mask", words.composer.needMask);
    return { mask: { data: await base64Of(await drawMask(form.strokes, form.target)) } };
  }
  if (form.tool === "box") {
    if (!form.box) throw new NotReady("mask", words.composer.needBox);
    return { region: { box: form.box } };
  }
  if (form.tool === "name") {
    if (!form.regionName.trim()) throw new NotReady("regionName", words.composer.needName);
    return { region_prompt: form.regionName.trim() };
  }
  return {};
}

// The fields of any drawing, without those that the model, or the task, does not take.
function sharedFields(form, task, capabilities) {
  const { more } = form;
  const model = form.model || capabilities?.default_model;
  const refused = capabilities?.models.find((each) => each.name === model)?.refuses ?? [];
  const takes = (field) => task !== "upscale" && !refused.includes(field);
  const fields = { format: more.depth === 16 ? "png" : more.format, labels: readLabels(more.labels) };
  if (form.model) fields.model = form.model;
  if (form.seed !== "") fields.seed = Number(form.seed);
  if (more.depth === 16) fields.bit_depth = 16;
  if (more.visible) fields.visible_mark = true;
  if (more.priority === "low") fields.priority = "low";
  if (more.deadline) fields.deadline_seconds = Number(more.deadline);
  if (task === "upscale") return fields;
  if (task === "generate" || task === "sequence") Object.assign(fields, { aspect_ratio: form.ratio, size: form.size });
  if (task !== "sequence" && form.count > 1) fields.count = form.count;
  if (more.negative.trim() && takes("negative_prompt")) fields.negative_prompt = more.negative.trim();
  for (const name of ["steps", "guidance"]) if (more[name] && takes(name)) fields[name] = Number(more[name]);
  if (task === "edit" && more.strength && takes("strength")) fields.strength = Number(more.strength);
  const correction = {};
  if (more.attempts) correction.attempts = Number(more.attempts);
  if (more.threshold) correction.threshold = Number(more.threshold);
  if (Object.keys(correction).length) fields.correction = correction;
  return fields;
}

export function readLabels(text) {
  const pairs = text.split(",").map((pair) => pair.trim()).filter(Boolean);
  const labels = {};
  for (const pair of pairs) {
    const found = /^([a-z][a-z0-9_.-]{0,62})\s*:\s*(.{1,63})$/.exec(pair);
    if (!found) throw new NotReady("labels", words.more.labelsWrong);
    labels[found[1]] = found[2].trim();
  }
  return labels;
}

// Puts a job's request back into the form, to be made again or changed.
export function reuse(job, { seed = job.seed } = {}) {
  const { request } = job;
  composer.set({
    target: null, references: [], fault: null, ...REGION,
    kind: request.task === "sequence" ? "series" : "picture",
    prompt: request.prompt ?? "",
    scenes: request.prompts?.length ? request.prompts : ["", "", ""],
    ratio: request.aspect_ratio ?? "1:1",
    size: request.size ?? "1K",
    count: request.count ?? 1,
    seed: seed == null ? "" : String(seed),
    model: request.model ?? "",
    more: { ...MORE, negative: request.negative_prompt ?? "", format: request.format, depth: request.bit_depth },
  });
}
