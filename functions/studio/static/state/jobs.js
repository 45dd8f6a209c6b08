// The jobs that the page knows. The server has them all; here are those that were shown or made.
import { ApiError, checked, getJson, pause, postJson, send } from "../api/client.js";
import { followJob } from "../api/events.js";
import { words } from "../words.js";
import { createStore } from "./store.js";

const OPEN = ["queued", "running", "canceling"];
const RECENT = 24;

export const jobs = createStore({ byId: {}, recent: [], loaded: false });
export const manifests = createStore({ byId: {} });
const following = new Map(); // id → what ends it

export const isOpen = (job) => OPEN.includes(job.state);
export const jobOf = (id) => jobs.get().byId[id];
export const kindOf = ({ task, labels }) => words.kinds[task === "upscale" && labels?.copy ? "copy" : task] ?? task;
export const promptOf = (job) => job.request?.prompt || job.request?.prompts?.join(" · ") || "";

// Brings an entry of a listing, an event and a job into one shape.
function merged(before, said) {
  const now = { ...before, ...said };
  if (Array.isArray(said.images)) now.imageCount = said.images.length;
  else if (typeof said.images === "number") {
    now.imageCount = said.images;
    now.images = before?.images;
  }
  if (said.prompt !== undefined || said.prompts !== undefined) {
    now.request = { task: said.task, prompt: said.prompt, prompts: said.prompts ?? [], ...before?.request };
  }
  if (said.inputs !== undefined) now.inputCount = said.inputs;
  if (said.request) {
    now.whole = true;
    now.inputCount = said.request.images.length;
  }
  return now;
}

export function putJobs(list, { first = false } = {}) {
  jobs.set(({ byId, recent }) => {
    const next = { ...byId };
    for (const said of list) next[said.id] = merged(next[said.id], said);
    const ids = list.map((job) => job.id).filter((id) => !recent.includes(id));
    return { byId: next, recent: first ? [...ids, ...recent] : recent };
  });
}

export async function loadRecent() {
  const page = await getJson(`/v1/jobs?details=true&limit=${RECENT}`);
  putJobs(page.jobs);
  jobs.set({ recent: page.jobs.map((job) => job.id), loaded: true });
  for (const job of page.jobs) if (isOpen(job)) follow(job.id);
}

// Returns the whole job: its request, and its pictures with their addresses.
export async function loadJob(id) {
  const known = jobOf(id);
  if (known?.whole && !isOpen(known)) return known;
  putJobs([await getJson(`/v1/jobs/${id}`)]);
  if (isOpen(jobOf(id))) follow(id);
  return jobOf(id);
}

export async function loadManifest(id) {
  const known = manifests.get().byId[id];
  if (known) return known;
  const manifest = await getJson(`/v1/jobs/${id}/manifest`);
  manifests.set(({ byId }) => ({ byId: { ...byId, [id]: manifest } }));
  return manifest;
}

// Asks for a job. A repeat after a lost answer is the same job, by its key.
export async function makeJob(request) {
  const key = crypto.randomUUID();
  for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
    try {
      const job = await postJson("/v1/jobs", request, { headers: { "Idempotency-Key": key } });
      putJobs([job], { first: true });
      follow(job.id);
      return jobOf(job.id);
    } catch (error) {
      if (error.code !== "offline" || wait > 8000) throw error;
      await pause(wait);
    }
  }
}

export async function estimate(request, signal) {
  return (await postJson("/v1/jobs", { ...request, dry_run: true }, { signal })).estimate;
}

// Follows an open job until it has ended. Its end is then read whole.
export function follow(id) {
  if (following.has(id)) return;
  const stop = new AbortController();
  following.set(id, stop);
  followJob(id, (said) => putJobs([said]), stop.signal)
    .then(() => getJson(`/v1/jobs/${id}`))
    .then((job) => putJobs([{ preview: null, ...job }]))
    .catch((error) => {
      if (error instanceof ApiError && error.status === 410) dropJob(id);
    })
    .finally(() => following.delete(id));
}

export async function stopJob(id) {
  putJobs([{ id, state: "canceling" }]);
  putJobs([await postJson(`/v1/jobs/${id}/cancel`)]);
}

export async function deleteJob(id) {
  await checked(await send(`/v1/jobs/${id}`, { method: "DELETE" }));
  dropJob(id);
}

function dropJob(id) {
  following.get(id)?.abort();
  jobs.set(({ byId, recent }) => {
    const { [id]: gone, ...rest } = byId;
    return { byId: rest, recent: recent.filter((each) => each !== id) };
  });
}

export function forgetJobs() {
  for (const stop of following.values()) stop.abort();
  following.clear();
  jobs.set({ byId: {}, recent: [], loaded: false });
  manifests.set({ byId: {} });
}

// The picture that a job was made from, where it is one of ours: {id, n}.
export function originOf(job) {
  const found = /\/(job_[a-z2-7]+)\/(\d+)\.[a-z]+$/.exec(job.request?.images?.[0]?.uri ?? "");
  return found && !job.request.images[0].uri.includes("/inputs/") ? { id: found[1], n: Number(found[2]) } : null;
}
