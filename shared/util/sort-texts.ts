/** So many are put in order by moving each to its place. */
const FEW = 8;

/** Sorts in place, by code units. `Array.prototype.sort` makes several arrays for each, and most are a few texts. */
export function sortTexts(texts: string[]): string[] {
  if (texts.length > FEW) return texts.sort();
  for (let at = 1; at < texts.length; at++) {
    const text = texts[at]!;
    let to = at;
    for (; to > 0 && texts[to - 1]! > text; to--) texts[to] = texts[to - 1]!;
    texts[to] = text;
  }
  return texts;
}
