// The requests that the form stands for, as the API takes them.
import { linesOf } from "./batches.js";
import { LIMITS } from "./limits.js";
import { base64Of, imageInput } from "./pictures.js";
import { words } from "../words.js";

export class NotReady extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

export function taskOf({ kind, target, tool }) {
  if (!target) return { series: "sequence", clip: "animate" }[kind] ?? "generate";
  return { frame: "outpaint", enlarge: "upscale" }[tool] ?? "edit";
}

// Returns the requests that the form stands for, one or several. Throws NotReady with what is missing.
export async function buildRequests(form, capabilities) {
  if (!form.target && form.kind === "list") return buildList(form, capabilities);
  return [await buildRequest(form, capabilities)];
}

function buildList(form, capabilities) {
  const prompts = linesOf(form.list);
  if (!prompts.length) throw new NotReady("list", words.composer.needList);
  if (prompts.length > LIMITS.batchLines) throw new NotReady("list", words.composer.listTooLong(prompts.length, LIMITS.batchLines));
  const long = prompts.findIndex((prompt) => prompt.length > LIMITS.prompt);
  if (long >= 0) throw new NotReady("list", words.composer.lineTooLong(long + 1, LIMITS.prompt));
  const shared = { ...sharedFields(form, "generate", capabilities), priority: "low" };
  return prompts.map((prompt) => ({ task: "generate", ...shared, prompt }));
}

async function buildRequest(form, capabilities) {
  const task = taskOf(form);
  const fields = { task, ...sharedFields(form, task, capabilities), ...promptFields(form, task) };
  const references = task === "upscale" ? [] : task === "animate" ? form.references.slice(0, 1) : form.references;
  const pictures = [...(form.target ? [form.target] : []), ...references];
  checkSizeTogether(pictures);
  if (pictures.length) fields.images = await Promise.all(pictures.map(imageInput));
  if (task === "edit") Object.assign(fields, await regionFields(form));
  if (task === "outpaint") Object.assign(fields, frameFields(form));
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
  if (!prompt) throw new NotReady("prompt", task === "edit" ? words.composer.needChange : words.composer.needPrompt(task));
  return { prompt };
}

function checkSizeTogether(pictures) {
  const together = pictures.reduce((sum, { file }) => sum + (file?.size ?? 0), 0);
  if (together > LIMITS.filesTogether) throw new NotReady("references", words.composer.tooLargeTogether(together, LIMITS.filesTogether));
}

function frameFields({ frame, exact }) {
  if (!exact) return { aspect_ratio: frame };
  const { exactLeast: least, exactMost: most, exactMultiple: multiple, exactRatio: ratio } = LIMITS;
  const sides = [exact.width, exact.height];
  const fits = sides.every((side) => side >= least && side <= most && side % multiple === 0);
  if (!fits) throw new NotReady("frame", words.frame.wrongSides(least, most, multiple));
  if (Math.max(...sides) > ratio * Math.min(...sides)) throw new NotReady("frame", words.frame.tooLong(ratio));
  return exact;
}

async function regionFields(form) {
  if (form.tool === "paint") {
    if (form.kept && !form.strokes.length) return form.kept;
    if (!form.strokes.some((stroke) => !stroke.erases)) throw new NotReady("mask", words.composer.needMask);
    const { drawMask } = await import("../make/mask.js");
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
  if (more.depth === 16 && task !== "animate") fields.bit_depth = 16;
  if (more.visible) fields.visible_mark = true;
  if (more.priority === "low") fields.priority = "low";
  if (more.deadline) fields.deadline_seconds = Number(more.deadline);
  if (task === "upscale") return fields;
  if (task === "animate") return { ...fields, ...clipFields(form, takes), model: modelForClips(model, capabilities) };
  if (task === "generate" || task === "sequence") Object.assign(fields, { aspect_ratio: form.ratio, size: form.size });
  if (more.lettering !== "auto") fields.lettering = more.lettering;
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

// A clip's frame is of 512 or 1K.
function clipFields({ more, ratio, size, seconds }, takes) {
  const fields = { format: "mp4", aspect_ratio: ratio, size: size === "512" ? "512" : "1K", seconds: Number(seconds) };
  if (more.negative.trim() && takes("negative_prompt")) fields.negative_prompt = more.negative.trim();
  for (const name of ["steps", "guidance"]) if (more[name] && takes(name)) fields[name] = Number(more[name]);
  return fields;
}

export const drawsClips = ({ refuses }) => !refuses.includes("animate");

// The chosen model, or the first one that draws clips.
function modelForClips(model, capabilities) {
  const models = capabilities?.models.filter(drawsClips) ?? [];
  return (models.find((each) => each.name === model) ?? models[0])?.name ?? model;
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
