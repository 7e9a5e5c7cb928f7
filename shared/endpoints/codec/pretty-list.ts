import type { RESTList } from '../../rest/rest-storage.ts';
import { formatGroupVersion } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { joinBytes } from '../../util/join-bytes.ts';
import { TimeSlices } from '../../util/time-slices.ts';
import { listKindOf, type RequestScope } from '../resource/request-scope.ts';
import { objectListMeta } from './item-writer.ts';

/** So many are converted in one go. */
const BATCH = 8;
/** What ends a list without items; the rest of one stands between the brackets. */
const EMPTY_END = '[]\n}';

/** A list as JSON for people, as the pretty serializer writes it, in slices: a long one holds up nobody. */
export async function prettyList(scope: RequestScope, list: RESTList): Promise<Uint8Array> {
  const apiVersion = formatGroupVersion(scope.kind);
  const empty = stringifyJSON(
    { kind: listKindOf(scope), apiVersion, metadata: objectListMeta(scope, list), items: [] },
    2,
  );
  if (list.items.length === 0) return Buffer.from(empty);
  const slices = new TimeSlices();
  const parts: Uint8Array[] = [Buffer.from(`${empty.slice(0, -EMPTY_END.length)}[\n    `)];
  for (let from = 0; from < list.items.length; from += BATCH) {
    const objects = list.items.slice(from, from + BATCH).map((item) => item.object());
    const items = await scope.convertor.fromInternal(objects, scope.kind);
    for (const [index, item] of items.entries()) {
      const shown = scope.custom ? item : withoutKind(item);
      const text = stringifyJSON(shown, 2).replaceAll('\n', '\n    ');
      parts.push(Buffer.from(from + index === 0 ? text : `,\n    ${text}`));
    }
    await slices.pause();
  }
  parts.push(Buffer.from('\n  ]\n}'));
  return joinBytes(parts);
}

/** All but custom resources leave their kind to the list. */
export function withoutKind({ kind: _kind, apiVersion: _apiVersion, ...rest }: RuntimeObject): RuntimeObject {
  return rest;
}
