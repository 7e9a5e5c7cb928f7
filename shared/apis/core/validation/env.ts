/** Rules for environment variables. */

import { type FieldError, invalid, required } from '../../../meta/field-error.ts';
import type { FieldPath } from '../../../meta/field-path.ts';
import { isConfigMapKey, isEnvVarName, isRelaxedEnvVarName } from '../../../meta/validation/keys.ts';
import { isDNS1123Subdomain, nameIsDNSSubdomain } from '../../../meta/validation/names.ts';
import { appendAll } from '../../../util/append-all.ts';
import type {
  ConfigMapKeySelector,
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
} from '../v1/types.ts';
import {
  ENV_FIELD_PATHS,
  validateContainerResourceFieldSelector,
  validateObjectFieldSelector,
} from './field-selectors.ts';
import { invalidEach, validateDNS1123Label } from './helpers.ts';
import { validatePathNoBacksteps } from './paths.ts';
import type { PodValidationOptions } from './pod-validation-options.ts';

const MORE_THAN_ONE = 'may not have more than one field specified at a time';

const ONE_OF =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
const ONE_OF_BEFORE_FILES =
  'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';

type Allows = Pick<PodValidationOptions, 'allows'>;

const nameErrors = (name: string, { allows }: Allows): string[] =>
  allows('RelaxedEnvironmentVariableValidation') ? isRelaxedEnvVarName(name) : isEnvVarName(name);

/** Also used for keys of secrets. */
function validateKeySelector({ name = '', key }: ConfigMapKeySelector, path: FieldPath): FieldError[] {
  const errors = invalidEach(path.child('name'), name, isDNS1123Subdomain(name));
  if (!key) return [...errors, required(path.child('key'), '')];
  return [...errors, ...invalidEach(path.child('key'), key, isConfigMapKey(key))];
}

function validateFileKeySelector(selector: FileKeySelector, path: FieldPath): FieldError[] {
  const { key, volumeName, path: file } = selector;
  return [
    ...(key
      ? invalidEach(path.child('key'), key, isRelaxedEnvVarName(key))
      : [required(path.child('key'), '')]),
    ...(volumeName
      ? validateDNS1123Label(volumeName, path.child('volumeName'))
      : [required(path.child('volumeName'), '')]),
    ...(file ? validatePathNoBacksteps(file, path.child('path')) : [required(path.child('path'), '')]),
  ];
}

function validateValueFrom(
  source: EnvVarSource,
  value: string | undefined,
  path: FieldPath,
  { allows }: Allows,
): FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source;
  const errors: FieldError[] = [];
  if (fieldRef)
    appendAll(errors, validateObjectFieldSelector(fieldRef, ENV_FIELD_PATHS, path.child('fieldRef')));
  if (resourceFieldRef) {
    const at = path.child('resourceFieldRef');
    appendAll(errors, validateContainerResourceFieldSelector(resourceFieldRef, at, 'env'));
  }
  if (configMapKeyRef) appendAll(errors, validateKeySelector(configMapKeyRef, path.child('configMapKeyRef')));
  if (secretKeyRef) appendAll(errors, validateKeySelector(secretKeyRef, path.child('secretKeyRef')));
  if (fileKeyRef) appendAll(errors, validateFileKeySelector(fileKeyRef, path.child('fileKeyRef')));
  const count = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(
    Boolean,
  ).length;
  if (count === 0) {
    errors.push(invalid(path, '', allows('EnvFiles') ? ONE_OF : ONE_OF_BEFORE_FILES));
  } else if (value) errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  else if (count > 1) errors.push(invalid(path, '', MORE_THAN_ONE));
  return errors;
}

export function validateEnv(
  variables: readonly EnvVar[] | undefined,
  path: FieldPath,
  options: Allows,
): FieldError[] {
  return (variables ?? []).flatMap(({ name, value, valueFrom }, index) => {
    const at = path.index(index);
    const errors = name
      ? invalidEach(at.child('name'), name, nameErrors(name, options))
      : [required(at.child('name'), '')];
    if (valueFrom) appendAll(errors, validateValueFrom(valueFrom, value, at.child('valueFrom'), options));
    return errors;
  });
}

export function validateEnvFrom(
  sources: readonly EnvFromSource[] | undefined,
  path: FieldPath,
  options: Allows,
): FieldError[] {
  return (sources ?? []).flatMap(({ prefix, configMapRef, secretRef }, index) => {
    const at = path.index(index);
    const errors = prefix ? invalidEach(at.child('prefix'), prefix, nameErrors(prefix, options)) : [];
    for (const [field, source] of Object.entries({ configMapRef, secretRef })) {
      if (!source) continue;
      const name = at.child(field, 'name');
      if (!source.name) errors.push(required(name, ''));
      else appendAll(errors, invalidEach(name, source.name, nameIsDNSSubdomain(source.name, 'prefix')));
    }
    if (!configMapRef && !secretRef) {
      errors.push(invalid(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (configMapRef && secretRef) errors.push(invalid(path, '', MORE_THAN_ONE));
    return errors;
  });
}
