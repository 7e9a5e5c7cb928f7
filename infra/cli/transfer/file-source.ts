/** Reads objects from YAML and JSON files, as written by `zeroplane export`. */

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ForeignResource } from '../../../shared/backup/foreign-records.ts';
import type { Skipped } from '../../../shared/backup/reason-counts.ts';
import type { KubeObject } from '../../../shared/meta/kube-object.ts';
import { gvkOf } from '../../../shared/runtime/group-version.ts';
import type { RuntimeObject, Scheme } from '../../../shared/runtime/scheme.ts';
import type { CodecFactory } from '../../../shared/runtime/serializer/codec-factory.ts';
import { convertYAMLHere } from '../../../shared/runtime/serializer/yaml/convert-yaml.ts';
import { parseJSON, stringifyJSON } from '../../../shared/util/exact-json.ts';
import { highest } from '../../../shared/util/extremes.ts';
import { isJSONObject } from '../../../shared/util/json.ts';
import { foreignResources } from './foreign-resources.ts';

export interface FileSourceOptions {
  /** A file, or a folder whose files are read in the order of their names. */
  readonly path: string;
  readonly scheme: Scheme;
  readonly codecs: CodecFactory;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Objects without a uid get one, and `now` as their creation time. Throws Error, with the file's name, for invalid
 * objects.
 */
export async function* fileResources(
  options: FileSourceOptions,
  skipped: Skipped,
): AsyncGenerator<ForeignResource> {
  const objects: RuntimeObject[] = [];
  for (const file of filesAt(options.path)) {
    try {
      for (const value of valuesIn(readFileSync(file, 'utf8'))) objects.push(objectOf(value, options));
    } catch (error) {
      throw new Error(`${file}: ${(error as Error).message}`);
    }
  }
  const revisions = objects.map((object) => Number((object as KubeObject).metadata.resourceVersion));
  yield* foreignResources(objects, highest(revisions.filter(Number.isSafeInteger), 1), skipped);
}

function filesAt(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new Error(`there is no file or folder ${path}`);
  if (!found.isDirectory()) return [path];
  const files = readdirSync(path)
    .filter((name) => /\.(ya?ml|json)$/.test(name))
    .sort();
  if (files.length === 0) throw new Error(`${path} has no .yaml, .yml or .json file`);
  return files.map((name) => join(path, name));
}

/** Documents, and the items of lists. */
function* valuesIn(text: string): Generator<unknown> {
  for (const document of text.split(/^---[ \t]*$/m)) {
    if (document.trim() === '') continue;
    const value = parseJSON(convertYAMLHere(document).text);
    if (isJSONObject(value) && value['kind'] === 'List' && Array.isArray(value['items']))
      yield* value['items'];
    else if (value !== null) yield value;
  }
}

function objectOf(value: unknown, { scheme, codecs, now }: FileSourceOptions): RuntimeObject {
  if (!isJSONObject(value) || typeof value['kind'] !== 'string' || typeof value['apiVersion'] !== 'string') {
    throw new Error('an object has no kind or no apiVersion');
  }
  const read = scheme.recognizes(gvkOf(value as RuntimeObject))
    ? codecs.json.serializer.decode(Buffer.from(stringifyJSON(value))).object
    : value;
  const { metadata } = read as KubeObject;
  if (typeof metadata?.name !== 'string' || metadata.name === '')
    throw new Error(`a ${value['kind']} has no name`);
  metadata.uid ??= randomUUID();
  metadata.creationTimestamp ??= new Date(now).toISOString().replace(/\.\d+/, '');
  return read as RuntimeObject;
}
