/**
 * Generates the tables of API types from the Go packages that declare them: names, tags, markers in doc comments
 * (https://github.com/kubernetes/api; markers as read by
 * https://github.com/kubernetes/kube-openapi/blob/master/pkg/generators/openapi.go).
 */

import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TableField, TableType } from '../../shared/runtime/type-tables.ts';
import { type GoType, markers } from './go-types.ts';
import type { Sources } from './modules.ts';
import { definitionsOf, MODULES, PackageReader } from './package-reader.ts';
import type { Report } from './report.ts';

export type TypeTable = Readonly<Record<string, TableType>>;

const TYPE_META = ['kind', 'apiVersion'].map((name): [string, TableField] => [
  name,
  { type: 'string', omitempty: true },
]);

/** The table of one struct. */
function structOf(
  reader: PackageReader,
  type: GoType & { kind: 'struct' },
  path: string,
): Partial<TableType> {
  const fields = new Map<string, TableField>();
  const inline: { type: string; pb?: number; pbName?: string }[] = [];
  for (const field of type.fields) {
    const [name = ''] = (field.tags['json'] ?? '').split(',');
    if (name === '-') continue;
    if (name !== '') {
      fields.set(name, reader.field(field, path));
      continue;
    }
    const at = reader.resolve(field.type, path);
    if (at.name === 'TypeMeta') {
      for (const [key, value] of TYPE_META) fields.set(key, value);
      continue;
    }
    const embedded = reader.declared(at.name, at.path);
    if (embedded?.kind !== 'struct') continue;
    const { type: ref, pb, pbName } = reader.field(field, path);
    const named = pbName ?? at.name.charAt(0).toLowerCase() + at.name.slice(1);
    inline.push({ type: ref, ...(pb !== undefined && { pb, pbName: named }) });
    for (const [key, value] of Object.entries(structOf(reader, embedded, at.path).fields ?? {})) {
      const { goType, ...rest } = value;
      fields.set(key, { ...rest, in: at.name, ...(goType && { goType }) });
    }
  }
  const mapType = [...markers(type.comment, 'structType'), ...markers(type.comment, 'mapType')][0];
  return {
    ...(inline.length > 0 && { inline }),
    ...(mapType === 'atomic' && { mapType }),
    fields: Object.fromEntries(fields),
  };
}

/** Parts of a published definition that are not in the source of its type. */
interface Published {
  readonly 'x-kubernetes-unions'?: readonly unknown[];
}

/** The table of a version's package; `published`: definitions of the OpenAPI document. */
export function tableOf(
  reader: PackageReader,
  path: string,
  published: Readonly<Record<string, Published>>,
): TypeTable {
  const { types, constants } = reader.package(path)!;
  const prefix = definitionsOf(path);
  const group = JSON.parse(constants.get('GroupName')?.value ?? '""') as string;
  const version = path.split('/').at(-1)!;
  const entries = [...types].flatMap(([name, type]): [string, TableType][] => {
    const definition = `${prefix}.${name}`;
    const document = Object.hasOwn(published, definition) ? published[definition] : undefined;
    const shown = document === undefined ? {} : { published: true };
    const struct = reader.struct(name, path);
    if (struct === undefined) return [];
    const alias = type.kind === 'struct' ? {} : { aliasOf: `${definitionsOf(struct.path)}.${struct.name}` };
    const { inline, mapType, fields } = structOf(reader, struct.type, struct.path);
    const isKind = struct.type.fields.some((field) => field.name === '' && /\bTypeMeta$/.test(field.type));
    const gvk = `${group === '' ? '' : `${group}/`}${version}/${name}`;
    const table: TableType = {
      ...(isKind && { gvk }),
      ...alias,
      ...(document?.['x-kubernetes-unions'] && { unions: document['x-kubernetes-unions'] }),
      ...(inline && { inline }),
      ...(mapType && { mapType }),
      fields: fields!,
      ...shown,
    };
    return [[definition, table]];
  });
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The definitions of the release's OpenAPI document. */
function publishedDefinitions(sources: Sources): Readonly<Record<string, Published>> {
  const text = sources.text('kubernetes', 'api/openapi-spec/swagger.json');
  if (text === undefined) throw new Error(`${sources.release} has no api/openapi-spec/swagger.json`);
  return (JSON.parse(text) as { definitions: Readonly<Record<string, Published>> }).definitions;
}

/** Tables by path, such as `shared/apis/core/v1/types.json`, for versions that the release serves or `own` has. */
export function importTypes(
  sources: Sources,
  own: (path: string) => TypeTable | undefined,
  report: Report,
): ReadonlyMap<string, TypeTable> {
  const definitions = publishedDefinitions(sources);
  const reader = new PackageReader(sources);
  const tables = new Map<string, TypeTable>();
  for (const { module, folder } of MODULES) {
    const groups = join(sources.folder(module), folder);
    for (const file of readdirSync(groups, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!/^[\w-]+\/v\d\w*\/types\.go$/.test(file)) continue;
      const version = dirname(file);
      const path = ['k8s.io', module, folder, version].filter((part) => part !== '').join('/');
      const home = `shared/apis/${version}/types.json`;
      const table = merge(own(home), tableOf(reader, path, definitions), withoutSource(definitions, report));
      if (table !== undefined) tables.set(home, table);
    }
  }
  return tables;
}

/**
 * Merges a release's types into the table: older types are kept for stored objects and old clients, and hand-written
 * ones are unchanged.
 */
function merge(
  own: TypeTable | undefined,
  upstream: TypeTable,
  isPublished: (definition: string) => boolean,
): TypeTable | undefined {
  const isServed = Object.values(upstream).some(({ published }) => published);
  if (own === undefined) return isServed ? upstream : undefined;
  const merged = Object.entries(own).map(([name, type]): [string, TableType] => {
    const { published: _, ...before } = type;
    const now = upstream[name] && kept(upstream[name], type);
    if (now === undefined) return [name, type.published && isPublished(name) ? type : before];
    if (type.special !== undefined || type.custom) return [name, type];
    // Unions are read from the published document.
    return [name, now.published || type.unions === undefined ? now : { unions: type.unions, ...now }];
  });
  const table = new Map(isServed ? [...Object.entries(upstream), ...merged] : merged);
  // Adds the types that the kept ones now refer to.
  for (const { fields = {} } of table.values()) {
    for (const { type } of Object.values(fields)) {
      const name = type.replace(/^ref:/, '');
      if (!table.has(name) && upstream[name] !== undefined) table.set(name, upstream[name]);
    }
  }
  return Object.fromEntries([...table].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Keeps hand-written properties of fields: which of them keep empty values. */
function kept(now: TableType, own: TableType): TableType {
  const fields = Object.entries(now.fields ?? {}).map(([name, field]): [string, TableField] => [
    name,
    own.fields?.[name]?.keepsEmpty ? keepingEmpty(field) : field,
  ]);
  return now.fields === undefined ? now : { ...now, fields: Object.fromEntries(fields) };
}

/** At the tables' position: before the field's number. */
function keepingEmpty({ type, container, required, omitempty, ...rest }: TableField): TableField {
  return {
    type,
    ...(container && { container }),
    ...(required && { required }),
    ...(omitempty && { omitempty }),
    keepsEmpty: true,
    ...rest,
  };
}

/** The table of a version that is not in the release's modules, where only types in its document stay published. */
export function withoutModule(table: TypeTable, sources: Sources, report: Report): TypeTable {
  return merge(table, {}, withoutSource(publishedDefinitions(sources), report))!;
}

/** Whether a type without a source is published all the same, which is reported: it may have moved to another module. */
const withoutSource =
  (definitions: Readonly<Record<string, Published>>, report: Report) =>
  (definition: string): boolean => {
    if (!Object.hasOwn(definitions, definition)) return false;
    report.add('types: not in the modules', definition);
    return true;
  };

/** The text of a `types.json`: one type per line. */
export function formatTypes(table: TypeTable): string {
  const lines = Object.entries(table).map(
    ([name, type]) => `${JSON.stringify(name)}: ${JSON.stringify(type)}`,
  );
  return `{\n${lines.join(',\n')}\n}\n`;
}
