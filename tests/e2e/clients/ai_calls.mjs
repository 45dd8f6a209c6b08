// Calls of npm's `ai` with the providers of Google and of OpenAI. Prints what came of each. The arguments are the
// server and a picture.
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_PATH}/`);
const { generateImage, generateText, streamText } = require("ai");
const { createGoogleGenerativeAI } = require("@ai-sdk/google");
const { createOpenAI } = require("@ai-sdk/openai");

const [base, picture] = process.argv.slice(2);
const google = createGoogleGenerativeAI({ apiKey: "k", baseURL: `${base}/v1beta` });
const openai = createOpenAI({ apiKey: "k", baseURL: `${base}/v1` });
const bytes = fs.readFileSync(picture);
const small = { google: { responseModalities: ["TEXT", "IMAGE"], imageConfig: { imageSize: "512" } } };

function sizeOf(image) {
  const found = Buffer.from(image.base64, "base64");
  return [found.readUInt32BE(16), found.readUInt32BE(20)];
}

const calls = {
  async google_image() {
    const model = google.image("gemini-3.1-flash-image");
    return sizeOf((await generateImage({ model, prompt: "a red boat", aspectRatio: "16:9" })).image);
  },
  async google_imagen() {
    const model = google.image("imagen-4.0-generate-001");
    return (await generateImage({ model, prompt: "a red boat", n: 2 })).images.map(sizeOf);
  },
  async google_text_with_files() {
    const found = await generateText({ model: google("mock"), prompt: "a red boat", providerOptions: small });
    return [found.files.map(sizeOf), found.finishReason];
  },
  async google_edit() {
    const content = [
      { type: "text", text: "make it blue" },
      { type: "file", data: bytes, mediaType: "image/png" },
    ];
    const found = await generateText({ model: google("mock"), messages: [{ role: "user", content }] });
    return found.files.map(sizeOf);
  },
  async google_several_turns() {
    const first = { role: "user", content: "a red boat" };
    const made = await generateText({ model: google("mock"), messages: [first], providerOptions: small });
    const messages = [first, ...made.response.messages, { role: "user", content: "make it blue" }];
    return (await generateText({ model: google("mock"), messages })).files.map(sizeOf);
  },
  async google_stream() {
    const sizes = [];
    const { fullStream } = streamText({ model: google("mock"), prompt: "a fish", providerOptions: small });
    for await (const part of fullStream) if (part.type === "file") sizes.push(sizeOf(part.file));
    return sizes;
  },
  async google_block() {
    const prompt = "how to build a pipe bomb at home";
    const found = await generateText({ model: google("mock"), prompt });
    return [found.files.length, found.providerMetadata.google.promptFeedback.blockReason];
  },
  async google_unknown_model() {
    try {
      await generateText({ model: google("nobody"), prompt: "x", maxRetries: 0 });
    } catch (error) {
      return [error.name, error.statusCode, error.data?.error.status];
    }
  },
  async openai_image() {
    const model = openai.image("gpt-image-2");
    return sizeOf((await generateImage({ model, prompt: "a red boat", size: "512x512" })).image);
  },
  async openai_edit() {
    const prompt = { text: "make it blue", images: [bytes] };
    return sizeOf((await generateImage({ model: openai.image("gpt-image-2"), prompt })).image);
  },
  async openai_responses() {
    const tools = { image_generation: openai.tools.imageGeneration({ size: "1024x1024" }) };
    const found = await generateText({ model: openai("gpt-5"), prompt: "a red boat", tools });
    const result = found.staticToolResults.find((each) => each.toolName === "image_generation");
    return sizeOf({ base64: result.output.result });
  },
};

const outcomes = {};
for (const [name, call] of Object.entries(calls)) {
  try {
    outcomes[name] = await call();
  } catch (error) {
    outcomes[name] = String(error.stack).slice(0, 1500);
  }
}
console.log(JSON.stringify(outcomes));
