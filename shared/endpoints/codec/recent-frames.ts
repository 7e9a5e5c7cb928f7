import type { ObjectForms } from '../../storage/object-forms.ts';
import type { ItemWriter } from './item-writer.ts';

/**
 * Limits of the cache, in frames and bytes. Watches of the same resource send the same event at about the same time.
 */
const KEPT_FRAMES = 32;
const KEPT_BYTES = 1024 * 1024;

interface Frame {
  /** Identifies the frame among those of the same object. */
  readonly label: string;
  readonly until: number;
  /** The bytes replace the promise once it resolves. */
  bytes: Uint8Array | Promise<Uint8Array>;
  size: number;
}

/** Cache of the latest events of one resource in one encoding, so that each is encoded once for all watches. */
export class RecentFrames {
  readonly #lastMs: number;
  /** In the order in which encoding began. */
  readonly #frames = new Map<ObjectForms, Frame>();
  #bytes = 0;

  /** `lastMs`: milliseconds for which a frame stays valid. */
  constructor(lastMs: number) {
    this.#lastMs = lastMs;
  }

  /** Returns the cached frame of `label`, which may still be in the making, or calls `make`. */
  of(label: string, forms: ObjectForms, make: () => Promise<Uint8Array>): Uint8Array | Promise<Uint8Array> {
    const now = performance.now();
    const kept = this.#frames.get(forms);
    if (kept?.label === label && kept.until > now) return kept.bytes;
    this.#delete(forms);
    const bytes = make();
    const frame: Frame = { label, until: now + this.#lastMs, bytes, size: 0 };
    this.#frames.set(forms, frame);
    bytes.then(
      (made) => this.#made(forms, frame, made),
      () => this.#frames.get(forms) === frame && this.#delete(forms),
    );
    return bytes;
  }

  #made(forms: ObjectForms, frame: Frame, made: Uint8Array): void {
    if (this.#frames.get(forms) !== frame) return;
    if (made.length > KEPT_BYTES) {
      this.#delete(forms);
      return;
    }
    frame.bytes = made;
    frame.size = made.length;
    this.#bytes += made.length;
    for (const oldest of this.#frames.keys()) {
      if (this.#frames.size <= KEPT_FRAMES && this.#bytes <= KEPT_BYTES) return;
      this.#delete(oldest);
    }
  }

  #delete(forms: ObjectForms): void {
    const kept = this.#frames.get(forms);
    if (kept === undefined) return;
    this.#bytes -= kept.size;
    this.#frames.delete(forms);
  }
}

const FRAMES = new WeakMap<ItemWriter, RecentFrames>();

export function framesOf(writer: ItemWriter): RecentFrames {
  let frames = FRAMES.get(writer);
  if (frames === undefined) {
    frames = new RecentFrames(writer.lastMs);
    FRAMES.set(writer, frames);
  }
  return frames;
}
