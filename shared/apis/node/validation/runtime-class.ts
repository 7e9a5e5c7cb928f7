/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/node/validation/validation.go */

import { duplicate, type FieldError, invalidEach, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { validateImmutableField } from '../../../meta/validation/immutable.ts';
import { isDNS1123Label } from '../../../meta/validation/names.ts';
import { validateLabels } from '../../../meta/validation/object-meta.ts';
import { appendAll } from '../../../util/append-all.ts';
import type { Toleration } from '../../core/v1/types.ts';
import { validateContainerResourceRequirements } from '../../core/validation/resource-requirements.ts';
import { validateTolerations } from '../../core/validation/tolerations.ts';
import type { RuntimeClass, Scheduling } from '../v1/types.ts';

const HANDLER = FieldPath.of('handler');
const NO_GATES = { allows: () => false };
const OVERHEAD = FieldPath.of('overhead');
const SCHEDULING = FieldPath.of('scheduling');

export function validateRuntimeClass({ handler, overhead, scheduling }: RuntimeClass): FieldError[] {
  const errors =
    handler === '' ? [required(HANDLER, '')] : invalidEach(HANDLER, handler, isDNS1123Label(handler));
  if (overhead) {
    const requirements = { limits: overhead.podFixed };
    appendAll(errors, validateContainerResourceRequirements(requirements, new Set(), OVERHEAD, NO_GATES));
  }
  return scheduling ? errors.concat(validateScheduling(scheduling)) : errors;
}

export function validateRuntimeClassUpdate(runtimeClass: RuntimeClass, old: RuntimeClass): FieldError[] {
  return [
    ...validateRuntimeClass(runtimeClass),
    ...validateImmutableField(runtimeClass.handler, old.handler, HANDLER),
  ];
}

/** Upstream's internal struct. */
const shown = (toleration: Toleration) => ({
  Key: toleration.key ?? '',
  Operator: toleration.operator ?? '',
  Value: toleration.value ?? '',
  Effect: toleration.effect ?? '',
  TolerationSeconds: toleration.tolerationSeconds ?? null,
});

function validateScheduling({ nodeSelector, tolerations }: Scheduling): FieldError[] {
  const path = SCHEDULING.child('tolerations');
  const errors = [
    ...validateLabels(nodeSelector, SCHEDULING.child('nodeSelector')),
    ...validateTolerations(tolerations, path, undefined),
  ];
  const seen = new Set<string>();
  for (const [index, toleration] of (tolerations ?? []).entries()) {
    const { TolerationSeconds: _, ...key } = shown(toleration);
    const text = JSON.stringify(key);
    if (seen.has(text)) errors.push(duplicate(path.index(index), shown(toleration)));
    seen.add(text);
  }
  return errors;
}
