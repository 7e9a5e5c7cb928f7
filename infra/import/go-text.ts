/** Extracts facts from Go source text, without a compiler. */

/** The text without comments; strings are unchanged. */
export function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\\n]|\\.)*"|`[^`]*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (token) =>
    token.startsWith('/') ? ' ' : token,
  );
}

/** The position of the bracket that closes the one at `start`. Throws if there is none. */
export function closing(text: string, start: number): number {
  let depth = 0;
  const tokens = /"(?:[^"\\\n]|\\.)*"|`[^`]*`|[([{}\])]/g;
  tokens.lastIndex = start;
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const token = match[0];
    if ('([{'.includes(token)) depth++;
    else if (')]}'.includes(token) && --depth === 0) return match.index;
  }
  throw new Error(`nothing closes ${JSON.stringify(text.slice(start, start + 60))}`);
}

/** Names and values of constants and variables that are strings or lists of strings. */
export function namedTexts(text: string): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [, name, value] of text.matchAll(
    /^\s*(?:const\s+|var\s+)?(\w+)(?:\s+[\w.]+)?\s*:?=\s*("[^"\n]*")\s*$/gm,
  )) {
    found.set(name!, [JSON.parse(value!) as string]);
  }
  for (const [, name, values] of text.matchAll(/\b(\w+)\s*:?=\s*\[\]string\{([^}]*)\}/g)) {
    found.set(name!, textsOf(values!, found));
  }
  return found;
}

/**
 * The strings in a list of arguments: literals, names in `known` (of any package), and sums of both. Throws for other
 * names.
 */
export function textsOf(args: string, known: ReadonlyMap<string, readonly string[]>): string[] {
  return args
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .flatMap((part) => {
      const terms = part.split('+').map((term) => textsNamed(term.trim(), known));
      return terms.length === 1 ? terms[0]! : [terms.map(([text]) => text).join('')];
    });
}

function textsNamed(term: string, known: ReadonlyMap<string, readonly string[]>): readonly string[] {
  if (term.startsWith('"')) return [JSON.parse(term) as string];
  const values = known.get(term.replace(/^\w+\.(?=\w)|\.\.\.$/g, ''));
  if (values === undefined) throw new Error(`no value of ${term} is known`);
  return values;
}
