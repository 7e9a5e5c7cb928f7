/**
 * Merges the documents of several servers
 * (https://github.com/kubernetes/kube-openapi/blob/master/pkg/aggregator/aggregator.go).
 */

import { isDeepStrictEqual } from 'node:util';
import { appendAll } from '../../util/append-all.ts';
import { isJSONObject, setOwn } from '../../util/json.ts';
import type { OpenAPISchema, Swagger } from './openapi-model.ts';

type Section = 'definitions' | 'parameters';
const REFERENCE = /^#\/(definitions|parameters)\/(.+)$/;

/** The definitions and parameters that a value refers to. */
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

/** The paths below a prefix, with the members they refer to. */
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

/** The kinds registered for a definition may differ between servers, so they don't count in comparisons. */
const withoutKinds = ({ 'x-kubernetes-group-version-kind': _, ...schema }: OpenAPISchema): OpenAPISchema =>
  schema;

/** The members that a document already has. */
export interface KnownSwagger {
  member(section: keyof Swagger, name: string): OpenAPISchema | undefined;
}

/** New names for the members of `added` that conflict with known members of the same name. */
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

/** The members of `added` that aren't known yet, renamed in case of conflict. Known paths take precedence. */
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
