/** Parses a Go package's type declarations from its text, without a compiler. */

/** One field of a struct. */
export interface GoField {
  /** '' for an embedded struct. */
  readonly name: string;
  /** In Go syntax: `*metav1.Time`, `map[string][]byte`. */
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly comment: readonly string[];
}

export type GoType = { readonly comment: readonly string[] } & (
  | { readonly kind: 'struct'; readonly fields: readonly GoField[] }
  /** `of`: in Go syntax. */
  | { readonly kind: 'named' | 'alias'; readonly of: string }
);

export interface GoPackage {
  readonly types: ReadonlyMap<string, GoType>;
  /** By name: its type's name, '' if it has none, and its value in Go syntax, a literal or another constant's name. */
  readonly constants: ReadonlyMap<string, { readonly type: string; readonly value: string }>;
  /** Name in this package's text -> path of the package. */
  readonly imports: ReadonlyMap<string, string>;
}

const TAG = /(\w+):"((?:[^"\\]|\\.)*)"/g;
const FIELD = /^\s*(?:(\w+)\s+)?([*\w.[\]]+)(?:\s+`([^`]*)`)?\s*(?:\/\/.*)?$/;
const CONSTANT =
  /^\s*(?:const\s+|var\s+)?(\w+)(?:\s+(\w+))?\s*=\s*(?:("[^"]*")|(\w+)\(([\w.]+|"[^"]*")\)|(\w+\.\w+))\s*(?:\/\/.*)?$/;

function fieldOf(line: string, comment: readonly string[]): GoField | undefined {
  const match = FIELD.exec(line);
  if (match === null) return undefined;
  const [, name = '', type, tags = ''] = match;
  return {
    name,
    type: type!,
    tags: Object.fromEntries([...tags.matchAll(TAG)].map(([, key, value]) => [key!, value!])),
    comment,
  };
}

/** The declarations in the texts of a package's files, in order. */
export function readGoPackage(texts: readonly string[]): GoPackage {
  const types = new Map<string, GoType>();
  const constants = new Map<string, { type: string; value: string }>();
  const imports = new Map<string, string>();
  for (const text of texts) {
    for (const [, alias, path] of text.matchAll(/^(?:import)?\s+(\w+)?\s*"([\w./-]+)"$/gm)) {
      imports.set(alias ?? path!.split('/').at(-1)!, path!);
    }
    let comment: string[] = [];
    // A comment followed by a blank line may still hold markers of the next declaration.
    let before: string[] = [];
    let fields: GoField[] | undefined;
    for (const line of text.split('\n')) {
      const remark = /^\s*\/\/ ?(.*)$/.exec(line)?.[1];
      if (remark !== undefined) {
        comment.push(remark);
        continue;
      }
      if (line.trim() === '') {
        before = comment;
        comment = [];
        continue;
      }
      const all = [...before, ...comment];
      const struct = /^type (\w+) struct ?\{(\})?/.exec(line);
      const named = /^type (\w+) (=)?\s*([*\w.[\]]+)$/.exec(line);
      const constant = CONSTANT.exec(line);
      if (struct !== null) {
        const own: GoField[] = [];
        types.set(struct[1]!, { kind: 'struct', fields: own, comment: all });
        if (struct[2] === undefined) fields = own;
      } else if (line.startsWith('}')) fields = undefined;
      else if (named !== null) {
        types.set(named[1]!, { kind: named[2] ? 'alias' : 'named', of: named[3]!, comment: all });
      } else if (fields !== undefined) {
        const field = fieldOf(line, all);
        if (field !== undefined) fields.push(field);
      } else if (constant !== null) {
        const [, name, type, literal, converted, argument, other] = constant;
        const value = literal ?? argument ?? other!;
        constants.set(name!, { type: type ?? converted ?? '', value });
      }
      comment = [];
      before = [];
    }
  }
  return { types, constants, imports };
}

/** The values of a marker in a comment: `+listMapKey=name` has one, `+optional` the value ''. */
export function markers(comment: readonly string[], name: string): string[] {
  return comment.flatMap((line) => {
    const match = /^\s*\+([\w:-]+)(?:=(.*))?$/.exec(line.trim());
    return match?.[1] === name ? [match[2] ?? ''] : [];
  });
}
