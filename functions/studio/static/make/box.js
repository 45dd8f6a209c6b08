// A box over the picture: drawn by a pointer, or moved and resized by arrow keys.
import { html, useRef } from "../html.js";
import { composer, setComposer } from "../state/composer.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";
import { placeOf } from "./paint.js";

const STEP = 0.02; // of a side, for one press of a key
const START = [0.3, 0.3, 0.7, 0.7];
const LEAST = 0.02;

const clamp = (n, low = 0, high = 1) => Math.min(high, Math.max(low, n));
const round = (n) => Math.round(n * 10000) / 10000;

function between([x, y], [u, v]) {
  const sides = [Math.min(x, u), Math.min(y, v), Math.max(x, u), Math.max(y, v)];
  return sides.map((side) => round(clamp(side)));
}

const isBox = ([l, t, r, b]) => r - l >= LEAST && b - t >= LEAST;

function byKey(box, key, resizes) {
  const [dx, dy] = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[key];
  const [l, t, r, b] = box;
  if (resizes) return [l, t, round(clamp(r + dx, l + LEAST)), round(clamp(b + dy, t + LEAST))];
  const [x, y] = [clamp(dx, -l, 1 - r), clamp(dy, -t, 1 - b)];
  return [l + x, t + y, r + x, b + y].map(round);
}

export function BoxOverlay() {
  const box = useStore(composer, (form) => form.box);
  const start = useRef(null);
  const layer = useRef();
  const begin = (event) => {
    if (event.button) return;
    event.preventDefault();
    layer.current.focus();
    layer.current.setPointerCapture(event.pointerId);
    start.current = placeOf(event, layer.current);
  };
  const go = (event) => {
    if (!start.current) return;
    const drawn = between(start.current, placeOf(event, layer.current));
    if (isBox(drawn)) setComposer({ box: drawn, fault: null });
  };
  const end = () => {
    start.current = null;
  };
  const press = (event) => {
    if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
    setComposer({ box: box ? byKey(box, event.key, event.shiftKey) : START, fault: null });
  };
  const percent = (n) => Math.round(n * 100);
  return html`<div
    ref=${layer}
    class="overlay is-box"
    tabindex="0"
    role="application"
    aria-roledescription=${words.region.box}
    aria-label=${box ? words.region.boxAt(...box.map(percent)) : words.region.boxHelp}
    title=${words.region.boxHelp}
    onPointerDown=${begin}
    onPointerMove=${go}
    onPointerUp=${end}
    onPointerCancel=${end}
    onKeyDown=${press}
  >
    ${box &&
    html`<div
      class="box"
      style=${{ left: `${box[0] * 100}%`, top: `${box[1] * 100}%`, width: `${(box[2] - box[0]) * 100}%`, height: `${(box[3] - box[1]) * 100}%` }}
    ></div>`}
  </div>`;
}
