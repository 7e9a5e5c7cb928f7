import type { Controller } from './controller.ts';

/** kube-controller-manager's `--controllers`: `*`, names, and `-name` to leave one out. */
export function selectControllers(all: readonly Controller[], patterns: readonly string[]): Controller[] {
  return all.filter(({ name }) => {
    if (patterns.includes(`-${name}`)) return false;
    return patterns.includes(name) || patterns.includes('*');
  });
}
