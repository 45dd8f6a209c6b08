// Calls of the API: the key of the tab goes with each, in a header, and errors come back as they are meant.
import { askForKey, session, setOffline } from "../state/session.js";

export class ApiError extends Error {
  constructor(problem, status) {
    super(problem.detail || problem.title || "");
    this.code = problem.code || "other";
    this.status = status;
    this.field = problem.field || null;
    this.block = problem.block || null;
    this.instance = problem.instance || null;
    this.tombstone = problem.tombstone || null;
  }
}

// What a proxy in front of the API needs to answer 401 instead of a page to sign in on.
const ALWAYS = { "X-Requested-With": "XMLHttpRequest" };

export function headersOf(more = {}) {
  const { key } = session.get();
  return { ...ALWAYS, ...(key ? { "X-API-Key": key } : {}), ...more };
}

// Sends a request and returns the response, whatever its status. Throws ApiError `offline`.
export async function send(path, { method = "GET", body, headers, signal } = {}) {
  try {
    const response = await fetch(path, { method, body, signal, headers: headersOf(headers) });
    setOffline(false);
    return response;
  } catch (error) {
    if (error.name === "AbortError") throw error;
    setOffline(true);
    throw new ApiError({ code: "offline" }, 0);
  }
}

async function problemOf(response) {
  try {
    return new ApiError(await response.json(), response.status);
  } catch {
    return new ApiError({}, response.status);
  }
}

// Throws the response's ApiError unless it is a success.
export async function checked(response) {
  if (response.ok) return response;
  if (response.status === 401) askForKey();
  throw await problemOf(response);
}

export async function getJson(path, options) {
  return (await checked(await send(path, options))).json();
}

export async function postJson(path, value, { headers, signal } = {}) {
  const body = value === undefined ? undefined : JSON.stringify(value);
  const type = body === undefined ? {} : { "Content-Type": "application/json" };
  return getJson(path, { method: "POST", body, headers: { ...type, ...headers }, signal });
}

export const pause = (ms, signal) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    });
  });
