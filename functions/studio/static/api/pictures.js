// Where a picture's pixels come from. Without a key the browser loads them itself. With one they are fetched,
// because an <img> sends no header, and shown from memory; the memory of what is no longer shown is given back.
import { checked, send } from "./client.js";
import { session } from "../state/session.js";
import { useEffect, useState } from "../html.js";

const KEPT = 120; // pictures in memory, the latest used
const known = new Map(); // path → promise of an address

export const resultPath = (id, n) => `/v1/jobs/${id}/images/${n}`;
export const previewPath = (id, n, size) => `${resultPath(id, n)}/preview?size=${size}`;
export const inputPath = (id, n, size) => `/v1/jobs/${id}/inputs/${n}/preview?size=${size}`;

// Returns an address that an <img> can show: a signed URL, or one of this page's memory.
export function addressOf(path) {
  if (!path.startsWith("/v1/") || !session.get().key) return Promise.resolve(path);
  const found = known.get(path) ?? fetchAddress(path);
  known.delete(path);
  known.set(path, found);
  found.catch(() => known.delete(path));
  forgetOldest();
  return found;
}

// Returns an address that the browser saves, also where the picture is at another host.
export async function savedAddressOf(id, n) {
  const shown = await addressOf(resultPath(id, n));
  return shown.startsWith("blob:") ? shown : addressOf(`${resultPath(id, n)}?download=true`);
}

async function fetchAddress(path) {
  const response = await checked(await send(path, { headers: { Accept: "application/json, image/*" } }));
  if (response.headers.get("Content-Type")?.startsWith("application/json")) return (await response.json()).url;
  return URL.createObjectURL(await response.blob());
}

function forgetOldest() {
  while (known.size > KEPT) {
    const [path, promise] = known.entries().next().value;
    known.delete(path);
    promise.then((url) => url.startsWith("blob:") && URL.revokeObjectURL(url), () => {});
  }
}

export function forgetPictures() {
  for (const promise of known.values()) {
    promise.then((url) => url.startsWith("blob:") && URL.revokeObjectURL(url), () => {});
  }
  known.clear();
}

// Returns the address for an <img>, or "" while it is not known.
export function useAddress(path) {
  const direct = path && (!path.startsWith("/v1/") || !session.get().key) ? path : "";
  const [found, setFound] = useState({ path: "", url: "" });
  useEffect(() => {
    if (!path || direct) return undefined;
    let wanted = true;
    addressOf(path).then((url) => wanted && setFound({ path, url }), () => wanted && setFound({ path, url: "" }));
    return () => {
      wanted = false;
    };
  }, [path, direct]);
  return direct || (found.path === path ? found.url : "");
}
