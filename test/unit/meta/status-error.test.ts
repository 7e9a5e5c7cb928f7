import { expect, test } from 'vitest';
import { required } from '../../../shared/meta/field-error.ts';
import { newInvalid, newNotFound } from '../../../shared/meta/status-error.ts';

test.each([
  [
    newNotFound({ group: 'apps', resource: 'deployments' }, 'web'),
    '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"deployments.apps \\"web\\" not found","reason":"NotFound","details":{"name":"web","group":"apps","kind":"deployments"},"code":404}',
  ],
  [
    newInvalid({ group: '', kind: 'Pod' }, 'p', [required('spec', '')]),
    '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Pod \\"p\\" is invalid: spec: Required value","reason":"Invalid","details":{"name":"p","kind":"Pod","causes":[{"reason":"FieldValueRequired","message":"Required value","field":"spec"}]},"code":422}',
  ],
])("fields are in Go's order", ({ status }, text) => {
  expect(JSON.stringify(status)).toBe(text);
});
