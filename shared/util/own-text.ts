/** From how many characters on a part of a text is kept as a part of it by V8, and keeps the whole of it. */
const SLICED_FROM = 13;

/** A text in memory of its own, for who keeps it for long: what was read out of an object keeps all of the object's text. */
export function ownText(text: string): string {
  return text.length < SLICED_FROM ? text : Buffer.from(text).toString();
}

/** As `ownText`, of every value. */
export function ownTexts(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [ownText(name), ownText(text)]));
}

/** Of what JSON tells, in memory of its own. */
export function ownCopy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
