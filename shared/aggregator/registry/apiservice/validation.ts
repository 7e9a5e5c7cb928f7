/** https://github.com/kubernetes/kube-aggregator/blob/master/pkg/apis/apiregistration/validation/validation.go */

import type { APIService, APIServiceSpec, APIServiceStatus } from '../../../apis/apiregistration/v1/types.ts';
import { type FieldError, invalid, notSupported, required } from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isDNS1035Label, isDNS1123Subdomain, isPathSegmentName } from '../../../meta/validation/names.ts';
import { quote } from '../../../runtime/go-format.ts';

const METADATA = FieldPath.of('metadata');
const SPEC = FieldPath.of('spec');
const CONDITIONS = FieldPath.of('status', 'conditions');
const MAX_GROUP_PRIORITY = 20_000;
const MAX_VERSION_PRIORITY = 1_000;
const CONDITION_STATUSES = ['True', 'False', 'Unknown'];

/** Also checks `generateName`, which never satisfies the rule. */
function validateName({ metadata, spec }: APIService): FieldError[] {
  const wanted = `${spec.version ?? ''}.${spec.group ?? ''}`;
  return (['generateName', 'name'] as const).flatMap((field) => {
    const name = metadata[field] ?? '';
    // Required by the generic validation of metadata.
    if (name === '') return [];
    const failures = isPathSegmentName(name);
    if (failures.length === 0 && name !== wanted) {
      failures.push(`must be \`spec.version+"."+spec.group\`: ${quote(wanted)}`);
    }
    return failures.map((text) => invalid(METADATA.child(field), name, text));
  });
}

function validateService({ service, caBundle, insecureSkipTLSVerify }: APIServiceSpec): FieldError[] {
  const insecure = SPEC.child('insecureSkipTLSVerify');
  const errors: FieldError[] = [];
  if (!service) {
    if (caBundle) {
      const bytes = `${Buffer.from(caBundle, 'base64').byteLength} bytes`;
      errors.push(invalid(SPEC.child('caBundle'), bytes, 'local APIServices may not have a caBundle'));
    }
    if (insecureSkipTLSVerify) {
      errors.push(invalid(insecure, true, 'local APIServices may not have insecureSkipTLSVerify'));
    }
    return errors;
  }
  const path = SPEC.child('service');
  if (!service.namespace) errors.push(required(path.child('namespace'), ''));
  if (!service.name) errors.push(required(path.child('name'), ''));
  const port = service.port ?? 0;
  if (port < 1 || port > 65535) {
    const detail = 'port is not valid: must be between 1 and 65535, inclusive';
    errors.push(invalid(path.child('port'), port, detail));
  }
  if (insecureSkipTLSVerify && caBundle) {
    errors.push(invalid(insecure, true, 'may not be true if caBundle is present'));
  }
  return errors;
}

export function validateAPIService(apiService: APIService): FieldError[] {
  const { spec } = apiService;
  const { group = '', version = '', groupPriorityMinimum, versionPriority } = spec;
  const errors = validateName(apiService);
  if (group === '' && version !== 'v1') {
    const detail = 'only v1 may have an empty group and it better be legacy kube';
    errors.push(required(SPEC.child('group'), detail));
  }
  if (group !== '') {
    for (const text of isDNS1123Subdomain(group)) errors.push(invalid(SPEC.child('group'), group, text));
  }
  for (const text of isDNS1035Label(version)) errors.push(invalid(SPEC.child('version'), version, text));
  if (groupPriorityMinimum <= 0 || groupPriorityMinimum > MAX_GROUP_PRIORITY) {
    const detail = 'must be positive and less than 20000';
    errors.push(invalid(SPEC.child('groupPriorityMinimum'), groupPriorityMinimum, detail));
  }
  if (versionPriority <= 0 || versionPriority > MAX_VERSION_PRIORITY) {
    const detail = 'must be positive and less than 1000';
    errors.push(invalid(SPEC.child('versionPriority'), versionPriority, detail));
  }
  return [...errors, ...validateService(spec)];
}

export function validateAPIServiceStatus({ conditions }: APIServiceStatus): FieldError[] {
  return (conditions ?? []).flatMap(({ status }, index) =>
    CONDITION_STATUSES.includes(status)
      ? []
      : [notSupported(CONDITIONS.index(index).child('status'), status, CONDITION_STATUSES)],
  );
}
