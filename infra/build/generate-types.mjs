// Writes a `types.ts` beside every `types.json`: TypeScript types for the API types that the tables describe.
// Run by `npm run generate`; test/unit/apis/generated-types.test.ts fails when a file is out of date.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

const SCALARS = {
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

function findTables(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return findTables(path);
    return entry.name === 'types.json' ? [path] : [];
  });
}

const tables = new Map(
  findTables(join(root, 'shared'))
    .sort()
    .map((path) => [path, JSON.parse(readFileSync(path, 'utf8'))]),
);
const homes = new Map([...tables].flatMap(([path, types]) => Object.keys(types).map((name) => [name, path])));

const isWritten = (type) => !type.special && !type.custom;
const shortName = (definition) => definition.slice(definition.lastIndexOf('.') + 1);
/** `core/v1` for the file's folder, as a prefix for types of the same name in another file. */
const aliasPrefix = (path) => {
  const [version, group] = dirname(path).split('/').reverse();
  return `${group}_${version}_`;
};

function render(path, types) {
  const imports = new Map();
  const local = new Set(Object.keys(types).map(shortName));

  function typeName(definition) {
    const home = homes.get(definition);
    if (!home) throw new Error(`${path}: no table holds ${definition}`);
    const table = tables.get(home)[definition];
    if (!isWritten(table)) return 'unknown';
    const name = shortName(definition);
    if (home === path) return name;
    const list = imports.get(home) ?? imports.set(home, new Map()).get(home);
    const alias = local.has(name) ? `${aliasPrefix(home)}${name}` : name;
    list.set(name, alias);
    return alias;
  }

  function fieldType(field) {
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

  /** A decoded object holds what Go would always write: zero scalars and structs that aren't pointers. */
  function isAlwaysThere(field) {
    if (field.container || field.ptr) return false;
    if (field.type.startsWith('ref:')) {
      const target = field.type.slice(4);
      return !field.omitzero && isWritten(tables.get(homes.get(target))[target]);
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

/** Path -> text of every generated file. */
export function generate() {
  return new Map([...tables].map(([path, types]) => [path.replace(/\.json$/, '.ts'), render(path, types)]));
}

if (process.argv[1] === import.meta.filename) {
  for (const [path, text] of generate()) writeFileSync(path, text);
}
