/**
 * Documents of several servers as one
 * (https://github.com/kubernetes/kube-openapi/blob/master/pkg/aggregator/aggregator.go).
 */

import { isDeepStrictEqual } from 'node:util';
import { appendAll } from '../../util/append-all.ts';
import { isJSONObject, setOwn } from '../../util/json.ts';
import type { OpenAPISchema, Swagger } from './openapi-model.ts';

type Section = 'definitions' | 'parameters';
const REFERENCE = /^#\/(definitions|parameters)\/(.+)$/;

/** What a value refers to. */
function* references(value: unknown): Iterable<readonly [Section, string]> {
  if (Array.isArray(value)) {
    for (const element of value) yield* references(element);
  } else if (isJSONObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      const found = key === '$ref' && typeof member === 'string' ? REFERENCE.exec(member) : null;
      if (found !== null) yield [found[1] as Section, found[2]!];
      else yield* references(member);
    }
  }
}

function mapReferences(value: unknown, rename: (reference: string) => string): unknown {
  if (Array.isArray(value)) return value.map((element) => mapReferences(element, rename));
  if (!isJSONObject(value)) return value;
  const copy = {};
  for (const [key, member] of Object.entries(value)) {
    const mapped =
      key === '$ref' && typeof member === 'string' ? rename(member) : mapReferences(member, rename);
    setOwn(copy, key, mapped);
  }
  return copy;
}

/** Only the paths below a prefix, and what they refer to. */
export function filterSwagger(swagger: Swagger, prefix: string): Swagger {
  const paths = Object.entries(swagger.paths).filter(([path]) => path.startsWith(prefix));
  const kept = {
    definitions: new Map<string, OpenAPISchema>(),
    parameters: new Map<string, OpenAPISchema>(),
  };
  const waiting = [...references(paths.map(([, path]) => path))];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [section, name] = next;
    if (kept[section].has(name) || !Object.hasOwn(swagger[section], name)) continue;
    kept[section].set(name, swagger[section][name]!);
    appendAll(waiting, references(swagger[section][name]));
  }
  return {
    paths: Object.fromEntries(paths),
    definitions: Object.fromEntries(kept.definitions),
    parameters: Object.fromEntries(kept.parameters),
  };
}

/** Kinds that a definition stands for may differ between servers. */
const withoutKinds = ({ 'x-kubernetes-group-version-kind': _, ...schema }: OpenAPISchema): OpenAPISchema =>
  schema;

/** What a document has already. */
export interface KnownSwagger {
  member(section: keyof Swagger, name: string): OpenAPISchema | undefined;
}

/** Names in `added` that mean something else in what is known, and what they are called instead. */
function renames(known: KnownSwagger, added: Swagger): ReadonlyMap<string, string> {
  const renamed = new Map<string, string>();
  for (const section of ['definitions', 'parameters'] as const) {
    const isTaken = (name: string): boolean =>
      known.member(section, name) !== undefined || Object.hasOwn(added[section], name);
    for (const [name, schema] of Object.entries(added[section])) {
      const same = known.member(section, name);
      if (same === undefined || isDeepStrictEqual(withoutKinds(same), withoutKinds(schema))) continue;
      let number = 2;
      while (isTaken(`${name}_v${number}`)) number++;
      renamed.set(`#/${section}/${name}`, `#/${section}/${name}_v${number}`);
    }
  }
  return renamed;
}

/** The members that go beside those that are known, under names that are free. A path that is known stays as it is. */
export function additionsTo(known: KnownSwagger, added: Swagger): Swagger {
  const renamed = renames(known, added);
  const rename = (reference: string): string => renamed.get(reference) ?? reference;
  const additions = (section: keyof Swagger): Record<string, OpenAPISchema> =>
    Object.fromEntries(
      Object.entries(added[section])
        .map(
          ([name, member]) => [rename(`#/${section}/${name}`).slice(`#/${section}/`.length), member] as const,
        )
        .filter(([name]) => known.member(section, name) === undefined)
        .map(([name, member]) => [name, mapReferences(member, rename) as OpenAPISchema]),
    );
  return {
    paths: additions('paths'),
    definitions: additions('definitions'),
    parameters: additions('parameters'),
  };
}
