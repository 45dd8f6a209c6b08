// Starts the page.
import { getJson, send } from "./api/client.js";
import { forgetPictures } from "./api/pictures.js";
import { html, render, useEffect, useState } from "./html.js";
import { MakeView } from "./make/make.js";
import { DropZones } from "./parts/drop.js";
import { whenNeeded } from "./parts/when-needed.js";
import { Header } from "./parts/header.js";
import { Notices, say } from "./parts/notices.js";
import { SignIn } from "./parts/sign-in.js";
import { forgetJobs, loadRecent } from "./state/jobs.js";
import { route } from "./state/route.js";
import { session, setOffline } from "./state/session.js";
import { useStore } from "./state/store.js";
import { words } from "./words.js";

const LOOK = 3000; // milliseconds
const GalleryView = whenNeeded(() => import("./gallery/gallery.js").then((module) => module.GalleryView));
const VerifyView = whenNeeded(() => import("./verify/verify.js").then((module) => module.VerifyView));
const OperateView = whenNeeded(() => import("./operate/operate.js").then((module) => module.OperateView));
const BatchView = whenNeeded(() => import("./batch/batch.js").then((module) => module.BatchView));
const VIEWS = { make: MakeView, gallery: GalleryView, verify: VerifyView, operate: OperateView, batch: BatchView };

async function begin() {
  try {
    session.set({ capabilities: await getJson("/v1/capabilities") });
    await loadRecent();
  } catch (error) {
    if (error.status !== 401) say(error.message || words.offline, { shown: error.code !== "offline", bad: true });
  }
}

function Studio() {
  const { view, id } = useStore(route);
  const { key, needsKey, offline } = useStore(session);
  const [began, setBegan] = useState(false);
  useEffect(() => {
    forgetJobs();
    forgetPictures();
    session.set({ capabilities: null });
    begin().finally(() => setBegan(true));
  }, [key]);
  useEffect(() => {
    if (began && !offline && !session.get().capabilities && !needsKey) begin();
  }, [offline]);
  useConnection(offline);
  const View = VIEWS[view];
  return html`<a class="skip" href="#main" onClick=${skip}>${words.skip}</a>
    <${Header} view=${view} />
    ${offline && html`<p class="banner" role="alert">${words.offline}</p>`}
    <main id="main" tabindex="-1" class="main is-${view}"><${View} began=${began} id=${id} /></main>
    <${DropZones} />
    <${Notices} />
    ${needsKey && html`<${SignIn} />`}`;
}

// While there is no connection, it is looked for: by the browser's own word, and by asking.
function useConnection(offline) {
  useEffect(() => {
    const lose = () => setOffline(true);
    const look = () => send("/healthz").catch(() => {}); // which tells the session itself
    addEventListener("offline", lose);
    addEventListener("online", look);
    const timer = offline ? setInterval(look, LOOK) : 0;
    return () => {
      removeEventListener("offline", lose);
      removeEventListener("online", look);
      clearInterval(timer);
    };
  }, [offline]);
}

function skip(event) {
  event.preventDefault(); // the address after # names the page
  document.getElementById("main").focus();
}

render(html`<${Studio} />`, document.getElementById("studio"));
