// An error in plain words: what happened, why, and what to do next.
import { words } from "../words.js";

export function explain(error) {
  const code = words.outcome[error?.code] ? error.code : "other";
  const [title, why, next] = words.outcome[code];
  const said = error?.message || error?.detail || "";
  return {
    title,
    why: code === "other" || code === "region_not_found" ? said || why : why,
    next,
    support: error?.block?.support_code || error?.instance || "",
    categories: error?.block?.categories ?? [],
  };
}
