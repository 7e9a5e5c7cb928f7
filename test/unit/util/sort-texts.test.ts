import { expect, test } from 'vitest';
import { sortTexts } from '../../../shared/util/sort-texts.ts';
import fc from '../../fixtures/fuzz.ts';

test('few and many texts are in the order of Array.prototype.sort', () => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 3 }), { maxLength: 12 });
  fc.assert(
    fc.property(texts, (given) => {
      expect(sortTexts([...given])).toEqual([...given].sort());
    }),
  );
});
