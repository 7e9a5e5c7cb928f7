import type { ObjectForms } from '../../storage/object-forms.ts';
import type { ItemWriter } from './item-writer.ts';

/** Who watches the same gets the same event at about the same time: so many events, of so many bytes, are kept. */
const KEPT_FRAMES = 32;
const KEPT_BYTES = 1024 * 1024;

/** The latest events of one resource in one form, so that each is encoded once for all who watch. */
export class RecentFrames {
  /** In the order they were made. */
  readonly #frames = new Map<ObjectForms, { readonly type: string; readonly frame: Uint8Array }>();
  #bytes = 0;

  get(type: string, forms: ObjectForms | undefined): Uint8Array | undefined {
    const kept = forms && this.#frames.get(forms);
    return kept?.type === type ? kept.frame : undefined;
  }

  set(type: string, forms: ObjectForms | undefined, frame: Uint8Array): void {
    if (forms === undefined || frame.length > KEPT_BYTES) return;
    this.#delete(forms);
    this.#frames.set(forms, { type, frame });
    this.#bytes += frame.length;
    for (const oldest of this.#frames.keys()) {
      if (this.#frames.size <= KEPT_FRAMES && this.#bytes <= KEPT_BYTES) return;
      this.#delete(oldest);
    }
  }

  #delete(forms: ObjectForms): void {
    const kept = this.#frames.get(forms);
    if (kept === undefined) return;
    this.#bytes -= kept.frame.length;
    this.#frames.delete(forms);
  }
}

const FRAMES = new WeakMap<ItemWriter, RecentFrames>();

export function framesOf(writer: ItemWriter): RecentFrames {
  let frames = FRAMES.get(writer);
  if (frames === undefined) {
    frames = new RecentFrames();
    FRAMES.set(writer, frames);
  }
  return frames;
}
