import { BoundedCache } from '../../../util/bounded-cache.ts';
import { Quantity } from '../../quantity.ts';

/** Canonical spellings of quantities, by the spelling read. */
const quantities = new BoundedCache<string, string>({ max: 1000 });

/** As a quantity is written again. Throws QuantityError for what is none. */
export function canonicalQuantity(text: string): string {
  let canonical = quantities.get(text);
  if (canonical === undefined) {
    canonical = Quantity.parse(text).toString();
    quantities.set(text, canonical);
  }
  return canonical;
}
