import { expect, test } from 'vitest';
import { apiextensions } from '../../../../shared/apis/apiextensions/install.ts';
import { installGroup } from '../../../../shared/apis/install-group.ts';
import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import { Scheme } from '../../../../shared/runtime/scheme.ts';

const scheme = new Scheme(builtinTypeTables());
installGroup(scheme, apiextensions);
const v1 = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };
const v1beta1 = { ...v1, version: 'v1beta1' };

const STATUS = { conditions: null, acceptedNames: { plural: '', kind: '' }, storedVersions: null };

function defaulted(gvk: typeof v1, object: object): object {
  const copy = structuredClone(object);
  scheme.knownType(gvk).defaults!(copy as never);
  return copy;
}

test('v1 defaults', () => {
  const definition = {
    spec: {
      names: { plural: 'crontabs', kind: 'CronTab' },
      versions: [
        { name: 'v1', served: true, storage: false },
        { name: 'v2', served: true, storage: true },
      ],
    },
    status: STATUS,
  };
  expect(defaulted(v1, definition)).toEqual({
    spec: {
      ...definition.spec,
      names: { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', listKind: 'CronTabList' },
      conversion: { strategy: 'None' },
    },
    status: { ...STATUS, storedVersions: ['v2'] },
  });
});

test('v1beta1 defaults, with common fields of all versions at the top', () => {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1beta1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'crontabs.example.com' },
    spec: {
      group: 'example.com',
      version: 'v1',
      names: { plural: 'crontabs', kind: 'CronTab' },
      validation: { openAPIV3Schema: { type: 'object' } },
      subresources: { status: {} },
      additionalPrinterColumns: [{ name: 'Spec', type: 'string', JSONPath: '.spec' }],
      conversion: { strategy: 'Webhook', webhookClientConfig: { url: 'https://a' } },
    },
    status: STATUS,
  };
  const before = defaulted(v1beta1, definition);
  const hub = scheme.toInternal(structuredClone(before) as object);
  expect(hub).toEqual({
    apiVersion: 'apiextensions.k8s.io/__internal',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'crontabs.example.com' },
    spec: {
      group: 'example.com',
      names: { plural: 'crontabs', singular: 'crontab', kind: 'CronTab', listKind: 'CronTabList' },
      scope: 'Namespaced',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object' } },
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: 'Spec', type: 'string', jsonPath: '.spec' }],
        },
      ],
      conversion: {
        strategy: 'Webhook',
        webhook: { clientConfig: { url: 'https://a' }, conversionReviewVersions: ['v1beta1'] },
      },
      preserveUnknownFields: true,
    },
    status: { ...STATUS, storedVersions: ['v1'] },
  });
  expect(scheme.fromInternal(hub, v1beta1)).toEqual(before);
});

test('contradictions to a version are kept, for validation to reject', () => {
  const hub = scheme.toInternal({
    apiVersion: 'apiextensions.k8s.io/v1beta1',
    kind: 'CustomResourceDefinition',
    spec: {
      version: 'v2',
      subresources: { status: {} },
      versions: [{ name: 'v1', served: true, storage: true, subresources: { scale: {} } }],
    },
  } as object);
  expect(hub).toMatchObject({
    spec: { version: 'v2', subresources: { status: {} }, versions: [{ subresources: { scale: {} } }] },
  });
});
