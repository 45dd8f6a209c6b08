// A picture at its full size. PhotoSwipe is loaded when it is first asked for.
import { addressOf, resultPath } from "../api/pictures.js";
import { say } from "../parts/notices.js";
import { promptOf } from "../state/jobs.js";
import { goTo, toJob } from "../state/route.js";
import { words } from "../words.js";

let style = null;

function loadStyle() {
  style ??= new Promise((resolve, reject) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = new URL("../vendor/photoswipe.css", import.meta.url);
    link.onload = resolve;
    link.onerror = reject;
    document.head.append(link);
  });
  return style;
}

export async function zoomInto(job, n) {
  try {
    const [{ default: PhotoSwipe }] = await Promise.all([import("../vendor/photoswipe.js"), loadStyle()]);
    const slides = await Promise.all(
      job.images.map(async (_, each) => ({ src: await addressOf(resultPath(job.id, each)), width: job.width, height: job.height, alt: promptOf(job) })),
    );
    const viewer = new PhotoSwipe({ dataSource: slides, index: n, closeTitle: words.zoom.close, zoomTitle: words.zoom.zoom, wheelToZoom: true });
    viewer.on("close", () => viewer.currIndex !== n && goTo(toJob(job.id, viewer.currIndex)));
    viewer.init();
  } catch (error) {
    say(error.message || words.offline, { shown: true, bad: true });
  }
}
