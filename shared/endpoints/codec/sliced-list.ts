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

/** How to assemble a list from the texts of its items. */
interface ListForm {
  text(list: object): string | Promise<string>;
  /** The text of the empty `items` in a list without items, which is replaced. */
  readonly none: string;
  /** The texts before and after the items in a list with items. */
  readonly around: readonly [before: string, after: string];
  item(item: object, isFirst: boolean): string | Promise<string>;
}

/** JSON in the layout of the pretty-printing serializer. */
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

/** Undefined for media types whose lists are assembled from cached encodings. */
export function slicedFormOf(mediaType: OutputMediaType): ListForm | undefined {
  if (mediaType.convert !== undefined) return undefined;
  if (mediaType.info.mediaType === 'application/yaml') return yaml(mediaType);
  return mediaType.pretty ? PRETTY : undefined;
}

/** Encodes a list in a human-readable form in slices, so that a long list doesn't block the event loop. */
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

/** Items omit their kind, which follows from the list's, except those of custom resources. */
export function withoutKind({ kind: _kind, apiVersion: _apiVersion, ...rest }: RuntimeObject): RuntimeObject {
  return rest;
}
