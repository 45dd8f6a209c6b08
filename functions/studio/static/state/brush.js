// The brush of a painted region: its size in fractions of the picture's longer side.
import { createStore } from "./store.js";

export const BRUSH = { least: 0.01, most: 0.2, start: 0.06 };
export const brush = createStore({ size: BRUSH.start, erases: false });
