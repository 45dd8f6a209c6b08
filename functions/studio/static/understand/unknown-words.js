// The words of a prompt that are in nothing that was understood. Rules read English, so only English is compared.

const SMALL = new Set(
  `a an and are as at be been by do does for from has have i if in into is it its let made make me my near no not of off on one or
   our out over please so some that the their them then there these they this those to under up very was we were what with
   without would you your picture photo image draw drawn painting show shows showing see seen beside behind front between
   next turn change put add remove colour color more less all both each other another only just like`
    .split(/\s+/)
    .filter(Boolean),
);
const NUMBERS = new Set("one two three four five six seven eight nine ten eleven twelve".split(" "));

// Returns a word's possible stems: "boats" is "boat", "stormy" is "storm".
function stems(word) {
  const found = [word];
  for (const ending of ["s", "es", "y", "ly", "ing", "ed", "en"]) {
    if (word.length > ending.length + 2 && word.endsWith(ending)) found.push(word.slice(0, -ending.length));
  }
  if (word.endsWith("ies")) found.push(`${word.slice(0, -3)}y`);
  return found;
}

const split = (text) => text.toLowerCase().match(/\p{L}+/gu) ?? [];

export function unknownWords(intent) {
  const { prompt = "", by, rules, expanded, fallback, ...understood } = intent;
  const known = new Set(split(JSON.stringify(Object.values(understood))).flatMap(stems));
  const asked = split(prompt.replace(/["“][^"”]*["”]/g, " "));
  const isKnown = (word) =>
    word.length < 3 || SMALL.has(word) || NUMBERS.has(word) || stems(word).some((stem) => known.has(stem));
  return [...new Set(asked.filter((word) => !isKnown(word)))];
}
