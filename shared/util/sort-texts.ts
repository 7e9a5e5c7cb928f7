/** Up to this number, insertion sort is used. */
const FEW = 8;

/**
 * Sorts in place by UTF-16 code units. `Array.prototype.sort` allocates several arrays per call, and most calls sort
 * only a few texts.
 */
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
