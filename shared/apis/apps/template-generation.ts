import type { DaemonSet } from './v1/types.ts';

/**
 * Number of changes of the template: a field in older versions and in upstream's internal form, and an annotation in
 * apps/v1.
 */
export const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

/** 0 if there is none. */
export function templateGenerationOf({ metadata }: DaemonSet): number {
  const text = metadata.annotations?.[TEMPLATE_GENERATION] ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

export function setTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: String(generation) };
}
