/**
 * Types and fields of a release, from upstream's OpenAPI document
 * (https://github.com/kubernetes/kubernetes/blob/master/api/openapi-spec/swagger.json), and those of the tables.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TableType } from '../../shared/runtime/type-tables.ts';
import { root } from '../build/bundle-options.ts';
import { findTables } from '../build/find-tables.ts';
import type { Sources } from './modules.ts';
import type { Report } from './report.ts';

/** Definition -> names of its fields. */
export type FieldSets = Readonly<Record<string, readonly string[]>>;

interface Definition {
  readonly properties?: Readonly<Record<string, unknown>>;
}

export function importFields(sources: Sources): FieldSets {
  const text = sources.text('kubernetes', 'api/openapi-spec/swagger.json');
  if (text === undefined) throw new Error(`${sources.release} has no api/openapi-spec/swagger.json`);
  const { definitions } = JSON.parse(text) as { definitions: Readonly<Record<string, Definition>> };
  return Object.fromEntries(
    Object.entries(definitions)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { properties = {} }]) => [name, Object.keys(properties).sort()]),
  );
}

/** The tables' types in the same form; `isPublished`: selects those that the document has. */
export function fieldsOfTables(isPublished: (type: TableType) => boolean = () => true): FieldSets {
  const types = findTables(join(root, 'shared')).flatMap((path) =>
    Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, TableType>),
  );
  return Object.fromEntries(
    types
      .filter(([, type]) => isPublished(type))
      .map(([name, type]) => [name, isOpaque(type) ? [] : Object.keys(type.fields ?? {}).sort()]),
  );
}

/** Whether upstream's document has no fields of the type. */
function isOpaque({ special, custom }: TableType): boolean {
  return special !== undefined || custom === true;
}

/** Reports new types with their fields, new fields, and published ones that are gone. */
export function compareFields(upstream: FieldSets, own: FieldSets, report: Report): void {
  for (const [name, fields] of Object.entries(upstream)) {
    if (!Object.hasOwn(own, name)) report.add('types: new', `${name} {${fields.join(', ')}}`);
    else {
      const more = fields.filter((field) => !own[name]!.includes(field));
      if (more.length > 0) report.add('fields: new', `${name} {${more.join(', ')}}`);
    }
  }
  const published = Object.keys(fieldsOfTables(({ published: is }) => is === true));
  for (const name of published) {
    const fields = own[name] ?? [];
    if (!Object.hasOwn(upstream, name)) report.add('types: gone', name);
    else {
      const less = fields.filter((field) => !upstream[name]!.includes(field));
      if (less.length > 0) report.add('fields: gone', `${name} {${less.join(', ')}}`);
    }
  }
}
