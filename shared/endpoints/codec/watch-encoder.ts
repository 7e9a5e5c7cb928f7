/**
 * Encodes watch events as frames of a stream
 * (https://github.com/kubernetes/apiserver/blob/master/pkg/endpoints/handlers/watch.go).
 */

import { type RESTObject, type RESTWatchEvent, restObject } from '../../rest/rest-storage.ts';
import { formatGroupVersion } from '../../runtime/group-version.ts';
import type { RuntimeObject } from '../../runtime/scheme.ts';
import type { StreamSerializer } from '../../runtime/serializer/serializer.ts';
import type { ItemWriter } from './item-writer.ts';
import { framesOf, type RecentFrames } from './recent-frames.ts';
import { itemWriter, type Output, shownItem, transformObject } from './response.ts';
import { toStatusError } from './statuses.ts';

/** Annotation of the bookmark that ends the initial events of a WatchList request. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';
const SPACE = new Uint8Array([0x20]);

export class WatchEncoder {
  readonly contentType: string;
  /** Whether events are text, for transports that distinguish text from binary (WebSocket). */
  readonly isText: boolean;
  /** Length of the prefix of each frame that a message-based transport omits. */
  readonly lengthBytes: number;
  /** Bytes that may be sent between events and that clients ignore; undefined if the encoding has none. */
  readonly filler: Uint8Array | undefined;
  readonly #output: Output;
  readonly #stream: StreamSerializer;
  readonly #writer: ItemWriter | undefined;
  readonly #frames: RecentFrames | undefined;
  /** Set after the first event of a table, which alone includes the columns. */
  #noHeaders: boolean;

  constructor(output: Output) {
    // Upstream never pretty-prints watch events.
    this.#output = { ...output, mediaType: { ...output.mediaType, pretty: false } };
    this.#stream = output.mediaType.info.streamSerializer!;
    this.contentType = this.#stream.contentType;
    this.isText = this.#stream.isText;
    this.lengthBytes = this.#stream.lengthBytes;
    // Whitespace before a JSON value is insignificant, both to clients that read values and to those that read lines.
    this.filler = this.isText ? SPACE : undefined;
    this.#noHeaders = output.mediaType.convert?.kind !== 'Table';
    this.#writer = itemWriter(this.#output, 'object');
    this.#frames = this.#writer && framesOf(this.#writer);
  }

  /** Returns bytes synchronously if the event was already encoded for another watch. */
  encode(event: RESTWatchEvent): Uint8Array | Promise<Uint8Array> {
    if (event.type === 'BOOKMARK') return this.#encodeBookmark(event);
    const { type } = event;
    const item = shownItem(this.#output, event.item);
    const noHeaders = this.#noHeaders;
    this.#noHeaders = true;
    if (this.#frames === undefined || item.forms === undefined)
      return this.#encodeItem(type, item, noHeaders);
    const label = noHeaders ? type : `${type}, the first`;
    return this.#frames.of(label, item.forms, () => this.#encodeItem(type, item, noHeaders));
  }

  async #encodeItem(type: string, item: RESTObject, noHeaders: boolean): Promise<Uint8Array> {
    if (this.#writer !== undefined)
      return this.#stream.encodeEvent(type, await this.#writer.single(item, { noHeaders }));
    const object = await transformObject(this.#output, item, { noHeaders });
    return this.#stream.encodeEvent(type, this.#serialize(object));
  }

  /** The last frame of a watch that fails. */
  encodeError(error: unknown): Uint8Array {
    return this.#stream.encodeEvent('ERROR', this.#serialize({ ...toStatusError(error).status }));
  }

  async #encodeBookmark(event: RESTWatchEvent & { type: 'BOOKMARK' }): Promise<Uint8Array> {
    const { scope, mediaType } = this.#output;
    const metadata = {
      resourceVersion: event.resourceVersion,
      ...(event.initialEventsEnd && { annotations: { [INITIAL_EVENTS_END]: 'true' } }),
    };
    if (mediaType.convert === undefined) {
      const { kind, convertor } = scope;
      // Upstream sends an empty object, of which Go encodes the fields without `omitempty`.
      const [nothing] = await convertor.fromInternal([convertor.newObject()], kind);
      const bookmark = { ...nothing, kind: kind.kind, apiVersion: formatGroupVersion(kind), metadata };
      return this.#stream.encodeEvent('BOOKMARK', this.#serialize(bookmark));
    }
    // Printers read fields of the object, so a bookmark for a table needs a complete one.
    const bookmark = restObject({ ...scope.convertor.newObject(), metadata });
    const object = await transformObject(this.#output, bookmark, { noHeaders: this.#noHeaders });
    this.#noHeaders = true;
    return this.#stream.encodeEvent('BOOKMARK', this.#serialize(object));
  }

  #serialize(object: RuntimeObject): Uint8Array {
    return this.#output.mediaType.info.serializer.encode(object);
  }
}
