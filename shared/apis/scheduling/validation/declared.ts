/** Validation of kinds that few clusters use, loaded with the first object. */

import type { DeclaredTypes } from '../../declarative/declared-rule.ts';
import { DeclaredValidator } from '../../declarative/validate-declared.ts';
import readV1alpha3 from '../v1alpha3/rules.json?text';
import readV1beta1 from '../v1beta1/rules.json?text';

export { validatePodGroup, validatePodGroupStatusUpdate } from './pod-group.ts';
export { validateWorkloadSpec } from './workload.ts';

/** Rules of the hub's kinds. */
export const declaredV1beta1 = new DeclaredValidator(JSON.parse(readV1beta1()) as DeclaredTypes);
/** CompositePodGroup has no newer version. */
export const declaredV1alpha3 = new DeclaredValidator(JSON.parse(readV1alpha3()) as DeclaredTypes);
