/**
 * Characters at the ends of texts. A pattern such as `/x+$/` looks at each run of them again from each of its places,
 * which takes hours where a client sends a long one.
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
