/** Assembles JSON of objects: an item is everything after the kind, including the comma before it. */

import { breathe, shouldYield } from '../../../util/breathe.ts';
import { stringifyJSON } from '../../../util/exact-json.ts';
import { joinBytes } from '../../../util/join-bytes.ts';
import { formatGroupVersion, type GroupVersionKind } from '../../group-version.ts';
import type { ItemEncoding } from '../item-encoding.ts';

const COMMA = Buffer.from(',');
const OPEN = Buffer.from('{');
const COMMA_OPEN = Buffer.from(',{');
const NEWLINE = Buffer.from('\n');
const LIST_END = Buffer.from(']}\n');

/** The start of every object stored as `gvk`; the rest is its item. */
export function jsonHead(gvk: GroupVersionKind): string {
  return `{"kind":${JSON.stringify(gvk.kind)},"apiVersion":${JSON.stringify(formatGroupVersion(gvk))}`;
}

export const jsonItems: ItemEncoding = {
  item({ kind: _kind, apiVersion: _apiVersion, ...fields }) {
    const bytes = Buffer.from(stringifyJSON(fields));
    bytes[0] = COMMA[0]!;
    return bytes;
  },

  single(kind, item) {
    return Buffer.concat([Buffer.from(jsonHead(kind)), item, NEWLINE]);
  },

  async list({ kind, apiVersion, ...rest }, items, itemKind) {
    const head = stringifyJSON({ kind, apiVersion, ...rest });
    const parts: Uint8Array[] = [Buffer.from(`${head.slice(0, -1)},"items":[`)];
    const itemHead = itemKind && Buffer.from(jsonHead(itemKind));
    const laterHead = itemHead && Buffer.concat([COMMA, itemHead]);
    for (const [index, item] of items.entries()) {
      if (itemHead !== undefined) parts.push(index === 0 ? itemHead : laterHead!, item);
      else parts.push(index === 0 ? OPEN : COMMA_OPEN, item.subarray(1));
      if (shouldYield()) await breathe();
    }
    parts.push(LIST_END);
    return joinBytes(parts);
  },
};
