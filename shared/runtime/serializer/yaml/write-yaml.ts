/** Values as YAML, as `sigs.k8s.io/yaml` writes them: at once, or in pieces between which others go first. */

import { stringify } from 'yaml';
import { breathe } from '../../../util/breathe.ts';

const OPTIONS = {
  version: '1.1',
  aliasDuplicateObjects: false,
  indentSeq: false,
  lineWidth: 0,
  sortMapEntries: true,
} as const;

/** So many values are written in one go. */
const FEW = 500;

export const writeYAML = (value: unknown): string => stringify(value, OPTIONS);

/** The same text as `writeYAML`'s; a container of more than `few` values is put together from those of its members. */
export async function writeYAMLInPieces(value: unknown, few = FEW): Promise<string> {
  return sizeUpTo(value, few + 1) <= few ? writeYAML(value) : writeLarge(value as object, few, writeYAML);
}

/** `write`: `writeInside` of what is within another container, where less must be quoted. */
async function writeLarge(value: object, few: number, write: (value: object) => string): Promise<string> {
  const isList = Array.isArray(value);
  const parts: string[] = [];
  let batch: [string, unknown][] = [];
  let left = few;
  const flush = async () => {
    if (batch.length > 0) {
      // Unlike an assignment, `fromEntries` takes `__proto__` for a key.
      parts.push(write(isList ? batch.map(([, member]) => member) : Object.fromEntries(batch)));
    }
    batch = [];
    left = few;
    await breathe();
  };
  for (const [key, member] of isList ? value.entries() : sortedEntries(value)) {
    const size = sizeUpTo(member, few + 1);
    const head = size <= few ? undefined : isList ? '- ' : headOf(String(key), write);
    if (head === undefined) {
      batch.push([String(key), member]);
      left -= size;
      if (left <= 0) await flush();
      continue;
    }
    await flush();
    const text = await writeLarge(member as object, few, writeInside);
    if (isList) parts.push(head + indented(text).slice(head.length));
    else parts.push(head + (Array.isArray(member) ? text : indented(text)));
  }
  await flush();
  return parts.join('');
}

/** As it stands below a key, without its indent. */
function writeInside(value: object): string {
  const text = writeYAML({ k: value }).slice('k:\n'.length);
  return Array.isArray(value) ? text : text.replaceAll(/(^|\n) {2}/g, '$1');
}

/** A key and its line feed; undefined of one that takes more than a line. */
function headOf(key: string, write: (value: object) => string): string | undefined {
  const text = write({ [key]: [0] });
  return text.endsWith(':\n- 0\n') ? text.slice(0, -'- 0\n'.length) : undefined;
}

/** Lines of block scalars that are empty stay so. Only a line feed ends one: strings may hold other separators. */
const indented = (text: string): string => text.replaceAll(/(^|\n)(?=[^\n])/g, '$1  ');

const sortedEntries = (value: object): [string, unknown][] =>
  Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** How many values there are, itself counted, or `limit` if that is fewer. */
function sizeUpTo(value: unknown, limit: number): number {
  let size = 1;
  if (typeof value !== 'object' || value === null) return size;
  for (const member of Object.values(value)) {
    if (size >= limit) return limit;
    // What is undefined is left out.
    if (member !== undefined) size += sizeUpTo(member, limit - size);
  }
  return size;
}
