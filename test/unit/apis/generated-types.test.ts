import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generateTypes } from '../../../infra/build/types-of-tables.ts';

test('every types.ts is generated from its types.json', () => {
  const files = generateTypes();
  const stale = [...files].filter(([path, text]) => readFileSync(path, 'utf8') !== text);
  expect(stale.map(([path]) => path)).toEqual([]);
  expect(files.size).toBeGreaterThan(50);
});
