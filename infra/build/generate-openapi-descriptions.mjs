// Texts for `kubectl explain`, out of the doc comments of the generated client in @kubernetes/client-node. They are
// never committed: builds put them beside the bundles that serve OpenAPI.
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
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from './esbuild.mjs';

const FILE = 'openapi-descriptions.json';

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
    .replace(/^\s*\/?\*+\/?/gm, '')
    .replace(/^\s*(?:Defaults to: undefined|@.*)$/gm, '')
    .replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\\(['"`])/g, '$1')
    .trim();
}

const COMMENT = String.raw`(\/\*\*(?:[^*]|\*(?!\/))*\*\/)`;

/** Doc comments of a generated class and of its fields, by their names in JSON. */
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

/** Definition -> descriptions, for every type in the tables that the package knows with the same fields. */
function generate(generated, tables) {
  const models = join(generated, 'models');
  const definitions = {};
  for (const table of tables) {
    for (const [definition, { fields = {} }] of Object.entries(JSON.parse(readFileSync(table, 'utf8')))) {
      for (const name of candidates(definition)) {
        if (!existsSync(join(models, `${name}.d.ts`))) continue;
        const { names, ...texts } = describeClass(models, name);
        if (names.some((field) => fields[field] === undefined)) continue;
        definitions[definition] = texts;
        break;
      }
    }
  }
  return { definitions, parameters: describeParameters(join(generated, 'types/ObjectParamAPI.d.ts')) };
}

/** The generated client; undefined where only what the product needs to run is installed. */
function findClient() {
  const require = createRequire(join(root, 'package.json'));
  try {
    return dirname(require.resolve('@kubernetes/client-node'));
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/** Makes the file, once per state of its sources, and puts a copy into a folder. Without the client there is none. */
export function writeOpenAPIDescriptions(outdir) {
  const client = findClient();
  if (client === undefined) return;
  const tables = findTables(join(root, 'shared'));
  const sources = [join(client, '../package.json'), import.meta.filename, ...tables];
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(source));
  const made = join(root, 'dist', `openapi-descriptions-${hash.digest('hex').slice(0, 16)}.json`);
  if (!existsSync(made)) {
    mkdirSync(dirname(made), { recursive: true });
    const unfinished = `${made}.${process.pid}`;
    writeFileSync(unfinished, JSON.stringify(generate(join(client, 'gen'), tables)));
    renameSync(unfinished, made);
  }
  mkdirSync(outdir, { recursive: true });
  copyFileSync(made, join(outdir, FILE));
}

if (process.argv[1] === import.meta.filename) writeOpenAPIDescriptions(process.argv[2] ?? join(root, 'dist'));
