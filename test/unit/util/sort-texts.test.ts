import { expect, test } from 'vitest';
import { sortTexts } from '../../../shared/util/sort-texts.ts';
import fc from '../../fixtures/fuzz.ts';

test('few texts and many are in the order that Array.prototype.sort gives them', () => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 3 }), { maxLength: 12 });
  fc.assert(
    fc.property(texts, (given) => {
      expect(sortTexts([...given])).toEqual([...given].sort());
    }),
  );
});
