// Pictures that a request is given: one of ours by its name in the bucket, or a file of the user's.
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

let counter = 0;

// Reads a file's size as a picture. Throws NoPicture.
export async function filePicture(file) {
  const name = file.name || words.understand.origin;
  if (file.size > LIMITS.inlineBytes) throw new NoPicture(words.composer.tooLarge(name));
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
  return { key: `file/${counter}`, file, name, url, width: image.naturalWidth, height: image.naturalHeight };
}

// Returns the picture as a request names it.
export async function imageInput(picture) {
  return picture.uri ? { uri: picture.uri } : { data: await base64Of(picture.file) };
}

export function base64Of(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
