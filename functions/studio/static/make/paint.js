// Painting a region over the picture, with a mouse, a finger or a pen.
import { html, useEffect, useRef } from "../html.js";
import { brush } from "../state/brush.js";
import { composer, setComposer } from "../state/composer.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";
import { drawStrokes } from "./mask.js";

const COLOUR = "#ffd43b";

// Returns a pointer's place in fractions of the element's sides, with how hard it presses.
export function placeOf(event, element) {
  const box = element.getBoundingClientRect();
  const pressure = event.pointerType === "pen" ? event.pressure : 0.5;
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height, pressure];
}

export function PaintOverlay({ picture }) {
  const canvas = useRef();
  const stroke = useRef(null);
  const strokes = useStore(composer, (form) => form.strokes);
  const { size, erases } = useStore(brush);

  const draw = () => {
    if (!canvas.current) return;
    const { width, height } = canvas.current;
    const all = stroke.current ? [...composer.get().strokes, stroke.current] : composer.get().strokes;
    drawStrokes(canvas.current.getContext("2d"), all, width, height, COLOUR);
  };
  useEffect(() => {
    const fit = () => {
      if (!canvas.current) return;
      const scale = Math.min(devicePixelRatio || 1, 2);
      const box = canvas.current.getBoundingClientRect();
      canvas.current.width = Math.max(1, Math.round(box.width * scale));
      canvas.current.height = Math.max(1, Math.round(box.height * scale));
      draw();
    };
    const watch = new ResizeObserver(fit);
    watch.observe(canvas.current);
    return () => watch.disconnect();
  }, [picture.key]);
  useEffect(draw, [strokes]);

  const begin = (event) => {
    if (event.button || stroke.current) return;
    event.preventDefault();
    canvas.current.setPointerCapture(event.pointerId);
    stroke.current = { points: [placeOf(event, canvas.current)], size: brush.get().size, erases, pen: event.pointerType === "pen", done: false };
    draw();
  };
  const go = (event) => {
    if (!stroke.current) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      stroke.current.points.push(placeOf(each, canvas.current));
    }
    requestAnimationFrame(draw);
  };
  const end = () => {
    if (!stroke.current) return;
    const done = { ...stroke.current, done: true };
    stroke.current = null;
    setComposer({ strokes: [...composer.get().strokes, done], fault: null });
  };
  const cancel = () => {
    stroke.current = null;
    draw();
  };
  return html`<canvas
    ref=${canvas}
    class="overlay is-paint"
    role="img"
    aria-label=${words.region.canvas}
    style=${{ "--brush": size }}
    onPointerDown=${begin}
    onPointerMove=${go}
    onPointerUp=${end}
    onPointerCancel=${cancel}
  ></canvas>`;
}
