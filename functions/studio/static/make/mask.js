// A painted region: strokes in fractions of the picture's sides, drawn as a mask of the picture's own size.
import { getStroke } from "../vendor/perfect-freehand.js";

// A pen's pressure changes the width of its line. A mouse and a finger have none, so theirs stays the same.
const optionsOf = (stroke, size) => ({
  size, thinning: stroke.pen ? 0.5 : 0, simulatePressure: false, smoothing: 0.5, streamline: 0.35, last: stroke.done,
});

const WIDER = 1.15;

// Returns the outline of a stroke in pixels, where the picture is shown `width` by `height`.
// What erases is a little wider, so that no edge of what it goes over stays.
export function outline(stroke, width, height) {
  const points = stroke.points.map(([x, y, pressure]) => [x * width, y * height, pressure]);
  return getStroke(points, optionsOf(stroke, stroke.size * Math.max(width, height) * (stroke.erases ? WIDER : 1)));
}

// Draws the strokes in their order: paint, and what erases it.
export function drawStrokes(context, strokes, width, height, colour) {
  context.clearRect(0, 0, width, height);
  context.fillStyle = colour;
  for (const stroke of strokes) {
    context.globalCompositeOperation = stroke.erases ? "destination-out" : "source-over";
    context.fill(pathOf(outline(stroke, width, height)));
  }
  context.globalCompositeOperation = "source-over";
}

function pathOf(points) {
  const path = new Path2D();
  points.forEach(([x, y], n) => (n ? path.lineTo(x, y) : path.moveTo(x, y)));
  path.closePath();
  return path;
}

// Returns a PNG in which white may change and black stays.
export async function drawMask(strokes, { width, height }) {
  const paint = new OffscreenCanvas(width, height);
  drawStrokes(paint.getContext("2d"), strokes, width, height, "#fff");
  const mask = new OffscreenCanvas(width, height);
  const context = mask.getContext("2d");
  context.fillStyle = "#000";
  context.fillRect(0, 0, width, height);
  context.drawImage(paint, 0, 0);
  return mask.convertToBlob({ type: "image/png" });
}
