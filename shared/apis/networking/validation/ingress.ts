/** https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/validation/validation.go */

import {
  type FieldError,
  invalid,
  invalidEach,
  notSupported,
  required,
  unlessGate,
} from '../../../meta/field-error.ts';
import { FieldPath } from '../../../meta/field-path.ts';
import { isValidIPForLegacyField } from '../../../meta/validation/ip.ts';
import {
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isWildcardDNS1123Subdomain,
} from '../../../meta/validation/names.ts';
import { isValidPortName, isValidPortNum } from '../../../meta/validation/values.ts';
import { appendAll } from '../../../util/append-all.ts';
import { parseIP } from '../../../util/ip.ts';
import { INGRESS_CLASS_ANNOTATION } from '../ingress-class-annotation.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressTLS,
} from '../v1/types.ts';
import { validateTypedReference } from './typed-reference.ts';

const SPEC = FieldPath.of('spec');

const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const INVALID_PATH_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const INVALID_PATH_SUFFIXES = ['/..', '/.'];
const RELAXED_NAMES = 'RelaxedServiceNameValidation';
const NOT_AN_IP = 'must be a DNS name, not an IP address';

interface Tolerance {
  readonly invalidSecretName: boolean;
  readonly invalidWildcardHostRule: boolean;
}

export function validateIngressCreate(ingress: Ingress): FieldError[] {
  const errors = validateIngressSpec(ingress, { invalidSecretName: false, invalidWildcardHostRule: false });
  const annotation = ingress.metadata.annotations?.[INGRESS_CLASS_ANNOTATION];
  const { ingressClassName } = ingress.spec;
  if (annotation !== undefined && ingressClassName !== undefined && annotation !== ingressClassName) {
    const path = FieldPath.of('annotations', INGRESS_CLASS_ANNOTATION);
    errors.push(invalid(path, annotation, 'must match `ingressClassName` when both are specified'));
  }
  return errors;
}

/** An update may keep violations of the stored ingress. */
export function validateIngressUpdate(ingress: Ingress, old: Ingress): FieldError[] {
  const errors = validateIngressSpec(ingress, {
    invalidSecretName: (old.spec.tls ?? []).some(({ secretName }) => secretNameErrors(secretName).length > 0),
    invalidWildcardHostRule: (old.spec.rules ?? []).some(
      (rule) =>
        rule.host?.includes('*') &&
        validateRuleValue(rule, SPEC).some((error) => error.unlessGate === undefined),
    ),
  });
  return hasRelaxedNames(old) ? errors.filter((error) => error.unlessGate !== RELAXED_NAMES) : errors;
}

function hasRelaxedNames({ spec: { defaultBackend, rules } }: Ingress): boolean {
  const backends = (rules ?? []).flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend));
  return [...(defaultBackend ? [defaultBackend] : []), ...backends].some(
    ({ service }) =>
      service && isDNS1123Label(service.name).length === 0 && isDNS1035Label(service.name).length > 0,
  );
}

function validateIngressSpec({ spec }: Ingress, tolerance: Tolerance): FieldError[] {
  const { rules, defaultBackend, tls, ingressClassName } = spec;
  const errors: FieldError[] = [];
  if (!rules?.length && !defaultBackend) {
    errors.push(invalid(SPEC, rules ?? null, 'either `defaultBackend` or `rules` must be specified'));
  }
  if (defaultBackend) appendAll(errors, validateBackend(defaultBackend, SPEC.child('defaultBackend')));
  for (const [index, rule] of (rules ?? []).entries()) {
    appendAll(errors, validateRule(rule, SPEC.child('rules').index(index), tolerance));
  }
  for (const [index, entry] of (tls ?? []).entries()) {
    appendAll(errors, validateTLS(entry, SPEC.child('tls').index(index), tolerance));
  }
  if (ingressClassName !== undefined) {
    const path = SPEC.child('ingressClassName');
    appendAll(errors, invalidEach(path, ingressClassName, isDNS1123Subdomain(ingressClassName)));
  }
  return errors;
}

const isWildcard = (host: string): boolean => host.includes('*');
const hostErrors = (host: string): string[] =>
  isWildcard(host) ? isWildcardDNS1123Subdomain(host) : isDNS1123Subdomain(host);
const secretNameErrors = (name: string | undefined): string[] => (name ? isDNS1123Subdomain(name) : []);

function validateTLS({ hosts, secretName }: IngressTLS, path: FieldPath, tolerance: Tolerance): FieldError[] {
  const errors = (hosts ?? []).flatMap((host, index) =>
    invalidEach(path.child('hosts').index(index), host, hostErrors(host)),
  );
  if (tolerance.invalidSecretName) return errors;
  return errors.concat(invalidEach(path.child('secretName'), secretName, secretNameErrors(secretName)));
}

function validateRule(rule: IngressRule, path: FieldPath, tolerance: Tolerance): FieldError[] {
  const { host = '' } = rule;
  const errors: FieldError[] = [];
  if (host !== '') {
    if (parseIP(host) !== undefined) errors.push(invalid(path.child('host'), host, NOT_AN_IP));
    appendAll(errors, invalidEach(path.child('host'), host, hostErrors(host)));
  }
  if (isWildcard(host) && tolerance.invalidWildcardHostRule) return errors;
  return errors.concat(validateRuleValue(rule, path));
}

function validateRuleValue({ http }: IngressRule, path: FieldPath): FieldError[] {
  if (!http) return [];
  const paths = path.child('http', 'paths');
  if (!http.paths?.length) return [required(paths, '')];
  return http.paths.flatMap((entry, index) => validatePath(entry, paths.index(index)));
}

function validatePath({ path = '', pathType, backend }: HTTPIngressPath, at: FieldPath): FieldError[] {
  if (pathType === undefined || pathType === null)
    return [required(at.child('pathType'), 'pathType must be specified')];
  const errors: FieldError[] = [];
  const bad = (detail: string): FieldError => invalid(at.child('path'), path, detail);
  switch (pathType) {
    case 'Exact':
    case 'Prefix':
      if (!path.startsWith('/')) errors.push(bad('must be an absolute path'));
      for (const sequence of INVALID_PATH_SEQUENCES) {
        if (path.includes(sequence)) errors.push(bad(`must not contain '${sequence}'`));
      }
      for (const suffix of INVALID_PATH_SUFFIXES) {
        if (path.endsWith(suffix)) errors.push(bad(`cannot end with '${suffix}'`));
      }
      break;
    case 'ImplementationSpecific':
      if (path !== '' && !path.startsWith('/')) errors.push(bad('must be an absolute path'));
      break;
    default:
      errors.push(notSupported(at.child('pathType'), pathType, PATH_TYPES));
  }
  return errors.concat(validateBackend(backend, at.child('backend')));
}

function validateBackend({ resource, service }: IngressBackend, path: FieldPath): FieldError[] {
  if (resource && service) return [invalid(path, '', 'cannot set both resource and service backends')];
  if (resource) return validateTypedReference(resource, path.child('resource'));
  if (service) return validateServiceBackend(service, path);
  return [invalid(path, '', 'resource or service backend is required')];
}

/** Names of Services may begin with a digit if a gate permits it. */
function validateServiceName(name: string, path: FieldPath): FieldError[] {
  const relaxed = invalidEach(path, name, isDNS1123Label(name));
  const strict = invalidEach(path, name, isDNS1035Label(name));
  return [
    ...relaxed.map((error) => ({ ...error, gate: RELAXED_NAMES })),
    ...unlessGate(RELAXED_NAMES, strict),
  ];
}

function validateServiceBackend({ name, port }: IngressServiceBackend, path: FieldPath): FieldError[] {
  const errors =
    name === ''
      ? [required(path.child('service', 'name'), '')]
      : validateServiceName(name, path.child('service', 'name'));
  const portPath = path.child('service', 'port');
  if (port.name && port.number) errors.push(invalid(path, '', 'cannot set both port name & port number'));
  else if (port.name)
    appendAll(errors, invalidEach(portPath.child('name'), port.name, isValidPortName(port.name)));
  else if (port.number) {
    appendAll(errors, invalidEach(portPath.child('number'), port.number, isValidPortNum(port.number)));
  } else errors.push(required(path, 'port name or number is required'));
  return errors;
}

const INGRESS_STATUS = FieldPath.of('status', 'loadBalancer', 'ingress');

export function validateIngressStatusUpdate({ status }: Ingress, old: Ingress): FieldError[] {
  const stored = new Set((old.status.loadBalancer.ingress ?? []).map(({ ip }) => ip));
  return (status.loadBalancer.ingress ?? []).flatMap(({ ip, hostname }, index) => {
    const path = INGRESS_STATUS.index(index);
    const errors = ip ? isValidIPForLegacyField(path.child('ip'), ip, stored) : [];
    if (!hostname) return errors;
    appendAll(errors, invalidEach(path.child('hostname'), hostname, isDNS1123Subdomain(hostname)));
    if (parseIP(hostname) !== undefined) errors.push(invalid(path.child('hostname'), hostname, NOT_AN_IP));
    return errors;
  });
}
