import type { RESTList } from '../../rest/rest-storage.ts';
import { formatGroupVersion } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import { breathe } from '../../util/breathe.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { joinBytes } from '../../util/join-bytes.ts';
import { listKindOf, type RequestScope } from '../resource/request-scope.ts';
import { batchesOf, objectsOf } from './item-batches.ts';
import { objectListMeta } from './item-writer.ts';
import type { OutputMediaType } from './negotiation.ts';

/** How a list that has items is put together from their texts. */
interface ListForm {
  text(list: object): string | Promise<string>;
  /** What stands in place of the items in the text of a list that has none. */
  readonly none: string;
  /** What stands around them in one that has some. */
  readonly around: readonly [before: string, after: string];
  item(item: object, isFirst: boolean): string | Promise<string>;
}

/** JSON as the pretty serializer writes it. */
const PRETTY: ListForm = {
  text: (list) => stringifyJSON(list, 2),
  none: '"items": []',
  around: ['"items": [\n    ', '\n  ]'],
  item(item, isFirst) {
    const text = stringifyJSON(item, 2).replaceAll('\n', '\n    ');
    return isFirst ? text : `,\n    ${text}`;
  },
};

function yaml({ serializer }: OutputMediaType): ListForm {
  const name = 'items:\n';
  const text = async (value: object) =>
    Buffer.from(
      (await serializer.encodeInPieces?.(value as RuntimeObject)) ??
        serializer.encode(value as RuntimeObject),
    ).toString();
  return {
    text,
    none: 'items: []\n',
    around: [name, ''],
    item: async (item) => (await text({ items: [item] })).slice(name.length),
  };
}

/** Undefined for media types whose lists are joined from encodings that are kept. */
export function slicedFormOf(mediaType: OutputMediaType): ListForm | undefined {
  if (mediaType.convert !== undefined) return undefined;
  if (mediaType.info.mediaType === 'application/yaml') return yaml(mediaType);
  return mediaType.pretty ? PRETTY : undefined;
}

/** A list for people, in slices: a long one holds up nobody. */
export async function slicedList(scope: RequestScope, list: RESTList, form: ListForm): Promise<Uint8Array> {
  const apiVersion = formatGroupVersion(scope.kind);
  const empty = await form.text({
    kind: listKindOf(scope),
    apiVersion,
    metadata: objectListMeta(scope, list),
    items: [],
  });
  if (list.items.length === 0) return Buffer.from(empty);
  const at = empty.lastIndexOf(form.none);
  const [before, after] = form.around;
  const parts: Uint8Array[] = [Buffer.from(empty.slice(0, at) + before)];
  for (const batch of batchesOf(list.items)) {
    for (const item of await scope.convertor.fromInternal(await objectsOf(batch), scope.kind)) {
      const shown = scope.custom ? item : withoutKind(item);
      parts.push(Buffer.from(await form.item(shown, parts.length === 1)));
      await breathe();
    }
  }
  parts.push(Buffer.from(after + empty.slice(at + form.none.length)));
  return joinBytes(parts);
}

/** All but custom resources leave their kind to the list. */
export function withoutKind({ kind: _kind, apiVersion: _apiVersion, ...rest }: RuntimeObject): RuntimeObject {
  return rest;
}
