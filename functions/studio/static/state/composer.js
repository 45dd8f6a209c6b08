// What the next request will be: what was written, chosen, painted and dropped.
import { createStore } from "./store.js";

export const MORE = {
  negative: "", format: "png", depth: 8, attempts: "", threshold: "", steps: "", guidance: "", strength: "",
  priority: "normal", labels: "", deadline: "", visible: false, lettering: "auto",
};
// `exact`: an outpaint's frame in pixels, in place of a shape. `kept`: the place of a change that is made again.
export const REGION = {
  tool: "words", strokes: [], box: null, regionName: "", kept: null, frame: "16:9", exact: null, enlarge: "2K",
};

export const composer = createStore({
  kind: "picture", prompt: "", change: "", around: "", scenes: ["", "", ""], list: "",
  ratio: "1:1", size: "1K", count: 1, seconds: "4", seed: "", model: "", more: MORE, open: false,
  references: [], target: null, ...REGION, fault: null,
});

export const setComposer = (change) => composer.set(change);
export const setMore = (change) => composer.set(({ more }) => ({ more: { ...more, ...change } }));

// Makes `picture` the one that the next request changes. Null: it makes a new one.
export function setTarget(picture, tool = "words") {
  composer.set(({ target }) => ({
    ...(picture && target?.key === picture.key ? {} : { ...REGION, change: "", around: "" }),
    target: picture, tool, kind: "picture", fault: null,
  }));
}
