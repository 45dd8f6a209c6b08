// Who uses the page: the key of this tab, what the deployment can do, and whether it answers.
import { createStore } from "./store.js";

const KEY = "plantain.key";

export const session = createStore({
  key: sessionStorage.getItem(KEY) || "",
  needsKey: false, // the last call was refused for want of one
  refused: false, // a key was sent, and it is none
  offline: false,
  capabilities: null,
});

export function setKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
  session.set({ key, needsKey: false, refused: false });
}

// A header carries printable ASCII only.
export const isKey = (text) => /^[\x21-\x7e]+$/.test(text);

export function askForKey() {
  const { key } = session.get();
  session.set({ needsKey: true, refused: Boolean(key) });
}

export function setOffline(offline) {
  if (session.get().offline !== offline) session.set({ offline });
}
