// A view whose module is loaded when it is first shown: a first visit loads less.
import { html, useEffect, useState } from "../html.js";
import { words } from "../words.js";
import { say } from "./notices.js";

export function whenNeeded(load) {
  let found = null;
  return function View(props) {
    const [, setReady] = useState(Boolean(found));
    useEffect(() => {
      if (found) return;
      load().then(
        (view) => {
          found = view;
          setReady(true);
        },
        () => say(words.offline, { shown: true, bad: true }),
      );
    }, []);
    return found ? html`<${found} ...${props} />` : null;
  };
}
