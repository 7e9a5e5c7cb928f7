import { expect, test } from 'vitest';
import { formatFieldError } from '../../../shared/meta/field-error.ts';
import { FieldPath } from '../../../shared/meta/field-path.ts';
import {
  isDomainPrefixedKey,
  isDomainPrefixedPath,
  isFullyQualifiedDomainName,
  isFullyQualifiedName,
} from '../../../shared/meta/validation/domains.ts';
import { isCIdentifier, isConfigMapKey, isRelaxedEnvVarName } from '../../../shared/meta/validation/keys.ts';
import {
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isDNS1123SubdomainCaseless,
  isDNS1123SubdomainWithUnderscore,
  isPathSegmentName,
  isQualifiedName,
  isValidLabelValue,
  isWildcardDNS1123Subdomain,
  nameIsDNSLabel,
} from '../../../shared/meta/validation/names.ts';
import {
  isHTTPHeaderName,
  isValidPercent,
  isValidPortName,
  isValidPortNum,
  isValidUserID,
} from '../../../shared/meta/validation/values.ts';

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const KEY =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const CONFIG_KEY =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

type Rule = (value: string) => string[];

test.each<[Rule, string, string[]]>([
  [isDNS1123Label, 'a', []],
  [isDNS1123Label, '0-0', []],
  [isDNS1123Label, 'a.b', ['must not contain dots']],
  [isDNS1123Label, 'A', [LABEL]],
  [isDNS1123Label, '', [LABEL]],
  [isDNS1123Label, 'a\n', [LABEL]],
  [isDNS1123Label, 'a'.repeat(64), ['must be no more than 63 characters']],
  [isDNS1123Subdomain, 'a.b-c.d', []],
  [isDNS1123Subdomain, 'a..b', [SUBDOMAIN]],
  [isDNS1123Subdomain, 'a'.repeat(254), ['must be no more than 253 characters']],
  [isDNS1123SubdomainCaseless, 'Ex.Com', []],
  [isDNS1123SubdomainWithUnderscore, '_a.b_c', []],
  [isWildcardDNS1123Subdomain, '*.a.b', []],
  [
    isWildcardDNS1123Subdomain,
    'a.b',
    [
      "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ],
  ],
  [
    isDNS1035Label,
    '1a',
    [
      "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [isPathSegmentName, '..', ["may not be '..'"]],
  [isPathSegmentName, 'a/b%', ["may not contain '/'", "may not contain '%'"]],
  [isQualifiedName, 'app.kubernetes.io/name', []],
  [isQualifiedName, 'A_b', []],
  [isQualifiedName, '', ['name part must be non-empty', `name part ${KEY}`]],
  [isQualifiedName, '/a', ['prefix part must be non-empty']],
  [isQualifiedName, 'A/a', [`prefix part ${SUBDOMAIN}`]],
  [isQualifiedName, 'a'.repeat(64), ['name part must be no more than 63 bytes']],
  [isQualifiedName, `${'a'.repeat(254)}/a`, ['prefix part must be no more than 253 bytes']],
  [
    isQualifiedName,
    'a/b/c',
    [`a valid label key ${KEY} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`],
  ],
  [isValidLabelValue, '', []],
  [isValidLabelValue, '-a', [VALUE]],
  [isValidLabelValue, 'a'.repeat(64), ['must be no more than 63 bytes']],
  [
    isCIdentifier,
    '1',
    [
      "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')",
    ],
  ],
  [isConfigMapKey, 'a.b_C-1', []],
  [isConfigMapKey, '..', ["must not be '..'"]],
  [isConfigMapKey, '..a', ["must not start with '..'"]],
  [isConfigMapKey, 'a b', [CONFIG_KEY]],
  [isRelaxedEnvVarName, '1 ~!', []],
  [isRelaxedEnvVarName, '', ['environment variable name must be non-empty']],
  [
    isRelaxedEnvVarName,
    'a=b',
    ["a valid environment variable name must consist only of printable ASCII characters other than '='"],
  ],
  [isValidPortName, 'http-1', []],
  [
    isValidPortName,
    '-8--0-',
    [
      'must contain at least one letter (a-z)',
      'must not contain consecutive hyphens',
      'must not begin or end with a hyphen',
    ],
  ],
  [isValidPortName, 'a'.repeat(16), ['must be no more than 15 characters']],
  [isValidPercent, '10%', []],
  [
    isValidPercent,
    '10',
    [
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ],
  ],
  [isHTTPHeaderName, 'X-A', []],
])('%o of %j', (rule, value, errors) => {
  expect(rule(value)).toEqual(errors);
});

test('a prefix may end in a dash, as a name follows', () => {
  expect([nameIsDNSLabel('a-', 'prefix'), isDNS1123Label('a-')]).toEqual([[], [LABEL]]);
});

test('numbers in range', () => {
  expect([isValidPortNum(65536), isValidUserID(-1), isValidPortNum(1)]).toEqual([
    ['must be between 1 and 65535, inclusive'],
    ['must be between 0 and 2147483647, inclusive'],
    [],
  ]);
});

const path = FieldPath.of('x');
test.each([
  [isFullyQualifiedName(path, 'a.b.c'), []],
  [
    isFullyQualifiedName(path, 'a.b'),
    ['x: Invalid value: "a.b": should be a domain with at least three segments separated by dots'],
  ],
  [isFullyQualifiedDomainName(path, 'a.b.'), []],
  [
    isFullyQualifiedDomainName(path, 'a'),
    ['x: Invalid value: "a": should be a domain with at least two segments separated by dots'],
  ],
  [isDomainPrefixedPath(path, 'acme.io/foo/bar'), []],
  [
    isDomainPrefixedPath(path, 'acme.io'),
    ['x: Invalid value: "acme.io": must be a domain-prefixed path (such as "acme.io/foo")'],
  ],
  [
    isDomainPrefixedPath(path, 'A/^'),
    [
      `x: Invalid value: "A": ${SUBDOMAIN}`,
      "x: Invalid value: \"^\": Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')",
    ],
  ],
  [
    isDomainPrefixedKey(path, 'foo'),
    ['x: Invalid value: "foo": must be a domain-prefixed key (such as "acme.io/foo")'],
  ],
])('domains %#', (errors, messages) => {
  expect(errors.map(formatFieldError)).toEqual(messages);
});
