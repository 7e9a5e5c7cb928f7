/**
 * Descriptions of types and fields from pkg/generated/openapi of k8s.io/kubernetes: only those that the npm packages,
 * from which builds take most of them, don't have or have in an older form.
 */

import type { Descriptions } from '../build/openapi-descriptions.ts';
import type { Texts } from '../build/package-descriptions.ts';
import type { Sources } from './modules.ts';
import { definitionsOf } from './package-reader.ts';

const GENERATED = 'pkg/generated/openapi/zz_generated.openapi.go';

/** Names of generated functions, and the modules of the types that they describe. */
const PACKAGES: readonly (readonly [name: RegExp, definition: string])[] = [
  [/^k8sio_api_(\w+?)_(v\d\w*?)_(\w+)$/, 'api'],
  [/^pkg_apis_(meta)_(v1)_(\w+)$/, 'apimachinery/pkg/apis'],
  [/^pkg_apis_(apiextensions)_(v\d\w*?)_(\w+)$/, 'apiextensions-apiserver/pkg/apis'],
  [/^pkg_apis_(apiregistration)_(v\d\w*?)_(\w+)$/, 'kube-aggregator/pkg/apis'],
];

/** Lines of a generated function, by gofmt's indentation. */
const LINES = {
  start: /^func schema_(\w+)\(/,
  description: /^\t{4}Description:\s+(".*"),$/,
  field: /^\t{5}"([^"]+)": \{$/,
  fieldDescription: /^\t{7}Description:\s+(".*"),$/,
} as const;

function definitionOf(name: string): string | undefined {
  for (const [pattern, path] of PACKAGES) {
    const [, group, version, kind] = pattern.exec(name) ?? [];
    if (kind !== undefined) return definitionsOf(`k8s.io/${path}/${group}/${version}.${kind}`);
  }
  return undefined;
}

interface MutableTexts {
  description?: string;
  readonly fields: Record<string, string>;
}

/** The descriptions in generated code, by definition. */
export function readDescriptions(text: string): Map<string, MutableTexts> {
  const found = new Map<string, MutableTexts>();
  let texts: MutableTexts = { fields: {} };
  let field = '';
  for (const line of text.split('\n')) {
    const name = LINES.start.exec(line)?.[1];
    if (name !== undefined) {
      texts = { fields: {} };
      const definition = definitionOf(name);
      if (definition !== undefined) found.set(definition, texts);
    }
    field = LINES.field.exec(line)?.[1] ?? field;
    const own = LINES.description.exec(line)?.[1];
    if (own !== undefined) texts.description ??= JSON.parse(own) as string;
    const ofField = LINES.fieldDescription.exec(line)?.[1];
    if (ofField !== undefined) texts.fields[field] ??= JSON.parse(ofField) as string;
  }
  return found;
}

/** The descriptions that `known` lacks or has in another form; undefined if there are none. */
function beyond(texts: MutableTexts, known: Texts | undefined): Partial<Texts> | undefined {
  const { description } = texts;
  const fields = Object.entries(texts.fields).filter(([name, text]) => known?.fields[name] !== text);
  const isOwn = description !== undefined && description !== known?.description;
  if (!isOwn && fields.length === 0) return undefined;
  return {
    ...(isOwn && { description }),
    ...(fields.length > 0 && { fields: Object.fromEntries(fields) }),
  };
}

/** Descriptions of `types` beyond those of `packages`. Types that the release no longer has keep those of `before`. */
export function importDescriptions(
  sources: Sources,
  types: Iterable<string>,
  { packages, before }: { readonly packages: Readonly<Record<string, Texts>>; readonly before: Descriptions },
): Descriptions {
  const generated = readDescriptions(sources.text('kubernetes', GENERATED) ?? '');
  const entries = [...types].sort().flatMap((definition): [string, Partial<Texts>][] => {
    const texts = generated.get(definition);
    const own = texts === undefined ? before[definition] : beyond(texts, packages[definition]);
    return own === undefined ? [] : [[definition, own]];
  });
  return Object.fromEntries(entries);
}
