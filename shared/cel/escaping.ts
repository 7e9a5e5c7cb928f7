/**
 * Escapes property names as CEL identifiers (https://github.com/kubernetes/apiserver/blob/master/pkg/cel/escaping.go).
 */

const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

const SEQUENCES: Readonly<Record<string, string>> = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};
const CHARACTERS: Readonly<Record<string, string>> = { underscores: '__', dot: '.', dash: '-', slash: '/' };

/** The identifier for a property; undefined if the property can't have one. */
export function escapeName(name: string): string | undefined {
  if (!/^[A-Za-z0-9_./-]+$/.test(name) || /^[0-9]/.test(name)) return undefined;
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replace(/__|[-./]/g, (part) => SEQUENCES[part]!);
}

/** The escaped field name for a reserved word, which is unambiguous after a dot. */
export function reservedField(name: string): string {
  return RESERVED.has(name) ? `__${name}__` : name;
}

/** The property that an identifier stands for; undefined for an invalid escape. */
export function unescapeName(escaped: string): string | undefined {
  let valid = true;
  const name = escaped.replace(/__[^_]+__/g, (sequence) => {
    const word = sequence.slice(2, -2);
    if (Object.hasOwn(CHARACTERS, word)) return CHARACTERS[word]!;
    if (!RESERVED.has(word) || sequence.length !== escaped.length) valid = false;
    return word;
  });
  return valid ? name : undefined;
}
