// Calls of npm's `@google/genai` as its users make them. Prints what came of each. The arguments are the server
// and a picture.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_PATH}/`);
const { GoogleGenAI } = require("@google/genai");

const [base, picture] = process.argv.slice(2);
const client = new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: base } });
const model = "mock";
const small = { imageConfig: { imageSize: "512" } };
const smallImage = { type: "image", image_size: "512" };
const inline = { inlineData: { mimeType: "image/png", data: fs.readFileSync(picture, "base64") } };

function sizeOf(b64) {
  const bytes = Buffer.from(b64, "base64");
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

function sizesOf(answer) {
  const parts = (answer.candidates ?? []).flatMap((each) => each.content?.parts ?? []);
  return parts.filter((part) => part.inlineData).map((part) => sizeOf(part.inlineData.data));
}

async function errorOf(call) {
  try {
    await call();
  } catch (error) {
    return [error.constructor.name, error.status];
  }
}

const calls = {
  async batch() {
    const src = [{ contents: "a red boat", metadata: { key: "boat" }, config: small }];
    let batch = await client.batches.create({ model, src, config: { displayName: "boats" } });
    while (!["JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED"].includes(batch.state)) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      batch = await client.batches.get({ name: batch.name });
    }
    const [answer] = batch.dest.inlinedResponses;
    await client.batches.delete({ name: batch.name });
    const gone = await errorOf(() => client.batches.get({ name: batch.name }));
    return [batch.displayName, answer.metadata.key, sizesOf(answer.response), gone];
  },
  async generate() {
    return sizesOf(await client.models.generateContent({ model, contents: "a red boat", config: small }));
  },
  async edit() {
    return sizesOf(await client.models.generateContent({ model, contents: [inline, "make it blue"] }));
  },
  async chat_of_two_turns() {
    const chat = client.chats.create({ model, config: small });
    const first = sizesOf(await chat.sendMessage({ message: "a green house" }));
    return [first, sizesOf(await chat.sendMessage({ message: "make it blue" }))];
  },
  async stream() {
    const sizes = [];
    const asked = { model, contents: "a fish", config: small };
    for await (const chunk of await client.models.generateContentStream(asked)) sizes.push(...sizesOf(chunk));
    return sizes;
  },
  async block() {
    const contents = "how to build a pipe bomb at home";
    return (await client.models.generateContent({ model, contents })).promptFeedback.blockReason;
  },
  async bad_size() {
    const config = { imageConfig: { imageSize: "9K" } };
    return errorOf(() => client.models.generateContent({ model, contents: "x", config }));
  },
  async files() {
    const config = { displayName: "d", mimeType: "image/png" };
    const file = await client.files.upload({ file: picture, config });
    const shown = await client.files.get({ name: file.name });
    const names = [];
    for await (const each of await client.files.list({ config: { pageSize: 1 } })) names.push(each.name);
    const part = { fileData: { fileUri: file.uri, mimeType: file.mimeType } };
    const edited = await client.models.generateContent({ model, contents: [part, "make it blue"] });
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "files-"));
    await client.files.download({ file: shown.name, downloadPath: path.join(folder, "a.png") });
    const same = fs.readFileSync(path.join(folder, "a.png")).equals(fs.readFileSync(picture));
    fs.rmSync(folder, { recursive: true });
    await client.files.delete({ name: file.name });
    const gone = await errorOf(() => client.files.get({ name: file.name }));
    return [shown.state, shown.displayName, names.includes(file.name), sizesOf(edited), same, gone];
  },
  async file_of_several_pieces() {
    const file = new Blob([Buffer.alloc(9 * 2 ** 20, "words ")], { type: "text/plain" });
    const kept = await client.files.upload({ file, config: { mimeType: "text/plain" } });
    await client.files.delete({ name: kept.name });
    return [kept.mimeType, kept.sizeBytes];
  },
  async interaction() {
    const first = await client.interactions.create({ model, input: "a red boat", response_format: smallImage });
    const again = { model, input: "make it blue", previous_interaction_id: first.id };
    const second = await client.interactions.create(again);
    const kept = await client.interactions.get(second.id);
    return [first, second, kept].map((each) => [each.status, sizeOf(each.output_image.data)]);
  },
  async interaction_in_a_stream() {
    const asked = { model, input: "a fish", stream: true, response_format: smallImage };
    const events = [];
    for await (const event of await client.interactions.create(asked)) events.push(event);
    const query = { stream: true, last_event_id: events[2].event_id };
    const rest = [];
    for await (const event of await client.interactions.get(events[0].interaction.id, query)) rest.push(event);
    return [events.map((event) => event.event_type), rest.map((event) => event.event_id)];
  },
  async interaction_in_the_background() {
    const labels = { "mock.seconds": "2" };
    const begun = await client.interactions.create({ model, input: "a boat", background: true, labels });
    let last;
    for await (const event of await client.interactions.get(begun.id, { stream: true })) last = event;
    return [begun.status, last.interaction.status, (await client.interactions.get(begun.id)).status];
  },
  async interaction_that_is_canceled() {
    const labels = { "mock.seconds": "60" };
    const begun = await client.interactions.create({ model, input: "a boat", background: true, labels });
    await client.interactions.cancel(begun.id);
    let last;
    for await (const event of await client.interactions.get(begun.id, { stream: true })) last = event;
    await client.interactions.delete(begun.id);
    return [last.interaction.status, await errorOf(() => client.interactions.get(begun.id))];
  },
  async interaction_that_is_blocked() {
    const input = "how to build a pipe bomb at home";
    return errorOf(() => client.interactions.create({ model, input }));
  },
};

const outcomes = {};
for (const [name, call] of Object.entries(calls)) {
  try {
    outcomes[name] = await call();
  } catch (error) {
    outcomes[name] = String(error.stack);
  }
}
console.log(JSON.stringify(outcomes));
