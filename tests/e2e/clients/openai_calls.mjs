// Calls of npm's `openai` as its users make them. Prints what came of each. The first argument is the server.
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_PATH}/`);
const OpenAI = require("openai");

const [base, picture, mask] = process.argv.slice(2);
const client = new OpenAI({ baseURL: `${base}/v1`, apiKey: "k" });
const small = { size: "512x512" };

function sizeOf(b64) {
  const bytes = Buffer.from(b64, "base64");
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

const calls = {
  async generate() {
    return sizeOf((await client.images.generate({ prompt: "a red boat", ...small })).data[0].b64_json);
  },
  async edit_of_a_stream_from_disk() {
    const image = fs.createReadStream(picture);
    return sizeOf((await client.images.edit({ image, prompt: "x" })).data[0].b64_json);
  },
  async edit_with_mask_and_reference() {
    const file = (path, name) => OpenAI.toFile(fs.readFileSync(path), name, { type: "image/png" });
    const image = [await file(picture, "a.png"), await file(picture, "b.png")];
    const found = await client.images.edit({ image, mask: await file(mask, "m.png"), prompt: "x" });
    return sizeOf(found.data[0].b64_json);
  },
  async stream() {
    const types = [];
    const labels = { "mock.seconds": "6" };
    const asked = { prompt: "in parts", stream: true, partial_images: 1, labels, ...small };
    for await (const event of await client.images.generate(asked)) types.push(event.type);
    return types;
  },
  async models() {
    const names = [];
    for await (const model of client.models.list()) names.push(model.id);
    return names;
  },
  async bad_size() {
    try {
      await client.images.generate({ prompt: "x", size: "1x1" });
    } catch (error) {
      return [error.constructor.name, error.status, error.code, error.param];
    }
  },
  async batch() {
    const body = { prompt: "a red boat", ...small };
    const line = { custom_id: "boat", method: "POST", url: "/v1/images/generations", body };
    const file = await OpenAI.toFile(Buffer.from(JSON.stringify(line)), "lines.jsonl");
    const stored = await client.files.create({ file, purpose: "batch" });
    const asked = { input_file_id: stored.id, endpoint: line.url, completion_window: "24h" };
    let batch = await client.batches.create(asked);
    while (!["completed", "failed"].includes(batch.status)) {
      await new Promise((resolve) => setTimeout(resolve, 200));
      batch = await client.batches.retrieve(batch.id);
    }
    const answer = JSON.parse(await (await client.files.content(batch.output_file_id)).text());
    return [answer.custom_id, sizeOf(answer.response.body.data[0].b64_json)];
  },
  async responses() {
    const tools = [{ type: "image_generation", ...small }];
    const found = await client.responses.create({ model: "gpt-5", input: "x", tools });
    return sizeOf(found.output[0].result);
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
