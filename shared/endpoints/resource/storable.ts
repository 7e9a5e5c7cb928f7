/** Objects of many values that no storage takes are refused before conversion, admission and validation cost seconds. */

import type { KubeObject } from '../../meta/kube-object.ts';
import { newRequestEntityTooLarge } from '../../meta/status-error.ts';
import { MAX_OBJECT_BYTES } from '../../storage/object-limit.ts';
import { breathe } from '../../util/breathe.ts';

/** With fewer values nothing takes long, and what validation says of a large one is the better answer. */
const FEW_VALUES = 5_000;

/**
 * To be awaited before each expensive step of a write. Throws RequestEntityTooLarge for what the storage would refuse
 * in any case; a status, which some writes leave out, doesn't count.
 */
export async function checkStorable(object: KubeObject): Promise<void> {
  await breathe();
  const size = { bytes: 0, values: 0 };
  for (const [key, value] of Object.entries(object)) if (key !== 'status') measure(value, size);
  if (size.values > FEW_VALUES && size.bytes > MAX_OBJECT_BYTES) {
    throw newRequestEntityTooLarge(`the object takes more than ${MAX_OBJECT_BYTES} bytes`);
  }
  await breathe();
}

interface Size {
  /** Of JSON, at least. */
  bytes: number;
  values: number;
}

function measure(value: unknown, size: Size): void {
  if (size.bytes > MAX_OBJECT_BYTES && size.values > FEW_VALUES) return;
  size.values++;
  if (typeof value === 'string') size.bytes += value.length + 2;
  else if (typeof value !== 'object' || value === null || value instanceof Uint8Array) size.bytes++;
  else if (Array.isArray(value)) {
    size.bytes += 1 + value.length;
    for (const element of value) measure(element, size);
  } else {
    for (const key in value) {
      // Quotes, colon and comma.
      size.bytes += key.length + 4;
      measure((value as Record<string, unknown>)[key], size);
    }
    size.bytes++;
  }
}
