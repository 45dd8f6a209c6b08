// Which page is shown: the part of the address after #. Nothing secret is ever in it.
import { createStore } from "./store.js";

function read() {
  const [view = "", id = "", n = ""] = location.hash.replace(/^#\/?/, "").split("/");
  if (view === "gallery" || view === "verify" || view === "operate") return { view, id: "", n: null };
  if (view === "job" && /^job_[a-z2-7]+$/.test(id)) return { view: "make", id, n: /^\d+$/.test(n) ? Number(n) : null };
  if (view === "batch" && /^batch_[a-z2-7]+$/.test(id)) return { view, id, n: null };
  return { view: "make", id: "", n: null };
}

export const route = createStore(read());
addEventListener("hashchange", () => route.set(read()));

export const toMake = "#/";
export const toGallery = "#/gallery";
export const toVerify = "#/verify";
export const toOperate = "#/operate";
export const toBatch = (id) => `#/batch/${id}`;
export const toJob = (id, n = null) => (n === null ? `#/job/${id}` : `#/job/${id}/${n}`); // without n: all of it

export function goTo(address, { replace = false } = {}) {
  if (replace) {
    history.replaceState(null, "", address);
    route.set(read());
  } else location.hash = address;
}
