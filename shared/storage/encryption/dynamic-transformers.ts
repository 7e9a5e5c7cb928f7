import type { TransformerFor } from './encryption.ts';
import { IDENTITY } from './prefix-transformer.ts';

/** Transformers that do what is configured by now; which resources are encrypted may change, too. */
export function dynamicTransformers(current: () => Promise<TransformerFor>): TransformerFor {
  return (resource) => {
    const transformer = async () => (await current())(resource) ?? IDENTITY;
    return {
      toStorage: async (plain, key) => (await transformer()).toStorage(plain, key),
      fromStorage: async (stored, key) => (await transformer()).fromStorage(stored, key),
    };
  };
}
