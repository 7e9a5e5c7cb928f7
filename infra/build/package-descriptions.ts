/**
 * Descriptions for `kubectl explain`, from the doc comments of kubernetes-models, which are those of servers, and of
 * the generated client in @kubernetes/client-node, which covers more versions, but lacks line breaks and descriptions
 * of fields that refer to other types. They are not committed.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OpenAPIDescriptions } from '../../shared/endpoints/openapi/openapi-descriptions.ts';
import type { TableField, TableType } from '../../shared/runtime/type-tables.ts';
import { root } from './bundle-options.ts';

/** Development dependencies: absent in production installs. */
const packages = {
  client: join(root, 'node_modules/@kubernetes/client-node/dist'),
  models: join(root, 'node_modules/kubernetes-models'),
  meta: join(root, 'node_modules/@kubernetes-models/apimachinery'),
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&#39;': "'",
  '&quot;': '"',
  '&#x60;': '`',
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&#x3D;': '=',
};

/** The text of a doc comment, without the generator's escapes and additions. */
function textOf(comment: string): string {
  return comment
    .replace(/\*\/$/, '')
    .replace(/^\s*\/?\*+/gm, '')
    .replace(/^\s*(?:Defaults to: undefined|@.*)$/gm, '')
    .replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\\(['"`])/g, '$1')
    .trim();
}

/** The text of a doc comment with its line breaks. */
function linesOf(comment: string): string {
  return comment
    .replace(/^\s*\/\*\*|\*\/$/g, '')
    .replace(/^[ \t]*\* ?/gm, '')
    .replace(/\\\*/g, '*')
    .replace(/\*\\\//g, '*/')
    .replace(/\n@deprecated\s*$/, '')
    .trim();
}

/** Descriptions of a type and of its fields, by their names in JSON. */
export interface Texts {
  readonly description: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
}

/** The packages' manifests; undefined where one of them is not installed. */
export function descriptionManifests(): readonly string[] | undefined {
  const manifests = [join(packages.client, '..'), packages.models, packages.meta].map((folder) =>
    join(folder, 'package.json'),
  );
  return manifests.every((manifest) => existsSync(manifest)) ? manifests : undefined;
}

type Fields = Readonly<Record<string, TableField>>;

/** The two captures of each match. */
const pairs = (text: string, pattern: RegExp): [string, string][] =>
  [...text.matchAll(pattern)].map(([, first = '', second = '']) => [first, second]);

/** The capture of the first match. */
const captured = (text: string, pattern: RegExp): string | undefined => pattern.exec(text)?.[1];

const COMMENT = String.raw`(\/\*\*(?:[^*]|\*(?!\/))*\*\/)`;

/** Doc comments of a generated class and of its fields, by their names in JSON; fields that are objects have none. */
function describeClass(folder: string, name: string): Texts & { readonly names: readonly string[] } {
  const declaration = readFileSync(join(folder, `${name}.d.ts`), 'utf8');
  const source = readFileSync(join(folder, `${name}.js`), 'utf8');
  const jsonNames = new Map(pairs(source, /"name": "([^"]+)",\s*"baseName": "([^"]+)"/g));
  const own = captured(declaration, new RegExp(String.raw`${COMMENT}\s*export declare class`));
  const comments = pairs(declaration, new RegExp(String.raw`${COMMENT}\s*'([^']+)'\??:`, 'g'));
  const fields = comments.flatMap(([comment, field]) => {
    const json = jsonNames.get(field);
    return json === undefined ? [] : [[json, textOf(comment)] as const];
  });
  return {
    names: [...jsonNames.values()],
    description: own && textOf(own),
    fields: Object.fromEntries(fields),
  };
}

const capitalize = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/**
 * Possible names of a definition in the generated client: `V1Pod`, or `CoreV1Event` where groups have the same kind.
 */
function candidates(definition: string): string[] {
  const [kind = '', version = '', group = ''] = definition.split('.').reverse();
  const names = [`${capitalize(version)}${kind}`, `${capitalize(group)}${capitalize(version)}${kind}`];
  return definition === 'io.k8s.apimachinery.pkg.version.Info' ? ['VersionInfo'] : names;
}

/** Types whose fields are query parameters, and a request that has them. */
const OPTIONS: Readonly<Record<string, string>> = {
  'io.k8s.apimachinery.pkg.apis.meta.v1.CreateOptions': 'CoreV1ApiCreateNamespacedPodRequest',
  'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions': 'CoreV1ApiDeleteNamespacedPodRequest',
  'io.k8s.apimachinery.pkg.apis.meta.v1.ListOptions': 'CoreV1ApiListNamespacedPodRequest',
  'io.k8s.apimachinery.pkg.apis.meta.v1.PatchOptions': 'CoreV1ApiPatchNamespacedPodRequest',
  'io.k8s.apimachinery.pkg.apis.meta.v1.UpdateOptions': 'CoreV1ApiReplaceNamespacedPodRequest',
  'io.k8s.api.core.v1.NodeProxyOptions': 'CoreV1ApiConnectGetNodeProxyRequest',
  'io.k8s.api.core.v1.PodAttachOptions': 'CoreV1ApiConnectGetNamespacedPodAttachRequest',
  'io.k8s.api.core.v1.PodExecOptions': 'CoreV1ApiConnectGetNamespacedPodExecRequest',
  'io.k8s.api.core.v1.PodLogOptions': 'CoreV1ApiReadNamespacedPodLogRequest',
  'io.k8s.api.core.v1.PodPortForwardOptions': 'CoreV1ApiConnectGetNamespacedPodPortforwardRequest',
  'io.k8s.api.core.v1.PodProxyOptions': 'CoreV1ApiConnectGetNamespacedPodProxyRequest',
  'io.k8s.api.core.v1.ServiceProxyOptions': 'CoreV1ApiConnectGetNamespacedServiceProxyRequest',
};

/**
 * The generator has replaced every line end by a space: two spaces after a sentence were a paragraph, and more a list.
 */
const withLines = (text: string): string =>
  text
    .replace(/ {3,}/g, (spaces) => '\n'.repeat(2 - (spaces.length % 2)).padEnd(spaces.length))
    .replace(/([.:;)]|unset) {2}(?=[A-Z`])/g, '$1\n\n')
    .replace(/(\n {2}- \S+) {2}(?=\S)/g, '$1\n\n')
    .replace(/\. - (?=`)/g, '.\n- ');

/** Query parameters: of every type of options, and of all requests. */
function describeParameters(): {
  options: Record<string, Record<string, string>>;
  parameters: Record<string, string>;
} {
  const source = readFileSync(join(packages.client, 'gen/types/ObjectParamAPI.d.ts'), 'utf8');
  const field = new RegExp(String.raw`${COMMENT}\s*(\w+)\??: (?:string|number|boolean);`, 'g');
  const parametersOf = (request: string): Record<string, string> => {
    const body = captured(source, new RegExp(String.raw`^export interface ${request} \{\n(.*?)^\}`, 'ms'));
    if (body === undefined) throw new Error(`@kubernetes/client-node has no ${request}`);
    return Object.fromEntries(
      pairs(body, field).map(([comment, name]) => [name.replace(/^_/, ''), withLines(textOf(comment))]),
    );
  };
  const options = Object.entries(OPTIONS).map(([definition, request]) => {
    const { name, namespace, pretty, ...own } = parametersOf(request);
    return [definition, own] as const;
  });
  const { pretty = '' } = parametersOf('CoreV1ApiListNamespacedPodRequest');
  return { options: Object.fromEntries(options), parameters: { pretty } };
}

/** The generated client's texts of a type, if it has the type with the same fields. */
function describeByClient(definition: string, fields: Fields): Texts | undefined {
  const models = join(packages.client, 'gen/models');
  for (const name of candidates(definition)) {
    if (!existsSync(join(models, `${name}.d.ts`))) continue;
    const { names, ...texts } = describeClass(models, name);
    if (names.every((field) => fields[field] !== undefined)) return texts;
  }
  return undefined;
}

/** Path of a definition in kubernetes-models. */
function modelFile(definition: string): string {
  const path = definition.split('.');
  const [kind = '', version = '', group = ''] = [...path].reverse();
  if (definition.startsWith('io.k8s.apimachinery.'))
    return join(
      packages.meta,
      ...path.slice('io.k8s.apimachinery.pkg'.split('.').length, -1),
      `${kind}.d.ts`,
    );
  const folder = modelGroups.find((name) => name.split('.')[0] === group) ?? '';
  return join(packages.models, folder, version, `${kind}.d.ts`);
}

const modelGroups = existsSync(packages.models) ? readdirSync(packages.models) : [];

/** The texts of a type and of its fields in kubernetes-models. */
function describeByModels(definition: string, fields: Fields): Texts | undefined {
  const file = modelFile(definition);
  if (!existsSync(file)) return undefined;
  const source = readFileSync(file, 'utf8');
  const own = captured(source, new RegExp(String.raw`${COMMENT}\s*export (?:interface|type) I`));
  const body = captured(source, /^export interface I[^{]*\{\n(.*?)^\}/ms) ?? '';
  const field = new RegExp(String.raw`${COMMENT}\s*"([^"]+)"\??:`, 'g');
  return {
    description: own && linesOf(own),
    fields: Object.fromEntries(
      pairs(body, field)
        .filter(([, name]) => fields[name] !== undefined)
        .map(([comment, name]) => [name, linesOf(comment)]),
    ),
  };
}

const ENUM = '\n\nPossible enum values:\n';
/** Upstream's format for lists of values. */
const listValues = (values: readonly string[]): string =>
  `${ENUM}${values.map((value) => ` - \`"${value}"\``).join('\n')}`;
const flat = (text: string): string => text.split(ENUM)[0]!.replace(/\s+/g, ' ').trim();

/** A type's name without its version: texts of versions are mostly the same. */
const typeOf = (definition: string): string => definition.split('.').toSpliced(-2, 1).join('.');

const isReference = ({ type, container }: TableField): boolean =>
  container === undefined && type.startsWith('ref:');

/** The client's text of a field, with the line breaks and values of another version of the type. */
function describeField(
  name: string,
  field: TableField,
  client: Texts | undefined,
  twins: readonly Texts[],
): string | undefined {
  const known = twins.map((twin) => twin.fields[name]).filter((text) => text !== undefined);
  const text = isReference(field) ? undefined : client?.fields[name];
  if (text === undefined) return isReference(field) || field.type.endsWith('time') ? known[0] : undefined;
  const twin = known.find((candidate) => flat(candidate) === flat(text));
  if (twin !== undefined) return twin;
  return field.enum && field.container === undefined ? text + listValues(field.enum) : text;
}

/** Descriptions by definition, for every type in the tables that the packages cover. */
export function packageDescriptions(
  tables: readonly string[],
): OpenAPIDescriptions & { readonly definitions: Readonly<Record<string, Texts>> } {
  const types = tables.flatMap((table) =>
    Object.entries(JSON.parse(readFileSync(table, 'utf8')) as Readonly<Record<string, TableType>>),
  );
  const models = new Map<string, Texts>();
  const versions = new Map<string, Texts[]>();
  for (const [definition, { fields = {} }] of types) {
    const model = describeByModels(definition, fields);
    if (model === undefined) continue;
    models.set(definition, model);
    versions.set(typeOf(definition), [...(versions.get(typeOf(definition)) ?? []), model]);
  }
  const definitions: Record<string, Texts> = {};
  for (const [definition, { fields = {} }] of types) {
    const model = models.get(definition);
    const client = describeByClient(definition, fields);
    if (model === undefined && client === undefined) continue;
    const twins = versions.get(typeOf(definition)) ?? [];
    const texts = Object.entries(fields)
      .map(([name, field]): [string, string | undefined] => [
        name,
        model?.fields[name] ?? describeField(name, field, client, twins),
      ])
      .filter((entry): entry is [string, string] => entry[1] !== undefined);
    const own = model?.description ?? client?.description;
    const twin = twins.find(
      ({ description }) => description !== undefined && flat(description) === flat(own ?? ''),
    );
    definitions[definition] = { description: twin?.description ?? own, fields: Object.fromEntries(texts) };
  }
  const { options, parameters } = describeParameters();
  for (const [definition, fields] of Object.entries(options)) {
    definitions[definition] = {
      description: definitions[definition]?.description,
      fields: { ...fields, ...definitions[definition]?.fields },
    };
  }
  return { definitions, parameters };
}
