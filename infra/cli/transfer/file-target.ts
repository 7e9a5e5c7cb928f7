/** An export as files, one for each resource, named in the order in which to apply them. */

import { createWriteStream, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { newObject, reasonNotCreated } from '../../../shared/backup/new-object.ts';
import type { OutgoingResource } from '../../../shared/backup/outgoing-resources.ts';
import type { UnstructuredObject } from '../../../shared/meta/kube-object.ts';
import { formatGroupResource } from '../../../shared/runtime/group-version.ts';
import { writeYAML } from '../../../shared/runtime/serializer/yaml/write-yaml.ts';
import { stringifyJSON } from '../../../shared/util/exact-json.ts';
import type { ExportReport, ExportTarget } from './export-target.ts';

type Format = (objects: readonly UnstructuredObject[]) => Iterable<string>;

const FORMATS: Readonly<Record<string, Format>> = {
  *yaml(objects) {
    for (const object of objects) yield `---\n${writeYAML(object)}`;
  },
  *json(objects) {
    yield '{"kind":"List","apiVersion":"v1","metadata":{},"items":[\n';
    for (const [i, object] of objects.entries()) yield `${i === 0 ? '' : ',\n'}${stringifyJSON(object)}`;
    yield '\n]}\n';
  },
};

export interface FileTargetOptions {
  /** Must be empty or absent. */
  readonly folder: string;
  /** `yaml` or `json`. */
  readonly format: string;
  /** Whole objects, with uids, owners, times, managed fields and status. */
  readonly keepUids: boolean;
}

/** Throws Error for a folder that is not empty, and for an unknown format. */
export function newFileTarget(
  { folder, format, keepUids }: FileTargetOptions,
  { skipped, changed }: ExportReport,
): ExportTarget {
  const write = FORMATS[format];
  if (write === undefined)
    throw new Error(`--format ${format}: there are ${Object.keys(FORMATS).join(', ')}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (readdirSync(folder).length > 0) throw new Error(`${folder} is not empty`);
  let files = 0;
  let written = 0;

  function asNew(name: string, stored: UnstructuredObject): UnstructuredObject | undefined {
    const reason = reasonNotCreated(name, stored);
    if (reason !== undefined) {
      skipped(name, 1, reason);
      return undefined;
    }
    const { object, owners } = newObject(name, stored);
    if (owners.length > 0) changed(name, 1, "without their owners, whose uids kubectl can't know");
    return object;
  }

  return {
    async take(resource: OutgoingResource) {
      const name = formatGroupResource(resource);
      const objects = keepUids
        ? resource.objects
        : resource.objects.flatMap((stored) => asNew(name, stored) ?? []);
      if (objects.length === 0) return;
      const file = join(folder, `${String(files++).padStart(3, '0')}-${name}.${format}`);
      await pipeline(Readable.from(write(objects)), createWriteStream(file, { mode: 0o600, flags: 'wx' }));
      written += objects.length;
    },
    async finish() {
      return `${written} objects written to ${files} files in ${folder}`;
    },
  };
}
