import type { DaemonSet } from './v1/types.ts';

/**
 * Counts the template's changes: a field of older versions and of upstream's internal form, which apps/v1 shows as an
 * annotation.
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
