import type { TransformerFor } from './encryption.ts';
import { IDENTITY } from './prefix-transformer.ts';

/** Transformers that follow the current configuration, including which resources are encrypted. */
export function dynamicTransformers(current: () => Promise<TransformerFor>): TransformerFor {
  return (resource) => {
    const transformer = async () => (await current())(resource) ?? IDENTITY;
    return {
      toStorage: async (plain, key) => (await transformer()).toStorage(plain, key),
      fromStorage: async (stored, key) => (await transformer()).fromStorage(stored, key),
    };
  };
}
