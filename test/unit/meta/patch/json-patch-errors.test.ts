import { expect, test } from 'vitest';
import { applyJSONPatch } from '../../../../shared/meta/patch/json-patch.ts';
import { StatusError } from '../../../../shared/meta/status-error.ts';

/** Error messages for webhooks and policies about patches that don't apply; clients who patch get less detail. */
test.each<[object, string]>([
  [
    { op: 'add', path: '/b/c', value: 1 },
    'add operation does not apply: doc is missing path: "/b/c": missing value',
  ],
  [
    { op: 'add', path: '/list/5', value: 1 },
    "error in add for path: '/list/5': Unable to access invalid index: 5: invalid index referenced",
  ],
  [{ op: 'add' }, 'add operation failed to decode path: missing value'],
  [
    { op: 'remove', path: '/b' },
    "error in remove for path: '/b': Unable to remove nonexistent key: b: missing value",
  ],
  [
    { op: 'remove', path: '/list/9/x' },
    'remove operation does not apply: doc is missing path: "/list/9/x": missing value',
  ],
  [
    { op: 'replace', path: '/b/c', value: 1 },
    'replace operation does not apply: doc is missing path: /b/c: missing value',
  ],
  [
    { op: 'replace', path: '/list/2', value: 1 },
    'replace operation does not apply: doc is missing key: /list/2: missing value',
  ],
  [
    { op: 'move', from: '/b/c', path: '/a' },
    'move operation does not apply: doc is missing from path: /b/c: missing value',
  ],
  [
    { op: 'move', from: '/a', path: '/b/c' },
    'move operation does not apply: doc is missing destination path: /b/c: missing value',
  ],
  [
    { op: 'copy', path: '/a' },
    'copy operation failed to decode from: operation, missing from field: missing value',
  ],
  [
    { op: 'copy', from: '/list/7', path: '/a' },
    "error in copy for from: '/list/7': Unable to access invalid index: 7: invalid index referenced",
  ],
  [
    { op: 'test', path: '/b/c', value: 1 },
    'test operation does not apply: is missing path: /b/c: missing value',
  ],
  [{ op: 'test', path: '/a', value: 2 }, 'testing value /a failed: test failed'],
  [{ op: 'spin', path: '/a' }, 'Unexpected kind: spin'],
])('%j', async (operation, message) => {
  let thrown: unknown;
  try {
    await applyJSONPatch({ a: 1, list: [1] }, Buffer.from(JSON.stringify([operation])));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(StatusError);
  expect((thrown as StatusError).status).toEqual(
    expect.objectContaining({
      code: 422,
      message: 'the server rejected our request due to an error in our request',
    }),
  );
  expect(((thrown as StatusError).cause as Error).message).toBe(message);
});
