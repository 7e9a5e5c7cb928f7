import { BoundedCache } from '../../../util/bounded-cache.ts';
import { Quantity } from '../../quantity.ts';

/** Cache of canonical notations by the original one. */
const quantities = new BoundedCache<string, string>({ max: 1000 });
/** Longer ones are not cached. */
const MAX_LENGTH = 40;

/** The canonical notation of a quantity. Throws QuantityError if it is invalid. */
export function canonicalQuantity(text: string): string {
  let canonical = quantities.get(text);
  if (canonical === undefined) {
    canonical = Quantity.parse(text).toString();
    if (text.length <= MAX_LENGTH) quantities.set(text, canonical);
  }
  return canonical;
}
