import { expect, test } from 'vitest';
import { FormBudget, type FormKey, ObjectForms } from '../../../shared/storage/object-forms.ts';

const KEY: FormKey<string> = { sizeOf: ({ length }) => length };
const OTHER: FormKey<string> = { sizeOf: ({ length }) => length };

/** Forms of 900 bytes each, plus 100 of overhead. */
function filled(budget: FormBudget, count: number): ObjectForms[] {
  return Array.from({ length: count }, () => {
    const forms = new ObjectForms(budget, 0);
    forms.set(KEY, 'x'.repeat(900));
    return forms;
  });
}
const kept = (all: readonly ObjectForms[]) => all.map((forms) => forms.get(KEY) !== undefined);

test('each form is cached under its key', () => {
  const forms = new ObjectForms(new FormBudget(10_000), 10);
  expect(forms.get(KEY)).toBeUndefined();
  forms.set(KEY, 'one');
  forms.set(OTHER, 'two');
  expect([forms.get(KEY), forms.get(OTHER)]).toEqual(['one', 'two']);
});

test('forms used since half of the capacity was filled are kept, others evicted', () => {
  const budget = new FormBudget(8_000);
  const first = filled(budget, 4);
  // The fifth fills the first half.
  const [fifth] = filled(budget, 1);
  expect(first[0]!.get(KEY)).toHaveLength(900);
  filled(budget, 4);
  expect(kept(first)).toEqual([true, false, false, false]);
  expect(fifth!.get(KEY)).toBeUndefined();
});

test('evicted forms can be created again', () => {
  const budget = new FormBudget(2_000);
  const [one] = filled(budget, 1);
  filled(budget, 4);
  expect(one!.get(KEY)).toBeUndefined();
  one!.set(KEY, 'again');
  expect(one!.get(KEY)).toBe('again');
});

test('an object counts as well: it is kept as long as its forms', () => {
  const budget = new FormBudget(2_000);
  const big = new ObjectForms(budget, 1_500);
  big.set(KEY, 'x');
  const generation = budget.generation;
  new ObjectForms(budget, 1_500).set(KEY, 'x');
  expect(budget.generation).toBe(generation + 1);
});
