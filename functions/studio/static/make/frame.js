// The frame of an outpaint: an edge is pulled outwards, and the frame takes the nearest shape that there is.
import { html, useRef } from "../html.js";
import { composer, setComposer } from "../state/composer.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";

const RATIOS = Object.keys(words.ratios);
export const valueOf = (ratio) => ratio.split(":").reduce((width, height) => width / height);
const SAME = 0.02; // a shape so near to the picture's own is no wider one

// The shapes that are wider (or taller) than the picture, from the nearest on.
export function shapes(own, isWider) {
  const wanted = RATIOS.filter((ratio) => (isWider ? valueOf(ratio) > own * (1 + SAME) : valueOf(ratio) < own * (1 - SAME)));
  return wanted.sort((a, b) => (isWider ? valueOf(a) - valueOf(b) : valueOf(b) - valueOf(a)));
}

const nearest = (ratios, value) =>
  ratios.reduce((best, each) => (Math.abs(Math.log(valueOf(each) / value)) < Math.abs(Math.log(valueOf(best) / value)) ? each : best));

const SIDES = { left: [-1, 0], right: [1, 0], top: [0, -1], bottom: [0, 1] };

export function FrameOverlay({ picture }) {
  const ratio = useStore(composer, (form) => form.frame);
  const own = picture.width / picture.height;
  const grow = Math.max(valueOf(ratio) / own, own / valueOf(ratio));
  const isWider = valueOf(ratio) > own;
  const frame = useRef();
  const pull = useRef(null);

  const begin = (side) => (event) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    const box = frame.current.getBoundingClientRect();
    pull.current = { side, x: event.clientX, y: event.clientY, width: box.width, height: box.height };
  };
  const go = (event) => {
    if (!pull.current) return;
    const { side, x, y, width, height } = pull.current;
    const [dx, dy] = SIDES[side];
    const wide = (width + 2 * dx * (event.clientX - x) * Math.abs(dx)) / (height + 2 * dy * (event.clientY - y) * Math.abs(dy));
    const all = [...shapes(own, true), ...shapes(own, false)];
    if (wide > 0 && all.length) setComposer({ frame: nearest(all, wide), fault: null });
  };
  const end = () => {
    pull.current = null;
  };
  const press = (side) => (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const list = shapes(own, side === "left" || side === "right");
    const next = list[Math.max(0, Math.min(list.length - 1, list.indexOf(ratio) + step))];
    if (next) setComposer({ frame: next, fault: null });
  };
  return html`<div
    ref=${frame}
    class="overlay is-frame"
    style=${{ "--grow-x": isWider ? grow : 1, "--grow-y": isWider ? 1 : grow }}
  >
    ${Object.keys(SIDES).map((side) => {
      const list = shapes(own, side === "left" || side === "right");
      return html`<div
        key=${side}
        class="handle is-${side}"
        role="slider"
        tabindex="0"
        aria-label=${words.frame.handle[side]}
        aria-valuemin="0"
        aria-valuemax=${list.length}
        aria-valuenow=${list.indexOf(ratio) + 1}
        aria-valuetext=${words.ratios[ratio]}
        title=${words.frame.help}
        onPointerDown=${begin(side)}
        onPointerMove=${go}
        onPointerUp=${end}
        onPointerCancel=${end}
        onKeyDown=${press(side)}
      ></div>`;
    })}
    <span class="frame-name">${words.ratios[ratio]}</span>
  </div>`;
}
