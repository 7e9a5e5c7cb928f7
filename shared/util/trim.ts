/**
 * Trims a character from the ends of a text. A pattern such as `/x+$/` takes quadratic time on long runs of the
 * character: hours for a text that a client chooses.
 */

export function trimEnd(text: string, char: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === char) end--;
  return text.slice(0, end);
}

export function trimStart(text: string, char: string): string {
  let start = 0;
  while (start < text.length && text[start] === char) start++;
  return text.slice(start);
}
