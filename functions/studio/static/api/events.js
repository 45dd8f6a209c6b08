// A job's events as they happen. A stream that is lost is taken up where it was, by the id of the last event.
// The browser's own EventSource sends no key, so the stream is read here.
import { checked, pause, send } from "./client.js";

const FIRST_PAUSE = 1000; // milliseconds before a lost stream is asked for again
const LONGEST_PAUSE = 15000;
const STREAMS = 3; // at once: a browser opens six connections to a host, and the page needs some
const LOOK = 1500; // milliseconds between two looks at a job that has no stream

let open = 0;

// Calls `tell` with each change until the job has ended, and returns the last one.
export async function followJob(id, tell, signal) {
  if (open >= STREAMS) return pollJob(id, tell, signal);
  open += 1;
  try {
    return await streamJob(id, tell, signal);
  } finally {
    open -= 1;
  }
}

async function streamJob(id, tell, signal) {
  const reader = { last: "", event: null };
  let wait = FIRST_PAUSE;
  for (;;) {
    try {
      const headers = { Accept: "text/event-stream", ...(reader.last ? { "Last-Event-ID": reader.last } : {}) };
      const response = await checked(await send(`/v1/jobs/${id}/events`, { headers, signal }));
      if (response.status === 204) return reader.event;
      wait = FIRST_PAUSE;
      if (await readEvents(response, reader, tell)) return reader.event;
    } catch (error) {
      if (isFinal(error)) throw error;
    }
    await pause(wait, signal);
    wait = Math.min(wait * 2, LONGEST_PAUSE);
  }
}

async function pollJob(id, tell, signal) {
  for (;;) {
    try {
      const job = await (await checked(await send(`/v1/jobs/${id}`, { signal }))).json();
      tell(job);
      if (job.ended) return job;
    } catch (error) {
      if (isFinal(error)) throw error;
    }
    await pause(LOOK, signal);
    if (open < STREAMS) return followJob(id, tell, signal);
  }
}

// A refusal stays one; a lost connection and a busy server do not.
const isFinal = (error) => error.name === "AbortError" || (error.status >= 400 && error.status < 500);

// Returns true after the event that ends the stream, false where the connection ended before it.
async function readEvents(response, reader, tell) {
  const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let ended = false;
  for (;;) {
    const { value, done } = await chunks.read();
    if (done) return ended;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event.id) reader.last = event.id;
      if (!event.data) continue;
      reader.event = JSON.parse(event.data);
      tell(reader.event);
      ended ||= event.name === "end";
    }
  }
}

function parseEvent(block) {
  const event = { name: "message", id: "", data: "" };
  for (const line of block.split("\n")) {
    const [field, ...rest] = line.split(": ");
    const value = rest.join(": ");
    if (field === "event") event.name = value;
    else if (field === "id") event.id = value;
    else if (field === "data") event.data += value;
  }
  return event;
}
