import { expect, test } from 'vitest';
import { validateEvictionResponders } from '../../../../shared/apis/core/validation/eviction-responders.ts';
import { formatFieldError } from '../../../../shared/meta/field-error.ts';
import { FieldPath } from '../../../../shared/meta/field-path.ts';

const RESERVED = 'domain names *.k8s.io, *.kubernetes.io are reserved';
const KUBERNETES = 'priorities 0-999 are reserved for responders with *.k8s.io suffix';
const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

test.each<[object[], string[]]>([
  [[], []],
  [[{ name: 'example.com/drain', priority: 1000 }], []],
  [[{ name: 'notk8s.io/drain', priority: 100_000 }], []],
  [
    [{ name: '' }, { name: 'drain', priority: 1000 }],
    [
      '[0].name: Required value',
      '[0].priority: Required value',
      `[1].name: Invalid value: "drain": must include a prefix (e.g. 'example.com/key')`,
    ],
  ],
  [
    [
      { name: 'k8s.io/drain', priority: -1 },
      { name: 'Node.Kubernetes.IO./d', priority: 999 },
      { name: 'a/b/c', priority: 100_001 },
    ],
    [
      `[0].name: Invalid value: "k8s.io/drain": ${RESERVED}`,
      '[0].priority: Invalid value: -1: must be greater than or equal to 0',
      `[1].name: Invalid value: "Node.Kubernetes.IO./d": ${RESERVED}`,
      expect.stringContaining(
        '[1].name: Invalid value: "Node.Kubernetes.IO./d": prefix part a lowercase RFC 1123',
      ),
      `[1].priority: Invalid value: 999: ${KUBERNETES}`,
      expect.stringContaining('[2].name: Invalid value: "a/b/c": a valid label key must consist of'),
      '[2].priority: Invalid value: 100001: must be less than or equal to 100000',
    ],
  ],
  [
    [
      { name: 'a.io/_', priority: 1000 },
      { name: 'a.io/_', priority: 2000 },
    ],
    [
      '[1]: Duplicate value: {"name":"a.io/_","priority":2000}',
      `[0].name: Invalid value: "a.io/_": ${NAME_PART}`,
      `[1].name: Invalid value: "a.io/_": ${NAME_PART}`,
    ],
  ],
  [Array.from({ length: 11 }, () => ({ name: '' })), [': Too many: 11: must have at most 10 items']],
])('%j', (responders, errors) => {
  const path = FieldPath.of('spec', 'evictionResponders');
  const found = validateEvictionResponders(responders as never, path).map((error) =>
    formatFieldError(error).replace('spec.evictionResponders', ''),
  );
  expect(found).toEqual(errors);
});
