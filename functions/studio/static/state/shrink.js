// A picture that is too large for a request is written anew: first with all its pixels, then with fewer.
const TYPE = "image/webp"; // it keeps what is transparent
const QUALITY = 0.95;
const LONGEST = 8192; // pixels of a side: browsers draw no larger ones everywhere
const TRIES = 6;

// Returns {file, width, height} of at most `most` bytes. Throws where the browser cannot write it.
export async function shrunk(image, most) {
  const { naturalWidth, naturalHeight } = image;
  let scale = Math.min(1, LONGEST / Math.max(naturalWidth, naturalHeight));
  for (let left = TRIES; left; left -= 1) {
    const [width, height] = [naturalWidth, naturalHeight].map((side) => Math.max(1, Math.round(side * scale)));
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(image, 0, 0, width, height);
    const file = await canvas.convertToBlob({ type: TYPE, quality: QUALITY });
    if (file.size <= most) return { file, width, height };
    scale *= Math.sqrt(most / file.size) * 0.9;
  }
  throw new Error("too large");
}
