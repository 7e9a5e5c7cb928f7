import { describe, expect, test } from 'vitest';
import { applyJSONPatch } from '../../../../shared/meta/patch/json-patch.ts';
import { StatusError } from '../../../../shared/meta/status-error.ts';

async function apply(current: unknown, patch: unknown, strict = true) {
  try {
    const { maps: _, ...patched } = await applyJSONPatch(current, Buffer.from(JSON.stringify(patch)), {
      strict,
    });
    return patched;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    const { code, reason, message } = error.status;
    return `${code} ${reason}: ${message}`;
  }
}

const DOES_NOT_APPLY = '422 Invalid: the server rejected our request due to an error in our request';

describe('operations', () => {
  test.each<[unknown, unknown[], unknown]>([
    [{}, [{ op: 'add', path: '/a', value: 1 }], { a: 1 }],
    [{}, [{ op: 'add', path: '/a' }], { a: null }],
    [{ a: [1, 3] }, [{ op: 'add', path: '/a/1', value: 2 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/-', value: 2 }], { a: [1, 2] }],
    [{ a: [1, 2] }, [{ op: 'add', path: '/a/-1', value: 3 }], { a: [1, 2, 3] }],
    [{ a: [1] }, [{ op: 'add', path: '/a/2', value: 2 }], DOES_NOT_APPLY],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }], { a: [1] }],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/01' }], { a: [1] }],
    [{ a: 1 }, [{ op: 'remove', path: '/b' }], DOES_NOT_APPLY],
    [{ a: 1 }, [{ op: 'replace', path: '/b', value: 2 }], { a: 1, b: 2 }],
    [{ a: [1] }, [{ op: 'replace', path: '/a/1', value: 2 }], DOES_NOT_APPLY],
    [{ a: 1 }, [{ op: 'replace', path: '', value: { b: 1 } }], { b: 1 }],
    [{ a: 1 }, [{ op: 'replace', path: '', value: 1 }], DOES_NOT_APPLY],
    [{ a: { 'b/c~d': 1 } }, [{ op: 'replace', path: '/a/b~1c~0d', value: 2 }], { a: { 'b/c~d': 2 } }],
    [{ a: 1 }, [{ op: 'move', from: '/a', path: '/b' }], { b: 1 }],
    [{ a: 1 }, [{ op: 'move', from: '/x', path: '/b' }], DOES_NOT_APPLY],
    [
      { a: { b: 1 } },
      [
        { op: 'copy', from: '/a', path: '/c' },
        { op: 'add', path: '/c/d', value: 2 },
      ],
      { a: { b: 1 }, c: { b: 1, d: 2 } },
    ],
    [{ a: 1 }, [{ op: 'copy', from: '/x', path: '/b' }], { a: 1, b: null }],
    [
      { a: { b: [1, { c: null }] } },
      [{ op: 'test', path: '/a', value: { b: [1, { c: null }] } }],
      { a: { b: [1, { c: null }] } },
    ],
    [{ a: 1 }, [{ op: 'test', path: '/a', value: 2 }], DOES_NOT_APPLY],
    [{ a: 1 }, [{ op: 'test', path: '/b', value: null }], { a: 1 }],
    [{ a: 1 }, [{ op: 'add', path: 'ignored/a', value: 2 }], { a: 2 }],
    [{ a: 1 }, [{ op: 'add', path: '/a/b', value: 2 }], DOES_NOT_APPLY],
    [{ a: 1 }, [{ op: 'frob', path: '/a' }], DOES_NOT_APPLY],
    [{ a: 1 }, [{ op: 'remove' }], DOES_NOT_APPLY],
    [{ a: 1 }, [{ op: 'move', path: '/a' }], DOES_NOT_APPLY],
    [{ a: 1 }, [null], DOES_NOT_APPLY],
    [{ a: 1 }, [], { a: 1 }],
  ])('%j, %j', async (current, patch, expected) => {
    const result = await apply(current, patch);
    expect(typeof result === 'string' ? result : result.value).toEqual(expected);
  });
});

describe('invalid patches', () => {
  test.each<[unknown, string]>([
    [
      {},
      '400 BadRequest: error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ],
    [
      ['x'],
      '400 BadRequest: error decoding patch: json: cannot unmarshal string into Go value of type handlers.jsonPatchOp',
    ],
    [
      [{ op: 5 }],
      '400 BadRequest: error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string',
    ],
  ])('%j', async (patch, expected) => {
    expect(await apply({}, patch)).toBe(expected);
  });

  test('bytes that are not JSON', async () => {
    await expect(applyJSONPatch({}, Buffer.from('[{]'))).rejects.toThrow('invalid JSON patch');
  });
});

test('strict: unknown fields of operations', async () => {
  expect(await apply({}, [{ op: 'add', path: '/a', value: 1, comment: 'x' }])).toEqual({
    value: { a: 1 },
    strictErrors: ['json patch unknown field "[0].comment"'],
  });
});

test('at most 10,000 operations', async () => {
  const patch = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: {} }));
  expect(await apply({}, patch)).toBe(
    '413 RequestEntityTooLarge: Request entity too large: The allowed maximum operations in a JSON patch is 10000, got 10001',
  );
  expect(await apply({}, patch.slice(1))).toEqual({ value: {}, strictErrors: [] });
});

test('copies may add three megabytes in total', async () => {
  const patch = Array.from({ length: 13 }, (_, index) => ({ op: 'copy', from: '/a', path: `/copy${index}` }));
  expect(await apply({ a: 'x'.repeat(256 * 1024 - 2) }, patch)).toBe(DOES_NOT_APPLY);
  expect(await apply({ a: 'x'.repeat(256 * 1024 - 2) }, patch.slice(1))).toMatchObject({ strictErrors: [] });
});

test('keys that name prototypes are data', async () => {
  const patch = Buffer.from(
    '[{"op":"add","path":"/__proto__","value":{"polluted":1}},{"op":"test","path":"/constructor","value":null}]',
  );
  const { value } = await applyJSONPatch({}, patch);
  expect(JSON.stringify(value)).toBe('{"__proto__":{"polluted":1}}');
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});
