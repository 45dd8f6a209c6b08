// A file that was dropped, pasted, chosen or photographed finds its use.
import { say } from "../parts/notices.js";
import { composer, setComposer, setTarget } from "../state/composer.js";
import { LIMITS } from "../state/limits.js";
import { NoPicture, filePicture } from "../state/pictures.js";
import { goTo, route, toMake, toVerify } from "../state/route.js";
import { createStore } from "../state/store.js";
import { words } from "../words.js";

export const toBeVerified = createStore({ picture: null });

// `use`: change, reference or verify. Several files at once are references.
export async function takeFiles(files, use) {
  try {
    const pictures = await Promise.all(files.map(filePicture));
    for (const { note } of pictures) if (note) say(note, { shown: true });
    if (use === "verify") {
      toBeVerified.set({ picture: pictures[0] });
      goTo(toVerify);
      return;
    }
    if (route.get().view !== "make") goTo(toMake);
    if (use === "change" && pictures.length === 1) {
      goTo(toMake);
      setTarget(pictures[0]);
    } else addReferences(pictures);
  } catch (error) {
    if (!(error instanceof NoPicture)) throw error;
    say(error.message, { shown: true, bad: true });
  }
}

export function addReferences(pictures) {
  const { references, target } = composer.get();
  const most = LIMITS.images - (target ? 1 : 0);
  if (references.length + pictures.length > most) say(words.composer.tooMany(LIMITS.images), { shown: true, bad: true });
  setComposer({ references: [...references, ...pictures].slice(0, most) });
}
