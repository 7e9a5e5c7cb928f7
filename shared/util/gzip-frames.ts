/**
 * Compression of a stream in which every piece must arrive immediately: the bytes available at one moment become a gzip
 * member of their own, so that no compressor state is kept between pieces (upstream's watch writer does the same at
 * each flush).
 */

import { gzipPieces } from './gzip.ts';
import { END, ReadyIterator, readyIterator, type Taken } from './ready-iterator.ts';

/** Bytes; anything beyond goes into the next member. */
const MAX_MEMBER = 256 * 1024;

/** The pieces must not change afterwards: a piece shared by many streams is compressed once. */
export function gzipFrames(source: AsyncIterable<Uint8Array>): ReadyIterator<Uint8Array> {
  return new GzippedFrames(readyIterator(source));
}

class GzippedFrames extends ReadyIterator<Uint8Array> {
  readonly #source: ReadyIterator<Uint8Array>;
  #isEmpty = false;
  #ended = false;

  constructor(source: ReadyIterator<Uint8Array>) {
    super();
    this.#source = source;
  }

  override whenReady(ready: () => void): void {
    if (this.#isEmpty) this.#source.whenReady(ready);
    else super.whenReady(ready);
  }

  async return(): Promise<typeof END> {
    this.#ended = true;
    return this.#source.return();
  }

  protected takeNow(): Taken<Uint8Array> {
    this.#isEmpty = false;
    const pieces: Uint8Array[] = [];
    let size = 0;
    while (!this.#ended && size < MAX_MEMBER) {
      const taken = this.#source.take();
      if (taken === undefined) {
        if (pieces.length > 0) break;
        this.#isEmpty = true;
        return undefined;
      }
      if (taken.done) this.#ended = true;
      else {
        pieces.push(taken.value);
        size += taken.value.byteLength;
      }
    }
    if (pieces.length === 0) return END;
    return this.await(gzipPieces(pieces).then((value) => ({ done: false, value })));
  }
}
