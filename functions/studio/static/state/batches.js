// Batches: lists of requests that the server works through. Each is asked for again until it has ended.
import { ApiError, checked, getJson, pause, postJson, send } from "../api/client.js";
import { LIMITS } from "./limits.js";
import { words } from "../words.js";

const AGAIN = 1000; // milliseconds until a deletion that takes long is asked for again
const NAME = 120; // letters of a prompt that name its line

export const hasEnded = (batch) => ["completed", "failed", "canceled"].includes(batch.state);

// Returns the lines of a list that are no blank ones.
export const linesOf = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

// Sends the requests as one batch, and returns it. A line is named by its number and its prompt.
export async function makeBatch(requests) {
  const lines = requests.map((request, n) => ({ custom_id: nameOf(n + 1, request.prompt), request }));
  const body = new Blob(lines.map((line) => `${JSON.stringify(line)}\n`));
  if (body.size > LIMITS.batchBytes) throw new ApiError({ detail: words.composer.listTooLarge }, 0);
  const headers = { "Content-Type": "application/jsonl", "Idempotency-Key": crypto.randomUUID() };
  return (await checked(await send("/v1/batches", { method: "POST", body, headers }))).json();
}

const nameOf = (number, prompt) => `${number}. ${[...prompt].slice(0, NAME - 8).join("")}`;

export const loadBatch = (id) => getJson(`/v1/batches/${id}`);
export const loadBatches = async (limit) => (await getJson(`/v1/batches?limit=${limit}`)).batches;
export const stopBatch = (id) => postJson(`/v1/batches/${id}/cancel`);

// Deletes a batch that has ended, with its jobs: the server says when there are more of them than one call removes.
export async function deleteBatch(id) {
  while ((await checked(await send(`/v1/batches/${id}`, { method: "DELETE" }))).status === 202) await pause(AGAIN);
}

export function loadItems(id, cursor, limit) {
  return getJson(`/v1/batches/${id}/items?${new URLSearchParams({ limit, ...(cursor ? { cursor } : {}) })}`);
}
