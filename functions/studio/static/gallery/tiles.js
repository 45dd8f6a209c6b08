// A list of tiles in bands of whole rows. A band's layout is its own: one more page of pictures, and pictures that
// come near while one scrolls, leave the others as they are.
import { html, useLayoutEffect, useRef, useState } from "../html.js";

const BAND = 12; // tiles, about

export function Tiles({ label, busy = false, tiles }) {
  const list = useRef();
  const [columns, setColumns] = useState(1);
  const isEmpty = !tiles.length;
  useLayoutEffect(() => {
    if (isEmpty) return undefined;
    const count = () => setColumns(getComputedStyle(list.current.firstElementChild).gridTemplateColumns.split(" ").length);
    count();
    const watch = new ResizeObserver(count);
    watch.observe(list.current);
    return () => watch.disconnect();
  }, [isEmpty]);
  const size = columns * Math.max(1, Math.round(BAND / columns));
  const bands = Array.from({ length: Math.ceil(tiles.length / size) }, (_, n) => tiles.slice(n * size, (n + 1) * size));
  return html`<div ref=${list} class="tiles" role="list" aria-label=${label} aria-busy=${busy ? "true" : "false"}>
    ${bands.map((band, n) => html`<div key=${n} class="band" role="presentation">${band}</div>`)}
  </div>`;
}
