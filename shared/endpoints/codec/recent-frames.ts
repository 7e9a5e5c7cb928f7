import type { ObjectForms } from '../../storage/object-forms.ts';
import type { ItemWriter } from './item-writer.ts';

/** Who watches the same gets the same event at about the same time: so many events, of so many bytes, are kept. */
const KEPT_FRAMES = 32;
const KEPT_BYTES = 1024 * 1024;

interface Frame {
  /** What else than the object it is made of. */
  readonly label: string;
  readonly until: number;
  /** Itself once it is made. */
  bytes: Uint8Array | Promise<Uint8Array>;
  size: number;
}

/** The latest events of one resource in one form, so that each is encoded once for all who watch. */
export class RecentFrames {
  readonly #lastMs: number;
  /** In the order they were begun. */
  readonly #frames = new Map<ObjectForms, Frame>();
  #bytes = 0;

  /** `lastMs`: milliseconds after which what is made of a version differs. */
  constructor(lastMs: number) {
    this.#lastMs = lastMs;
  }

  /** The frame of `label`, which `make` makes, unless it was made lately or is being made. */
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
