import type { Controller } from './controller.ts';
import { isControllerEnabled } from './controller-names.ts';

/** kube-controller-manager's `--controllers`: `*`, names, and `-name` to exclude one. */
export function selectControllers(all: readonly Controller[], patterns: readonly string[]): Controller[] {
  return all.filter(({ name }) => isControllerEnabled(name, patterns));
}
