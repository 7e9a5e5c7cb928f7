// Texts for `kubectl explain`, out of the doc comments of the generated client in @kubernetes/client-node and, for fields
// that refer to other types, of those of kubernetes-types. They are never committed: builds put them beside the bundles
// that serve OpenAPI.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './esbuild.mjs';

const FILE = 'openapi-descriptions.json';
/** For development: where only what the product needs to run is installed, they are missing. */
const packages = {
  client: join(root, 'node_modules/@kubernetes/client-node/dist'),
  types: join(root, 'node_modules/kubernetes-types'),
};

const ENTITIES = {
  '&#39;': "'",
  '&quot;': '"',
  '&#x60;': '`',
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&#x3D;': '=',
};

/** The text of a doc comment, without what the generator escaped or added. */
function textOf(comment) {
  return comment
    .replace(/\*\/$/, '')
    .replace(/^\s*\/?\*+/gm, '')
    .replace(/^\s*(?:Defaults to: undefined|@.*)$/gm, '')
    .replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\\(['"`])/g, '$1')
    .trim();
}

const COMMENT = String.raw`(\/\*\*(?:[^*]|\*(?!\/))*\*\/)`;

/** Doc comments of a generated class and of its fields, by their names in JSON: none of fields that are objects. */
function describeClass(folder, name) {
  const declaration = readFileSync(join(folder, `${name}.d.ts`), 'utf8');
  const source = readFileSync(join(folder, `${name}.js`), 'utf8');
  const jsonNames = new Map(
    [...source.matchAll(/"name": "([^"]+)",\s*"baseName": "([^"]+)"/g)].map(([, field, json]) => [
      field,
      json,
    ]),
  );
  const own = new RegExp(String.raw`${COMMENT}\s*export declare class`).exec(declaration);
  const fields = [...declaration.matchAll(new RegExp(String.raw`${COMMENT}\s*'([^']+)'\??:`, 'g'))]
    .filter(([, , field]) => jsonNames.has(field))
    .map(([, comment, field]) => [jsonNames.get(field), textOf(comment)]);
  return {
    names: [...jsonNames.values()],
    description: own ? textOf(own[1]) : undefined,
    fields: Object.fromEntries(fields),
  };
}

const capitalize = (word) => word.charAt(0).toUpperCase() + word.slice(1);

/** Names the generator may have given a definition: `V1Pod`, or `CoreV1Event` where groups have the same kind. */
function candidates(definition) {
  const [kind, version, group] = definition.split('.').reverse();
  const names = [`${capitalize(version)}${kind}`, `${capitalize(group)}${capitalize(version)}${kind}`];
  return definition === 'io.k8s.apimachinery.pkg.version.Info' ? ['VersionInfo'] : names;
}

function findTables(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return findTables(path);
    return entry.name === 'types.json' ? [path] : [];
  });
}

/** The longest description of each query parameter: options' are the same everywhere. */
function describeParameters(file) {
  const parameters = {};
  const pattern = new RegExp(String.raw`${COMMENT}\s*(\w+)\??: (?:string|number|boolean);`, 'g');
  for (const [, comment, name] of readFileSync(file, 'utf8').matchAll(pattern)) {
    const json = name.replace(/^_/, '');
    const text = textOf(comment);
    if (json !== 'name' && json !== 'namespace' && text.length > (parameters[json]?.length ?? 0))
      parameters[json] = text;
  }
  return parameters;
}

/** What the generated client says of a type, if it knows it with the same fields. */
function describeByClient(definition, fields) {
  const models = join(packages.client, 'gen/models');
  for (const name of candidates(definition)) {
    if (!existsSync(join(models, `${name}.d.ts`))) continue;
    const { names, ...texts } = describeClass(models, name);
    if (names.every((field) => fields[field] !== undefined)) return texts;
  }
  return undefined;
}

/** What kubernetes-types says of the fields of all types of a group version: type -> field -> text. */
function describeInterfaces(group, version) {
  const file = join(packages.types, group, `${version}.d.ts`);
  if (!existsSync(file)) return new Map();
  const source = readFileSync(file, 'utf8');
  const field = new RegExp(String.raw`${COMMENT}\s*(?:readonly )?(\w+)\??:`, 'g');
  return new Map(
    [...source.matchAll(/^export interface (\w+) \{\n(.*?)^\}/gms)].map(([, kind, body]) => [
      kind,
      Object.fromEntries([...body.matchAll(field)].map(([, comment, name]) => [name, textOf(comment)])),
    ]),
  );
}

/** Definition -> descriptions, for every type in the tables that the packages know. */
function generate(tables) {
  const definitions = {};
  for (const table of tables) {
    const types = Object.entries(JSON.parse(readFileSync(table, 'utf8')));
    const [, version, group] = types[0][0].split('.').reverse();
    const interfaces = describeInterfaces(group, version);
    for (const [definition, { fields = {} }] of types) {
      const client = describeByClient(definition, fields);
      const known = Object.entries(interfaces.get(definition.split('.').at(-1)) ?? {});
      const own = Object.fromEntries(known.filter(([field]) => fields[field] !== undefined));
      if (client === undefined && known.length === 0) continue;
      definitions[definition] = { ...client, fields: { ...own, ...client?.fields } };
    }
  }
  const parameters = describeParameters(join(packages.client, 'gen/types/ObjectParamAPI.d.ts'));
  return { definitions, parameters };
}

/** Makes the file, once per state of its sources, and puts a copy into a folder. Without the packages there is none. */
export function writeOpenAPIDescriptions(outdir) {
  const manifests = [join(packages.client, '../package.json'), join(packages.types, 'package.json')];
  if (!manifests.every((manifest) => existsSync(manifest))) return;
  const tables = findTables(join(root, 'shared'));
  const sources = [...manifests, import.meta.filename, ...tables];
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(source));
  const made = join(root, 'dist', `openapi-descriptions-${hash.digest('hex').slice(0, 16)}.json`);
  if (!existsSync(made)) {
    mkdirSync(dirname(made), { recursive: true });
    const unfinished = `${made}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify(generate(tables)));
    renameSync(unfinished, made);
  }
  mkdirSync(outdir, { recursive: true });
  copyFileSync(made, join(outdir, FILE));
}

if (process.argv[1] === import.meta.filename) writeOpenAPIDescriptions(process.argv[2] ?? join(root, 'dist'));
