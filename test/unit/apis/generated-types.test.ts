import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('every types.ts is what its types.json generates', async () => {
  const generator = (await import('../../../infra/build/generate-types.mjs' as string)) as {
    generate(): Map<string, string>;
  };
  const files = generator.generate();
  const stale = [...files].filter(([path, text]) => readFileSync(path, 'utf8') !== text);
  expect(stale.map(([path]) => path)).toEqual([]);
  expect(files.size).toBeGreaterThan(50);
});
