/** The paths of a custom resource's scale, and validation of the values there. */

import type { CustomResourceSubresourceScale } from '../../../apis/apiextensions/v1/types.ts';
import { type FieldError, invalid } from '../../../meta/field-error.ts';
import { nestedInteger, nestedString } from '../../../meta/nested-field.ts';

const MAX_REPLICAS = 2 ** 31 - 1;

/** Splits `.spec.replicas` into names. */
export function namesOf(path: string): string[] {
  return path.replace(/^\./, '').split('.');
}

export function validateScaleSpec(object: object, scale: CustomResourceSubresourceScale): FieldError[] {
  return validateReplicas(object, scale.specReplicasPath);
}

export function validateScaleStatus(object: object, scale: CustomResourceSubresourceScale): FieldError[] {
  const errors = validateReplicas(object, scale.statusReplicasPath);
  const { labelSelectorPath } = scale;
  if (labelSelectorPath === undefined) return errors;
  try {
    nestedString(object, namesOf(labelSelectorPath));
  } catch (error) {
    errors.push(invalid(labelSelectorPath, '', (error as Error).message));
  }
  return errors;
}

function validateReplicas(object: object, path: string): FieldError[] {
  try {
    const replicas = nestedInteger(object, namesOf(path)) ?? 0;
    if (replicas < 0) return [invalid(path, replicas, 'should be a non-negative integer')];
    if (replicas > MAX_REPLICAS) {
      return [invalid(path, replicas, `should be less than or equal to ${MAX_REPLICAS}`)];
    }
    return [];
  } catch (error) {
    return [invalid(path, 0, (error as Error).message)];
  }
}
