/** https://github.com/kubernetes/apiserver/blob/master/pkg/apis/apiserver/validation/validation.go */

import { duplicate, type FieldError, invalid, required, tooMany } from '../../meta/field-error.ts';
import { FieldPath } from '../../meta/field-path.ts';
import { isDomainPrefixedPath } from '../../meta/validation/domains.ts';
import { appendAll } from '../../util/append-all.ts';
import { trimEnd } from '../../util/trim.ts';
import { parseCertificates } from '../x509/certificate.ts';
import type {
  AuthenticationConfiguration,
  ClaimMapping,
  ClaimValidationRule,
  Issuer,
  JWTAuthenticator,
  UserValidationRule,
} from './configuration.ts';
import { compileExpression, type Expression, readsClaim } from './expressions.ts';

const MAX_AUTHENTICATORS = 64;
const OMITTED = '<omitted>';

/** The compiled expressions of an authenticator. */
export interface CompiledAuthenticator {
  readonly username?: Expression | undefined;
  readonly groups?: Expression | undefined;
  readonly uid?: Expression | undefined;
  readonly extra: readonly { readonly key: string; readonly value: Expression }[];
  readonly claimRules: readonly { readonly expression: Expression; readonly message: string }[];
  readonly userRules: readonly { readonly expression: Expression; readonly message: string }[];
}

function validateURL(url: string, disallowed: readonly string[], path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (disallowed.includes(url)) {
    const list = `[${[...disallowed].sort().join(' ')}]`;
    errors.push(invalid(path, url, `URL must not overlap with disallowed issuers: ${list}`));
  }
  if (!URL.canParse(url)) return [...errors, invalid(path, url, `parse "${url}": invalid URL`)];
  const { protocol, username, password, search, hash } = new URL(url);
  if (protocol !== 'https:') errors.push(invalid(path, url, 'URL scheme must be https'));
  if (username !== '' || password !== '') {
    errors.push(invalid(path, url, 'URL must not contain a username or password'));
  }
  if (search !== '') errors.push(invalid(path, url, 'URL must not contain a query'));
  if (hash !== '') errors.push(invalid(path, url, 'URL must not contain a fragment'));
  return errors;
}

function validateAudiences(
  { audiences = [], audienceMatchPolicy = '' }: Issuer,
  path: FieldPath,
): FieldError[] {
  const at = path.child('audiences');
  if (audiences.length === 0) return [required(at, `at least one ${at} is required`)];
  const errors = audiences.flatMap((audience, index) => {
    if (audience === '') return [required(at.index(index), '')];
    return audiences.indexOf(audience) < index ? [duplicate(at.index(index), audience)] : [];
  });
  const policy = path.child('audienceMatchPolicy');
  if (audiences.length > 1 && audienceMatchPolicy !== 'MatchAny') {
    const detail = 'audienceMatchPolicy must be MatchAny for multiple audiences';
    errors.push(invalid(policy, audienceMatchPolicy, detail));
  }
  if (audiences.length === 1 && audienceMatchPolicy !== '' && audienceMatchPolicy !== 'MatchAny') {
    const detail = 'audienceMatchPolicy must be empty or MatchAny for single audience';
    errors.push(invalid(policy, audienceMatchPolicy, detail));
  }
  return errors;
}

function validateCertificateAuthority(pem: string | undefined, path: FieldPath): FieldError[] {
  if (!pem) return [];
  try {
    if (parseCertificates(pem).length > 0) return [];
  } catch {
    // Reported below.
  }
  return [invalid(path, OMITTED, 'data does not contain any valid RSA or ECDSA certificates')];
}

function validateIssuer(issuer: Issuer, disallowed: readonly string[], path: FieldPath): FieldError[] {
  const { url = '', discoveryURL = '', certificateAuthority, egressSelectorType = '' } = issuer;
  const trim = (text: string) => trimEnd(text, '/');
  const discovery = path.child('discoveryURL');
  const errors =
    url === '' ? [required(path.child('url'), '')] : validateURL(url, disallowed, path.child('url'));
  if (discoveryURL !== '') {
    if (url !== '' && trim(url) === trim(discoveryURL)) {
      errors.push(invalid(discovery, discoveryURL, 'discoveryURL must be different from URL'));
    }
    appendAll(errors, validateURL(discoveryURL, [], discovery));
  }
  appendAll(
    errors,
    validateAudiences(issuer, path),
    validateCertificateAuthority(certificateAuthority, path.child('certificateAuthority')),
  );
  if (egressSelectorType !== '') {
    const detail = 'egress selectors are not supported: the server has one way out';
    errors.push(invalid(path.child('egressSelectorType'), egressSelectorType, detail));
  }
  return errors;
}

interface MappingRules {
  readonly isRequired?: boolean;
  readonly needsPrefix?: boolean;
}

/** Validates an authenticator and compiles its expressions. */
class AuthenticatorValidation {
  readonly errors: FieldError[] = [];

  #compile(
    variable: 'claims' | 'user',
    source: string,
    result: 'boolean' | 'any',
    path: FieldPath,
  ): Expression | undefined {
    try {
      return compileExpression(variable, source, result);
    } catch (error) {
      this.errors.push(invalid(path, source, (error as Error).message));
      return undefined;
    }
  }

  mapping(
    mapping: ClaimMapping = {},
    path: FieldPath,
    { isRequired = false, needsPrefix = false }: MappingRules = {},
  ): Expression | undefined {
    const { claim = '', expression = '', prefix } = mapping;
    if (expression !== '' && claim !== '') {
      this.errors.push(invalid(path, '', "claim and expression can't both be set"));
      return undefined;
    }
    if (expression === '') {
      if (claim === '' && isRequired) this.errors.push(required(path, 'claim or expression is required'));
      if (claim !== '' && needsPrefix && prefix === undefined) {
        const detail =
          'prefix is required when claim is set. It can be set to an empty string to disable prefixing';
        this.errors.push(required(path.child('prefix'), detail));
      }
      return undefined;
    }
    if (prefix !== undefined) {
      this.errors.push(invalid(path.child('prefix'), prefix, 'may not be specified when expression is set'));
    }
    return this.#compile('claims', expression, 'any', path.child('expression'));
  }

  extra(
    { claimMappings: { extra = [] } }: JWTAuthenticator,
    path: FieldPath,
  ): CompiledAuthenticator['extra'] {
    return extra.flatMap(({ key = '', valueExpression = '' }, index) => {
      const at = path.child('extra').index(index);
      appendAll(this.errors, isDomainPrefixedPath(at.child('key'), key));
      if (key !== key.toLowerCase()) this.errors.push(invalid(at.child('key'), key, 'must be lowercase'));
      if (/^(.*\.)?(kubernetes|k8s)\.io\//.test(key)) {
        const detail = 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use';
        this.errors.push(invalid(at.child('key'), key, detail));
      }
      if (extra.findIndex((other) => other.key === key) < index) {
        this.errors.push(duplicate(at.child('key'), key));
        return [];
      }
      if (valueExpression === '') {
        this.errors.push(required(at.child('valueExpression'), ''));
        return [];
      }
      const value = this.#compile('claims', valueExpression, 'any', at.child('valueExpression'));
      return value ? [{ key, value }] : [];
    });
  }

  claimRules(
    rules: readonly ClaimValidationRule[] = [],
    path: FieldPath,
  ): CompiledAuthenticator['claimRules'] {
    return rules.flatMap((rule, index) => {
      const { claim = '', requiredValue = '', expression = '', message = '' } = rule;
      const at = path.index(index);
      const seen = (field: 'claim' | 'expression', value: string) => {
        const isSeen = rules.findIndex((other) => other[field] === value) < index;
        if (isSeen) this.errors.push(duplicate(at.child(field), value));
        return isSeen;
      };
      if (claim !== '' && expression !== '') {
        this.errors.push(invalid(at, claim, "claim and expression can't both be set"));
      } else if (claim === '' && expression === '') {
        this.errors.push(required(at, 'claim or expression is required'));
      } else if (claim !== '') {
        if (message !== '') {
          this.errors.push(invalid(at.child('message'), message, 'may not be specified when claim is set'));
        }
        seen('claim', claim);
      } else {
        if (requiredValue !== '') {
          const detail = 'may not be specified when expression is set';
          this.errors.push(invalid(at.child('requiredValue'), requiredValue, detail));
        }
        if (seen('expression', expression)) return [];
        const compiled = this.#compile('claims', expression, 'boolean', at.child('expression'));
        if (compiled) return [{ expression: compiled, message }];
      }
      return [];
    });
  }

  userRules(rules: readonly UserValidationRule[] = [], path: FieldPath): CompiledAuthenticator['userRules'] {
    return rules.flatMap(({ expression = '', message = '' }, index) => {
      const at = path.index(index).child('expression');
      if (expression === '') {
        this.errors.push(required(at, ''));
        return [];
      }
      if (rules.findIndex((other) => other.expression === expression) < index) {
        this.errors.push(duplicate(at, expression));
        return [];
      }
      const compiled = this.#compile('user', expression, 'boolean', at);
      return compiled ? [{ expression: compiled, message }] : [];
    });
  }
}

/**
 * An unverified email address may belong to anyone, so expressions that use the claim must also check `email_verified`.
 */
function validateEmail(compiled: CompiledAuthenticator, source: string, path: FieldPath): FieldError[] {
  const { username, extra, claimRules } = compiled;
  if (username === undefined || !readsClaim(username, 'email')) return [];
  const readers = [
    username,
    ...extra.map(({ value }) => value),
    ...claimRules.map(({ expression }) => expression),
  ];
  if (readers.some((expression) => readsClaim(expression, 'email_verified'))) return [];
  const detail =
    'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';
  return [invalid(path.child('username', 'expression'), source, detail)];
}

interface ValidatedAuthenticator {
  readonly compiled: CompiledAuthenticator;
  readonly errors: readonly FieldError[];
}

/** `disallowedIssuers`: those handled by other authenticators. */
function validateJWTAuthenticator(
  authenticator: JWTAuthenticator,
  disallowedIssuers: readonly string[],
  path: FieldPath,
): ValidatedAuthenticator {
  const { claimMappings, claimValidationRules, userValidationRules } = authenticator;
  const validation = new AuthenticatorValidation();
  appendAll(validation.errors, validateIssuer(authenticator.issuer, disallowedIssuers, path.child('issuer')));
  const mappings = path.child('claimMappings');
  const compiled: CompiledAuthenticator = {
    claimRules: validation.claimRules(claimValidationRules, path.child('claimValidationRules')),
    username: validation.mapping(claimMappings.username, mappings.child('username'), {
      isRequired: true,
      needsPrefix: true,
    }),
    groups: validation.mapping(claimMappings.groups, mappings.child('groups'), { needsPrefix: true }),
    uid: validation.mapping(claimMappings.uid, mappings.child('uid')),
    extra: validation.extra(authenticator, mappings),
    userRules: validation.userRules(userValidationRules, path.child('userValidationRules')),
  };
  const email = validateEmail(compiled, claimMappings.username?.expression ?? '', mappings);
  return { compiled, errors: [...validation.errors, ...email] };
}

/** Returns the compiled authenticators in order; do not use them if there are errors. */
export function validateAuthenticationConfiguration(
  { jwt, anonymous }: AuthenticationConfiguration,
  disallowedIssuers: readonly string[],
): { readonly compiled: readonly CompiledAuthenticator[]; readonly errors: readonly FieldError[] } {
  const root = FieldPath.of('jwt');
  if (jwt.length > MAX_AUTHENTICATORS) {
    return { compiled: [], errors: [tooMany(root, jwt.length, MAX_AUTHENTICATORS)] };
  }
  const errors: FieldError[] = [];
  const compiled = jwt.map((authenticator, index) => {
    const path = root.index(index);
    const validated = validateJWTAuthenticator(authenticator, disallowedIssuers, path);
    appendAll(errors, validated.errors);
    for (const field of ['url', 'discoveryURL'] as const) {
      const value = authenticator.issuer[field];
      const first = jwt.findIndex(({ issuer }) => issuer[field] === value);
      if (value && first < index) errors.push(duplicate(path.child('issuer', field), value));
    }
    return validated.compiled;
  });
  if (anonymous && !anonymous.enabled && anonymous.conditions?.length) {
    const detail = 'enabled should be set to true when conditions are defined';
    errors.push(invalid(FieldPath.of('anonymous', 'conditions'), anonymous.conditions, detail));
  }
  return { compiled, errors };
}
