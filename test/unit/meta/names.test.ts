import { expect, test } from 'vitest';
import {
  isDNS1035Label,
  isDNS1123Label,
  isDNS1123Subdomain,
  isPathSegmentName,
  isQualifiedName,
  isValidLabelValue,
  nameIsDNSSubdomain,
} from '../../../shared/meta/validation/names.ts';

const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const LABEL_1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

test.each<[name: string, value: string, errors: string[]]>([
  ['isDNS1123Label', 'a-1', []],
  ['isDNS1123Label', 'a.b', ['must not contain dots']],
  ['isDNS1123Label', '-a', [LABEL]],
  ['isDNS1123Label', 'a'.repeat(64), ['must be no more than 63 bytes']],
  ['isDNS1123Subdomain', 'a.b-c.1', []],
  ['isDNS1123Subdomain', 'a..b', [SUBDOMAIN]],
  ['isDNS1123Subdomain', '', [SUBDOMAIN]],
  ['isDNS1035Label', '1a', [LABEL_1035]],
  ['isQualifiedName', 'example.com/My_Name', []],
  ['isQualifiedName', '/x', ['prefix part must be non-empty']],
  ['isQualifiedName', '', ['name part must be non-empty', NAME_PART]],
  ['isQualifiedName', 'A/x', [`prefix part ${SUBDOMAIN}`]],
  ['isValidLabelValue', '', []],
  ['isValidLabelValue', 'a b', [VALUE]],
  ['isPathSegmentName', '..', ["may not be '..'"]],
  ['isPathSegmentName', 'a/%', ["may not contain '/'", "may not contain '%'"]],
])('%s(%j)', (name, value, errors) => {
  const functions: Record<string, (value: string) => string[]> = {
    isDNS1123Label,
    isDNS1123Subdomain,
    isDNS1035Label,
    isQualifiedName,
    isValidLabelValue,
    isPathSegmentName,
  };
  expect(functions[name]!(value)).toEqual(errors);
});

test('a prefix may end in a dash', () => {
  expect(nameIsDNSSubdomain('web-', true)).toEqual([]);
  expect(nameIsDNSSubdomain('web-', false)).toEqual([SUBDOMAIN]);
});
