// Pictures that a request is given: one of ours by its name in the bucket, one of an earlier request, or a file.
import { inputPath, previewPath } from "../api/pictures.js";
import { LIMITS } from "./limits.js";
import { words } from "../words.js";

export class NoPicture extends Error {}

export const resultPicture = (job, n) => ({
  key: `${job.id}/${n}`,
  id: job.id,
  n,
  name: words.stage.choose(n + 1),
  uri: job.images.find((image) => image.url.endsWith(`/images/${n}`))?.uri,
  width: job.width,
  height: job.height,
});

// The picture that a job was given, to be given to another one.
export function givenPicture(job, n) {
  const { uri, generation } = job.request.images[n];
  return { key: `given/${job.id}/${n}`, given: { id: job.id, n }, name: words.understand.origin, uri, generation };
}

// Returns where the page finds a picture, for `useAddress`.
export function pathOf({ url, given, id, n }, side) {
  if (url) return url;
  return given ? inputPath(given.id, given.n, side) : previewPath(id, n, side);
}

let counter = 0;

// Reads a file's size as a picture, and makes it smaller where a request cannot carry it. Throws NoPicture.
export async function filePicture(file) {
  const name = file.name || words.understand.origin;
  const url = URL.createObjectURL(file);
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(url);
    throw new NoPicture(words.composer.notPicture(name));
  }
  counter += 1;
  const { naturalWidth: width, naturalHeight: height } = image;
  const whole = { key: `file/${counter}`, file, name, url, width, height, note: "" };
  return file.size > LIMITS.inlineBytes ? smaller(whole, image) : whole;
}

async function smaller(picture, image) {
  try {
    const { shrunk } = await import("./shrink.js");
    const { file, width, height } = await shrunk(image, LIMITS.inlineBytes);
    const note = words.composer.shrunk(picture.name, picture.file.size, width, height, file.size);
    return { ...picture, file, width, height, url: URL.createObjectURL(file), note };
  } catch {
    throw new NoPicture(words.composer.tooLarge(picture.name));
  } finally {
    URL.revokeObjectURL(picture.url);
  }
}

// Returns the picture as a request names it.
export async function imageInput({ uri, generation, file }) {
  if (!uri) return { data: await base64Of(file) };
  return generation ? { uri, generation } : { uri };
}

export function base64Of(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
