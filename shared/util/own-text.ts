/** Length in characters from which V8 keeps a substring as a slice, which retains the whole parent string. */
const SLICED_FROM = 13;

/**
 * A copy of the text in memory of its own, for long-term storage: a substring of a parsed object retains the whole text
 * of the object.
 */
export function ownText(text: string): string {
  return text.length < SLICED_FROM ? text : Buffer.from(text).toString();
}

/** Applies `ownText` to every value. */
export function ownTexts(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [ownText(name), ownText(text)]));
}

/** A copy of a JSON value that shares no memory with the text it was parsed from. */
export function ownCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
