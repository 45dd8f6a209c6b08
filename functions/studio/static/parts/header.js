// The head of the page: where one is, what runs, and who one is.
import { html } from "../html.js";
import { isOpen, jobs } from "../state/jobs.js";
import { toGallery, toMake, toOperate, toVerify } from "../state/route.js";
import { session, setKey } from "../state/session.js";
import { useStore } from "../state/store.js";
import { words } from "../words.js";

const PAGES = [["make", toMake], ["gallery", toGallery], ["verify", toVerify]];
const ALONE = "local"; // the owner on a laptop without keys, where all callers are one
const OPERATORS = [...PAGES, ["operate", toOperate]];

export function Header({ view }) {
  const running = useStore(jobs, ({ byId }) => Object.values(byId).filter(isOpen).length);
  const { key, capabilities } = useStore(session);
  return html`<header class="header">
    <a class="brand" href=${toMake}><span class="brand-mark" aria-hidden="true"></span>${words.name}</a>
    <nav class="pages" aria-label=${words.nav.label}>
      ${(capabilities?.scopes?.includes("admin") ? OPERATORS : PAGES).map(
        ([name, address]) =>
          html`<a key=${name} href=${address} aria-current=${view === name || (view === "batch" && name === "gallery") ? "page" : undefined}>${words.nav[name]}</a>`,
      )}
    </nav>
    <div class="header-end">
      ${running > 0 && html`<span class="pill"><span class="spinner" aria-hidden="true"></span>${words.running(running)}</span>`}
      ${capabilities &&
      (key || capabilities.owner !== ALONE) &&
      html`<span class="owner" title=${words.signIn.as(capabilities.owner)}>${capabilities.owner}</span>`}
      ${key && capabilities && html`<button type="button" class="button is-quiet" onClick=${() => setKey("")}>${words.signIn.out}</button>`}
    </div>
  </header>`;
}
