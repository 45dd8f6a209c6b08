// What a request may have, as the API has it (docs/api.md): the page offers no more.
export const LIMITS = {
  prompt: 32000, // characters
  regionPrompt: 200, // characters
  images: 16,
  count: 10,
  attempts: 8,
  inlineBytes: 20 * 2 ** 20,
};
