// How long a request would take, asked of the API a moment after the form was changed. Nothing is made.
import { useEffect, useState } from "../html.js";
import { NotReady, buildRequests } from "../state/request.js";
import { estimate } from "../state/jobs.js";
import { words } from "../words.js";

const PAUSE = 500; // milliseconds without a change

// A file of the user's own would be sent for every estimate: then there is none.
const isLight = (form) => ![form.target, ...form.references].some((picture) => picture?.file);

export function useEstimate(form, capabilities) {
  const [text, setText] = useState("");
  const { target, tool, kind, ratio, size, count, model, more, frame, exact, enlarge, seconds } = form;
  const written = form.target ? form.change || tool === "frame" || tool === "enlarge" : form.prompt || form.scenes[0] || form.list;
  useEffect(() => {
    setText("");
    if (!capabilities || !written || !isLight(form)) return undefined;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      ask(form, capabilities, stop.signal).then(setText, () => setText(""));
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [capabilities, Boolean(written), target, tool, kind, ratio, size, count, model, more, frame, exact, enlarge, seconds]);
  return text;
}

async function ask(form, capabilities, signal) {
  try {
    // The place of a change costs nothing: it is left out, and so is what is not painted yet.
    const requests = await buildRequests({ ...form, tool: plainTool(form.tool) }, capabilities);
    const found = await estimate(requests[0], signal);
    const time = found.seconds == null ? "" : words.estimate.about(found.seconds * requests.length);
    const paid = found.paid_calls ? words.estimate.paid(found.paid_calls * requests.length) : "";
    return [time, paid].filter(Boolean).join(" · ");
  } catch (error) {
    if (error instanceof NotReady) return "";
    throw error;
  }
}

const plainTool = (tool) => (tool === "frame" || tool === "enlarge" ? tool : "words");
