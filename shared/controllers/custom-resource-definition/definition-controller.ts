/**
 * Completes what a definition's own request left undone: instances of deleted definitions, names that became free
 * (combines upstream's controllers of apiextensions-apiserver, pkg/controller).
 */

import type { DefinitionReconciler } from '../../apiextensions/controller/definition-reconciler.ts';
import { type Change, type Controller, isResource } from '../controller.ts';

export class DefinitionController implements Controller {
  readonly name = 'customresourcedefinition-controller';
  readonly looksThroughMuch = true;
  readonly #reconciler: DefinitionReconciler;

  constructor(reconciler: DefinitionReconciler) {
    this.#reconciler = reconciler;
  }

  /** A deleted instance may have been the last that its definition waited for. */
  keysFor({ type, resource, name }: Change): string[] {
    if (isResource(resource, 'apiextensions.k8s.io', 'customresourcedefinitions')) return [name];
    return type === 'DELETED' && resource.group.includes('.')
      ? [`${resource.resource}.${resource.group}`]
      : [];
  }

  allKeys(): Promise<Iterable<string>> {
    return this.#reconciler.unfinished();
  }

  reconcile(name: string): Promise<number | undefined> {
    return this.#reconciler.reconcile(name);
  }
}
