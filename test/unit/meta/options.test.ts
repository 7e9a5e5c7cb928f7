import { expect, test } from 'vitest';
import { formatFieldError } from '../../../shared/meta/field-error.ts';
import type { CreateOptions, DeleteOptions, PatchOptions } from '../../../shared/meta/v1/types.ts';
import {
  type ListOptionFields,
  validateCreateOptions,
  validateDeleteOptions,
  validateListOptions,
  validatePatchOptions,
  validateTableOptions,
} from '../../../shared/meta/validation/options.ts';

test.each<[ListOptionFields, string[]]>([
  [{}, []],
  [{ resourceVersion: '5', resourceVersionMatch: 'Exact' }, []],
  [
    { resourceVersionMatch: 'Never', continue: 'x' },
    [
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
      'resourceVersionMatch: Unsupported value: "Never": supported values: "Exact", "NotOlderThan", ""',
    ],
  ],
  [
    { resourceVersion: '0', resourceVersionMatch: 'Exact', sendInitialEvents: false },
    [
      'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list',
    ],
  ],
  [{ watch: true, resourceVersionMatch: 'NotOlderThan', sendInitialEvents: true }, []],
  [
    { watch: true, sendInitialEvents: true },
    [
      'resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    ],
  ],
  [
    { watch: true, resourceVersionMatch: 'Exact', continue: 'x' },
    [
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      'resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"',
      'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is provided',
    ],
  ],
])('list options %j', (options, messages) => {
  expect(validateListOptions(options).map(formatFieldError)).toEqual(messages);
});

test.each<[DeleteOptions, string[]]>([
  [{ propagationPolicy: 'Orphan', gracePeriodSeconds: 0, dryRun: ['All'] }, []],
  [
    { propagationPolicy: 'Now', orphanDependents: true, dryRun: ['Some'] },
    [
      'propagationPolicy: Invalid value: "Now": orphanDependents and deletionPropagation cannot be both set',
      'propagationPolicy: Unsupported value: "Now": supported values: "Foreground", "Background", "Orphan", "nil"',
      'dryRun: Unsupported value: ["Some"]: supported values: "All"',
    ],
  ],
  [
    { ignoreStoreReadErrorWithClusterBreakingPotential: true, gracePeriodSeconds: 1 },
    [
      'ignoreStoreReadErrorWithClusterBreakingPotential: Invalid value: true: cannot be set together with .gracePeriodSeconds',
    ],
  ],
])('delete options %j', (options, messages) => {
  expect(validateDeleteOptions(options).map(formatFieldError)).toEqual(messages);
});

test.each<[CreateOptions, string[]]>([
  [{ fieldManager: 'kubectl', fieldValidation: 'Strict' }, []],
  [
    { fieldManager: 'a\nb', fieldValidation: 'Hard' },
    [
      'fieldManager: Invalid value: "a\\nb": invalid character U+000A (at position 1)',
      'fieldValidation: Unsupported value: "Hard": supported values: "", "Ignore", "Strict", "Warn"',
    ],
  ],
  [{ fieldManager: 'x'.repeat(129) }, ['fieldManager: Too long: may not be more than 128 bytes']],
])('create options %j', (options, messages) => {
  expect(validateCreateOptions(options).map(formatFieldError)).toEqual(messages);
});

test.each<[PatchOptions, boolean, string[]]>([
  [{ fieldManager: 'me', force: true }, true, []],
  [{}, true, ['fieldManager: Required value: is required for apply patch']],
  [{ force: false }, false, ['force: Forbidden: may not be specified for non-apply patch']],
])('patch options %j, apply %j', (options, isApply, messages) => {
  expect(validatePatchOptions(options, isApply).map(formatFieldError)).toEqual(messages);
});

test('table options', () => {
  expect(validateTableOptions({ includeObject: 'All' }).map(formatFieldError)).toEqual([
    "includeObject: Invalid value: \"All\": must be 'Metadata', 'Object', 'None', or empty",
  ]);
});
