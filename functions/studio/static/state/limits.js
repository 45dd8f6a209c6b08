// What a request may have, as the API has it (docs/api.md): the page offers no more.
export const LIMITS = {
  prompt: 32000, // characters
  regionPrompt: 200, // characters
  images: 16,
  count: 10,
  attempts: 8,
  inlineBytes: 20 * 2 ** 20,
  filesTogether: 22 * 2 ** 20, // bytes of files in one request: a body holds them as base64
  exactLeast: 64, // pixels of a side that is named
  exactMost: 4096,
  exactMultiple: 16,
  exactRatio: 8, // of the longer side to the shorter one
  batchLines: 10000,
  batchBytes: 30 * 2 ** 20,
};
