/**
 * Generates TypeScript types from the tables of API types: `types.ts` beside every `types.json`.
 * test/unit/apis/generated-types.test.ts fails when a file is out of date.
 */

import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { TableField, TableType } from '../../shared/runtime/type-tables.ts';
import { root } from './bundle-options.ts';
import { findTables } from './find-tables.ts';

/** Types by definition name. */
type Table = Readonly<Record<string, TableType>>;

const SCALARS: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  int32: 'number',
  int64: 'number',
  double: 'number',
  bytes: 'string',
  quantity: 'string',
  'int-or-string': 'number | string',
  time: 'string',
  'micro-time': 'string',
  duration: 'string',
  raw: 'unknown',
  json: 'unknown',
  any: 'unknown',
  fieldsV1: 'Record<string, unknown>',
};

const tables = new Map<string, Table>(
  findTables(join(root, 'shared'))
    .sort()
    .map((path) => [path, JSON.parse(readFileSync(path, 'utf8')) as Table]),
);
/** Path of the table that holds each definition. */
const homes = new Map(
  [...tables].flatMap(([path, types]) => Object.keys(types).map((name): [string, string] => [name, path])),
);

/** Throws if no table holds the definition; `from` is the table that refers to it. */
function find(definition: string, from: string): { readonly home: string; readonly type: TableType } {
  const home = homes.get(definition);
  const type = tables.get(home ?? '')?.[definition];
  if (home === undefined || type === undefined) throw new Error(`${from}: no table holds ${definition}`);
  return { home, type };
}

const isWritten = (type: TableType): boolean => !type.special && !type.custom;
const shortName = (definition: string): string => definition.slice(definition.lastIndexOf('.') + 1);
/** A prefix for types of the same name in another file: `core_v1_` for the folder `core/v1`. */
const aliasPrefix = (path: string): string => {
  const [version, group] = dirname(path).split('/').reverse();
  return `${group}_${version}_`;
};

function render(path: string, types: Table): string {
  const imports = new Map<string, Map<string, string>>();
  const local = new Set(Object.keys(types).map(shortName));

  function typeName(definition: string): string {
    const { home, type } = find(definition, path);
    if (!isWritten(type)) return 'unknown';
    const name = shortName(definition);
    if (home === path) return name;
    const list = imports.get(home) ?? new Map<string, string>();
    imports.set(home, list);
    const alias = local.has(name) ? `${aliasPrefix(home)}${name}` : name;
    list.set(name, alias);
    return alias;
  }

  function fieldType(field: TableField): string {
    const base = field.enum
      ? `${field.enum.map((value) => `'${value}'`).join(' | ')} | (string & {})`
      : field.type.startsWith('ref:')
        ? typeName(field.type.slice(4))
        : SCALARS[field.type];
    if (!base) throw new Error(`${path}: unknown type ${field.type}`);
    const element = /[ |]/.test(base) ? `(${base})` : base;
    if (field.container === 'array') return `${element}[]`;
    if (field.container === 'map') return `Record<string, ${base}>`;
    if (field.container === 'map-of-array') return `Record<string, ${element}[]>`;
    return base;
  }

  /**
   * Whether a decoded object always has the field, because Go always writes it: zero scalars and structs that aren't
   * pointers.
   */
  function isAlwaysThere(field: TableField): boolean {
    if (field.container || field.ptr) return false;
    if (field.type.startsWith('ref:')) {
      return !field.omitzero && isWritten(find(field.type.slice(4), path).type);
    }
    return !field.omitempty && ['string', 'boolean', 'int32', 'int64', 'double'].includes(field.type);
  }

  const bodies = Object.entries(types)
    .filter(([, type]) => isWritten(type))
    .map(([definition, type]) => {
      const name = shortName(definition);
      const fields = Object.entries(type.fields ?? {}).map(([json, field]) => {
        const key = /^[A-Za-z_$][\w$]*$/.test(json) ? json : `'${json}'`;
        const there = isAlwaysThere(field);
        const nil = field.container && !field.omitempty ? ' | null' : '';
        return `  ${key}${there ? '' : '?'}: ${fieldType(field)}${nil}${there ? '' : ' | undefined'};\n`;
      });
      return `export interface ${name} {\n${fields.join('')}}\n`;
    });
  const importLines = [...imports].map(([home, names]) => {
    let specifier = relative(dirname(path), home).replace(/\.json$/, '.ts');
    if (!specifier.startsWith('.')) specifier = `./${specifier}`;
    const list = [...names].sort().map(([name, alias]) => (name === alias ? name : `${name} as ${alias}`));
    return `import type { ${list.join(', ')} } from '${specifier}';\n`;
  });
  const banner = '// Generated from types.json by `npm run generate`. Do not edit.\n\n';
  return `${banner}${importLines.sort().join('')}${importLines.length ? '\n' : ''}${bodies.join('\n')}`;
}

/** The text of every `types.ts`, by path. */
export function generateTypes(): Map<string, string> {
  return new Map([...tables].map(([path, types]) => [path.replace(/\.json$/, '.ts'), render(path, types)]));
}
