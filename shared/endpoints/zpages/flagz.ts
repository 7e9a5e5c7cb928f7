import type { ZPage } from './zpage.ts';

/** `/flagz`: the flags of a component, with values as text. */
export function flagz(flags: () => Readonly<Record<string, string>>): ZPage {
  const sorted = () => Object.fromEntries(Object.entries(flags()).sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    kind: 'Flagz',
    content: () => ({ flags: sorted() }),
    text: () =>
      Object.entries(sorted())
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(''),
  };
}
