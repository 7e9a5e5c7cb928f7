import type { TargetResponder } from '../v1alpha1/types.ts';

/** The labels of the domain, top level first, and the key after the slash. */
function partsOf(name: string): { readonly labels: readonly string[]; readonly key: string } {
  const [domain = '', key = ''] = name.split(/\/(.*)/s);
  return { labels: domain.split('.').reverse(), key };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorts responders by turn: by descending priority, then by domain from the top level. */
export function sortResponders(responders: readonly TargetResponder[]): TargetResponder[] {
  return [...responders].sort((a, b) => {
    const [first, second] = [a.priority ?? undefined, b.priority ?? undefined];
    if (first !== second) {
      if (first === undefined) return 1;
      if (second === undefined) return -1;
      return second - first;
    }
    const [one, other] = [partsOf(a.name), partsOf(b.name)];
    for (const [index, label] of one.labels.entries()) {
      if (index >= other.labels.length) return 1;
      const order = compare(label, other.labels[index]!);
      if (order !== 0) return order;
    }
    return other.labels.length > one.labels.length ? -1 : compare(one.key, other.key);
  });
}
