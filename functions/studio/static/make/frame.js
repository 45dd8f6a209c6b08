// The frame of an outpaint: an edge is pulled outwards, and the frame takes the nearest shape that there is, or
// exactly the pixels where a size was asked for.
import { html, useLayoutEffect, useRef } from "../html.js";
import { composer, setComposer } from "../state/composer.js";
import { LIMITS } from "../state/limits.js";
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

const { exactLeast, exactMost, exactMultiple } = LIMITS;
const toSide = (pixels) => Math.min(exactMost, Math.max(exactLeast, Math.round(pixels / exactMultiple) * exactMultiple));

// Returns the frame of a shape around a picture in pixels: the start of an exact size.
export function exactFrame({ width, height }, ratio) {
  const [wide, own] = [valueOf(ratio), width / height];
  return wide > own ? { width: toSide(height * wide), height: toSide(height) } : { width: toSide(width), height: toSide(width / wide) };
}

const nearest = (ratios, value) =>
  ratios.reduce((best, each) => (Math.abs(Math.log(valueOf(each) / value)) < Math.abs(Math.log(valueOf(best) / value)) ? each : best));

const SIDES = { left: [-1, 0], right: [1, 0], top: [0, -1], bottom: [0, 1] };

// Returns how many times wider and higher than the picture its frame is: the picture is fitted into it.
function growth(value, own) {
  return value > own ? { "--grow-x": value / own, "--grow-y": 1 } : { "--grow-x": 1, "--grow-y": own / value };
}

// The picture is drawn smaller where its frame would leave the screen: what it lies in has to know.
function useRoom(frame, value, own) {
  useLayoutEffect(() => {
    const { style } = frame.current.parentElement;
    const room = Object.entries(growth(value, own));
    for (const [name, factor] of room) style.setProperty(name, factor);
    return () => room.forEach(([name]) => style.removeProperty(name));
  }, [value, own]);
}

export function FrameOverlay({ picture }) {
  const { frame: ratio, exact } = useStore(composer);
  const own = picture.width / picture.height;
  const frame = useRef();
  useRoom(frame, exact ? exact.width / exact.height : valueOf(ratio), own);
  const pull = useRef(null);

  const begin = (side) => (event) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    const box = frame.current.getBoundingClientRect();
    pull.current = { side, x: event.clientX, y: event.clientY, width: box.width, height: box.height, exact: composer.get().exact };
  };
  const go = (event) => {
    if (!pull.current) return;
    const { side, x, y, width, height, exact: start } = pull.current;
    const [dx, dy] = SIDES[side];
    const [across, down] = [1 + (2 * dx * (event.clientX - x)) / width, 1 + (2 * dy * (event.clientY - y)) / height];
    if (start) {
      setComposer({ exact: { width: toSide(start.width * across), height: toSide(start.height * down) }, fault: null });
      return;
    }
    const wide = (width * across) / (height * down);
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
    if (exact) {
      const name = SIDES[side][0] ? "width" : "height";
      setComposer({ exact: { ...exact, [name]: toSide(exact[name] + step * exactMultiple) }, fault: null });
      return;
    }
    const list = shapes(own, side === "left" || side === "right");
    const next = list[Math.max(0, Math.min(list.length - 1, list.indexOf(ratio) + step))];
    if (next) setComposer({ frame: next, fault: null });
  };
  const name = exact ? words.frame.pixels(exact.width, exact.height) : words.ratios[ratio];
  return html`<div
    ref=${frame}
    class="overlay is-frame"
  >
    ${Object.keys(SIDES).map((side) => {
      const list = shapes(own, side === "left" || side === "right");
      return html`<div
        key=${side}
        class="handle is-${side}"
        role="slider"
        tabindex="0"
        aria-label=${words.frame.handle[side]}
        ...${exact ? pixelsOf(exact, side) : { "aria-valuemin": 0, "aria-valuemax": list.length, "aria-valuenow": list.indexOf(ratio) + 1 }}
        aria-valuetext=${name}
        title=${words.frame.help}
        onPointerDown=${begin(side)}
        onPointerMove=${go}
        onPointerUp=${end}
        onPointerCancel=${end}
        onKeyDown=${press(side)}
      ></div>`;
    })}
    <span class="frame-name">${name}</span>
  </div>`;
}

const pixelsOf = (exact, side) => ({
  "aria-valuemin": exactLeast, "aria-valuemax": exactMost, "aria-valuenow": SIDES[side][0] ? exact.width : exact.height,
});
