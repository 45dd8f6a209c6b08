// The lines of a batch, page by page. Those that are open are asked for again as the batch goes on.
import { previewPath } from "../api/pictures.js";
import { html, useEffect, useReducer, useRef } from "../html.js";
import { Tiles } from "../gallery/tiles.js";
import { explain } from "../parts/explain.js";
import { Icon } from "../parts/icon.js";
import { say } from "../parts/notices.js";
import { Picture } from "../parts/picture.js";
import { loadItems } from "../state/batches.js";
import { toJob } from "../state/route.js";
import { words } from "../words.js";

const PAGE = 50;
const AT_ONCE = 4; // pages with open lines that are asked for again at a time
const SIDE = 400;
const text = words.batch;

export function Items({ batch }) {
  const { pages, more, cursor } = useItems(batch);
  const items = pages.flatMap((page) => page.items);
  return html`<${Tiles} label=${text.lines} tiles=${items.map((item) => html`<${Item} key=${item.line} item=${item} />`)} />
    <div class="gallery-end">
      ${cursor && html`<button type="button" class="button" onClick=${more}>${words.gallery.more}</button>`}
    </div>`;
}

function useItems({ id, state, line, counts }) {
  const [, redraw] = useReducer((n) => n + 1, 0);
  const known = useRef({ id: "", pages: [] });
  if (known.current.id !== id) known.current = { id, pages: [] };
  const { pages } = known.current;
  const cursor = pages.length ? pages.at(-1).next_cursor : null;
  const load = async (start, place) => {
    try {
      const page = await loadItems(id, start, PAGE);
      if (known.current.id !== id) return;
      known.current.pages[place] = { ...page, start };
      redraw();
    } catch (error) {
      if (error.status !== 401) say(error.message || words.offline, { shown: true, bad: true });
    }
  };
  useEffect(() => {
    const open = pages.map((page, n) => [page, n]).filter(([page]) => isOpen(page)).slice(0, AT_ONCE);
    if (!pages.length) load(null, 0);
    for (const [page, n] of open) load(page.start, n);
  }, [id, state, line, JSON.stringify(counts)]);
  return { pages, cursor, more: () => load(cursor, pages.length) };
}

const isOpen = ({ items, next_cursor: next }) => !next || items.some((item) => text.open.includes(item.state));

function Item({ item }) {
  const name = item.custom_id ?? text.line(item.line);
  const inside = html`<span class="tile-picture">
      ${item.state === "succeeded" && item.images.length
        ? html`<${Picture} far path=${previewPath(item.job_id, 0, SIDE)} alt="" />`
        : html`<span class="tile-state">
            ${text.open.includes(item.state) ? html`<span class="spinner" aria-hidden="true"></span>` : html`<${Icon} name="alert" />`}
            ${words.states[item.state] ?? text.refused}
          </span>`}
    </span>
    <span class="tile-text" dir="auto">${name}</span>
    ${item.error && html`<span class="quiet">${explain(item.error).why || explain(item.error).title}</span>`}`;
  return html`<div role="listitem" class="tile is-${item.state}">
    ${item.job_id ? html`<a href=${toJob(item.job_id)} class="tile-link">${inside}</a>` : html`<span class="tile-link">${inside}</span>`}
  </div>`;
}
