// A value that views follow: a store tells each view when the part that it shows has changed.
import { useLayoutEffect, useReducer, useRef } from "../html.js";

export function createStore(initial) {
  let value = initial;
  const listeners = new Set();
  return {
    get: () => value,
    set(change) {
      value = { ...value, ...(typeof change === "function" ? change(value) : change) };
      for (const listener of [...listeners]) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

// Returns what `select` takes of the store, and draws the view again when that is another value.
export function useStore(store, select = (value) => value) {
  const [, redraw] = useReducer((n) => n + 1, 0);
  const selected = select(store.get());
  const shown = useRef();
  shown.current = { select, selected };
  useLayoutEffect(() => {
    const look = () => {
      if (!Object.is(shown.current.select(store.get()), shown.current.selected)) redraw();
    };
    look();
    return store.subscribe(look);
  }, [store]);
  return selected;
}
