// Everything that the caller has made, from the server: page by page, by words, label and state.
import { getJson } from "../api/client.js";
import { LatestBatches } from "../batch/latest.js";
import { html, useEffect, useReducer, useRef } from "../html.js";
import { Icon } from "../parts/icon.js";
import { say } from "../parts/notices.js";
import { jobs, putJobs } from "../state/jobs.js";
import { toMake } from "../state/route.js";
import { createStore, useStore } from "../state/store.js";
import { words } from "../words.js";
import { Tile } from "./tile.js";
import { Tiles } from "./tiles.js";

const PAGE = 50;
const PAUSE = 350; // milliseconds after the last letter of a search
const MOST_EMPTY = 20; // pages of a search that may bring nothing before the reader is asked

// A tile is made once for each job as it is: a page more then draws its own tiles alone.
const made = new WeakMap();
function tileOf(job) {
  if (!made.has(job)) made.set(job, html`<${Tile} key=${job.id} job=${job} />`);
  return made.get(job);
}

const wanted = createStore({ text: "", label: "", state: "" });

export function GalleryView({ began }) {
  const query = useStore(wanted);
  const { ids, cursor, loading, more } = usePages(query, began);
  const { byId } = useStore(jobs);
  const shown = ids.map((id) => byId[id]).filter((job) => job && job.task !== "suggest" && job.task !== "verify");
  const end = useRef();
  useEffect(() => {
    if (!cursor || loading) return undefined;
    const watch = new IntersectionObserver((seen) => seen.some((each) => each.isIntersecting) && more(), { rootMargin: "800px" });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [cursor, loading]);
  const isFiltered = query.text || query.label || query.state;
  return html`<div class="gallery">
    <div class="gallery-head">
      <h1>${words.gallery.title}</h1>
      <${Filters} query=${query} labels=${labelsOf(Object.values(byId))} />
    </div>
    ${!isFiltered && html`<${LatestBatches} began=${began} />`}
    ${!shown.length && !loading && !cursor && began && html`<${Empty} isFiltered=${isFiltered} />`}
    <${Tiles} label=${words.gallery.list} busy=${loading} tiles=${shown.map(tileOf)} />
    <div ref=${end} class="gallery-end">
      ${loading && html`<p class="quiet"><span class="spinner" aria-hidden="true"></span>${words.gallery.loading}</p>`}
      ${cursor && !loading && html`<button type="button" class="button" onClick=${more}>${words.gallery.more}</button>`}
      ${!cursor && !loading && shown.length > 0 && html`<p class="quiet">${words.gallery.end(shown.length)}</p>`}
    </div>
  </div>`;
}

// The pages that were loaded for a query. Another query begins anew, and what comes late for the old one is dropped.
function usePages(query, began) {
  const [, redraw] = useReducer((n) => n + 1, 0);
  const pages = useRef({ ids: [], cursor: null, loading: true, turn: 0 });
  const load = async (first) => {
    const turn = first ? (pages.current.turn += 1) : pages.current.turn;
    if (first) Object.assign(pages.current, { ids: [], cursor: null });
    pages.current.loading = true;
    redraw();
    try {
      let cursor = pages.current.cursor;
      for (let page = 0; page < MOST_EMPTY; page += 1) {
        const found = await getJson(`/v1/jobs?${parameters(query, cursor)}`);
        if (turn !== pages.current.turn) return;
        putJobs(found.jobs);
        pages.current.ids = [...pages.current.ids, ...found.jobs.map((job) => job.id)];
        cursor = found.next_cursor;
        if (!cursor || found.jobs.length) break;
      }
      pages.current.cursor = cursor;
      if (first && query.text) say(words.gallery.end(pages.current.ids.length));
    } catch (error) {
      if (error.status !== 401) say(error.message || words.offline, { shown: true, bad: true });
    } finally {
      if (turn === pages.current.turn) {
        pages.current.loading = false;
        redraw();
      }
    }
  };
  useEffect(() => {
    if (!began) return undefined;
    const timer = setTimeout(() => load(true), query.text ? PAUSE : 0);
    return () => clearTimeout(timer);
  }, [query, began]);
  return { ...pages.current, more: () => load(false) };
}

function parameters({ text, label, state }, cursor) {
  const asked = new URLSearchParams({ details: "true", limit: String(PAGE) });
  if (text.trim()) asked.set("text", text.trim());
  if (label) asked.set("label", label);
  if (state) asked.set("state", state);
  if (cursor) asked.set("cursor", cursor);
  return asked;
}

function labelsOf(all) {
  const found = new Set(all.flatMap((job) => Object.entries(job.labels ?? {}).map(([key, value]) => `${key}:${value}`)));
  return [...found].sort();
}

function Filters({ query, labels }) {
  const { text, label, state } = query;
  const known = label && !labels.includes(label) ? [label, ...labels] : labels;
  return html`<form class="filters" role="search" onSubmit=${(event) => event.preventDefault()}>
    <label class="search"
      ><span class="unseen">${words.gallery.search}</span><${Icon} name="search" /><input
        type="search"
        dir="auto"
        placeholder=${words.gallery.searchHint}
        value=${text}
        onInput=${(event) => wanted.set({ text: event.target.value })}
    /></label>
    ${known.length > 0 &&
    html`<label class="option"
      ><span class="unseen">${words.gallery.label}</span
      ><select value=${label} onChange=${(event) => wanted.set({ label: event.target.value })}>
        <option value="">${words.gallery.allLabels}</option>
        ${known.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}
      </select></label
    >`}
    <label class="option"
      ><span class="unseen">${words.gallery.state}</span
      ><select value=${state} onChange=${(event) => wanted.set({ state: event.target.value })}>
        ${Object.entries(words.gallery.states).map(([key, word]) => html`<option key=${key} value=${key}>${word}</option>`)}
      </select></label
    >
  </form>`;
}

function Empty({ isFiltered }) {
  const text = words.gallery;
  return html`<div class="empty">
    <span class="outcome-icon"><${Icon} name="gallery" /></span>
    <h2>${isFiltered ? text.noneFound : text.empty}</h2>
    <p>${isFiltered ? text.noneText : text.emptyText}</p>
    ${!isFiltered && html`<a class="button is-primary" href=${toMake}>${text.toMake}</a>`}
  </div>`;
}

export const useLabel = (label) => wanted.set({ text: "", state: "", label });
