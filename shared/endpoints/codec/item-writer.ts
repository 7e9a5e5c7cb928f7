/** Builds answers and watch events from items that are each encoded once per version. */

import type { KubeObject } from '../../meta/kube-object.ts';
import type { ListMeta } from '../../meta/v1/types.ts';
import type { RESTList, RESTObject } from '../../rest/rest-storage.ts';
import { formatGroupVersion, type GroupVersionKind } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import type { ItemEncoding } from '../../runtime/serializer/item-encoding.ts';
import { jsonHead } from '../../runtime/serializer/json/json-items.ts';
import { stringifyJSON } from '../../util/exact-json.ts';
import { listKindOf, type RequestScope } from '../resource/request-scope.ts';
import { ItemForm } from './item-form.ts';
import { recentLists } from './recent-lists.ts';
import { asPartialObjectMetadata } from './transform.ts';

export interface SingleOptions {
  /** For watches: only the first event includes a table's columns. */
  readonly noHeaders?: boolean | undefined;
}

export interface ItemWriter {
  /** Milliseconds for which the encoding of a version stays valid. */
  readonly lastMs: number;
  /** The same bytes as the serializer of this media type writes. */
  single(item: RESTObject, options?: SingleOptions): Promise<Uint8Array>;
  list(list: RESTList): Promise<Uint8Array>;
}

export function listMeta({ resourceVersion, continue: next, remainingItemCount, shard }: RESTList): ListMeta {
  return {
    ...(resourceVersion && { resourceVersion }),
    ...(next && { continue: next }),
    ...(remainingItemCount && { remainingItemCount }),
    ...(shard !== undefined && { shardInfo: { selector: shard } }),
  };
}

/** Metadata of a list of whole objects. Lists of custom resources always set `continue`. */
export const objectListMeta = ({ custom }: RequestScope, list: RESTList): ListMeta => ({
  ...(custom && { continue: '' }),
  ...listMeta(list),
});

const sizeOfBytes = ({ length }: Uint8Array): number => length;

/** Writes whole objects in the requested version. */
export class ObjectItems implements ItemWriter {
  readonly lastMs = Number.POSITIVE_INFINITY;
  readonly #scope: RequestScope;
  readonly #encoding: ItemEncoding;
  readonly #form: ItemForm<Uint8Array>;
  /**
   * Offset of the item in its stored bytes, which are sent unchanged; undefined if the stored encoding can't be used.
   */
  readonly #storedAt: number | undefined;

  constructor(scope: RequestScope, encoding: ItemEncoding, isStored: boolean) {
    this.#scope = scope;
    this.#encoding = encoding;
    this.#storedAt = isStored ? Buffer.byteLength(jsonHead(scope.kind)) : undefined;
    this.#form = new ItemForm(async (objects: readonly KubeObject[]) => {
      const shown = await scope.convertor.fromInternal(objects, scope.kind);
      return shown.map((object) => encoding.item(object));
    }, sizeOfBytes);
  }

  async single(item: RESTObject): Promise<Uint8Array> {
    return this.#encoding.single(this.#scope.kind, this.#stored(item) ?? (await this.#form.one(item)));
  }

  async list(list: RESTList): Promise<Uint8Array> {
    const { kind, custom } = this.#scope;
    const head = {
      kind: listKindOf(this.#scope),
      apiVersion: formatGroupVersion(kind),
      metadata: objectListMeta(this.#scope, list),
    };
    const stored = this.#storedAt !== undefined && list.items.every(({ bytes }) => bytes !== undefined);
    const versions = stored ? list.items.map(({ bytes }) => bytes!) : await this.#form.all(list.items);
    return recentLists.of({ owner: this, head: stringifyJSON(head), versions }, () => {
      const items = stored ? versions.map((bytes) => bytes.subarray(this.#storedAt)) : versions;
      // Items omit their kind, which follows from the list's, except those of custom resources.
      return this.#encoding.list(head, items, custom && kind);
    });
  }

  #stored({ bytes }: RESTObject): Uint8Array | undefined {
    return this.#storedAt === undefined ? undefined : bytes?.subarray(this.#storedAt);
  }
}

/** Writes the metadata of objects only. */
export class MetadataItems implements ItemWriter {
  readonly lastMs = Number.POSITIVE_INFINITY;
  readonly #encoding: ItemEncoding;
  readonly #kind: GroupVersionKind;
  readonly #form: ItemForm<Uint8Array>;

  /** `version` is a version of meta.k8s.io. */
  constructor(encoding: ItemEncoding, version: string) {
    this.#encoding = encoding;
    this.#kind = { group: 'meta.k8s.io', version, kind: 'PartialObjectMetadata' };
    this.#form = new ItemForm(
      async (objects: readonly KubeObject[]) =>
        objects.map((object) => encoding.item(asPartialObjectMetadata(object, this.#kind))),
      sizeOfBytes,
    );
  }

  async single(item: RESTObject): Promise<Uint8Array> {
    return this.#encoding.single(this.#kind, await this.#form.one(item));
  }

  async list(list: RESTList): Promise<Uint8Array> {
    const head = {
      kind: 'PartialObjectMetadataList',
      apiVersion: formatGroupVersion(this.#kind),
      metadata: listMeta(list),
    } as RuntimeObject & { metadata: ListMeta };
    const versions = await this.#form.all(list.items);
    return recentLists.of({ owner: this, head: stringifyJSON(head), versions }, () =>
      this.#encoding.list(head, versions, this.#kind),
    );
  }
}
