// What the page says of its own accord: read aloud by screen readers, and shown for a while.
import { html, useEffect } from "../html.js";
import { createStore, useStore } from "../state/store.js";

const SHOWN = 6000; // milliseconds

const notices = createStore({ said: "", shown: null, count: 0 });

// Says `text` to screen readers, and shows it where `shown`.
export function say(text, { shown = false, bad = false } = {}) {
  notices.set(({ count }) => ({
    said: text,
    count: count + 1,
    ...(shown ? { shown: { text, bad, n: count + 1 } } : {}),
  }));
}

export function Notices() {
  const { said, shown } = useStore(notices);
  useEffect(() => {
    if (!shown) return undefined;
    const timer = setTimeout(() => notices.set({ shown: null }), SHOWN);
    return () => clearTimeout(timer);
  }, [shown]);
  return html`<div class="notices">
    <p class="unseen" role="status" aria-live="polite">${said}</p>
    ${shown && html`<p class="notice ${shown.bad ? "is-bad" : ""}" aria-hidden="true" key=${shown.n}>${shown.text}</p>`}
  </div>`;
}
