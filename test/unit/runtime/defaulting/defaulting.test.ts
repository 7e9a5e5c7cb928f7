import { expect, test } from 'vitest';
import { builtinDefaultTables } from '../../../../shared/apis/default-tables.ts';
import { Defaulter } from '../../../../shared/runtime/defaulting.ts';
import { type RuntimeObject, Scheme } from '../../../../shared/runtime/scheme.ts';
import { TextTables } from '../../../../shared/runtime/text-tables.ts';
import { definitions, tables } from '../../../fixtures/kind-schemas.ts';

function schemeOf(kinds: Readonly<Record<string, (object: never) => void>>): Scheme {
  const scheme = new Scheme(tables);
  for (const [name, defaults] of Object.entries(kinds)) {
    const [kind, version, group = ''] = name.split('/').reverse();
    const gvk = { group, version: version!, kind: kind! };
    scheme.addKnownType({ gvk, definition: definitions.get(name)!, defaults });
  }
  return scheme;
}

test("static defaults apply within lists, then the kind's own", () => {
  const scheme = schemeOf({
    'apps/v1/Deployment': (object: { spec: { replicas?: number; paused?: boolean } }) => {
      object.spec.paused = object.spec.replicas === 1;
    },
  });
  const deployment: RuntimeObject & Record<string, unknown> = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    spec: {
      strategy: {},
      revisionHistoryLimit: 0,
      template: { spec: { dnsPolicy: 'None', containers: [{ name: 'a', ports: [{ containerPort: 80 }] }] } },
    },
  };
  new Defaulter(scheme, builtinDefaultTables()).applyDefaults(deployment);
  expect(deployment).toEqual({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    spec: {
      replicas: 1,
      paused: true,
      strategy: { type: 'RollingUpdate' },
      revisionHistoryLimit: 0,
      progressDeadlineSeconds: 600,
      template: {
        spec: {
          restartPolicy: 'Always',
          dnsPolicy: 'None',
          terminationGracePeriodSeconds: 30,
          schedulerName: 'default-scheduler',
          securityContext: {},
          containers: [
            {
              name: 'a',
              ports: [{ containerPort: 80, protocol: 'TCP' }],
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
            },
          ],
        },
      },
    },
  });
});

test('zero counts as unset only where Go has no pointer', () => {
  const scheme = schemeOf({ 'v1/Pod': () => {} });
  const prefix = 'io.k8s.api.core.v1';
  const defaults = { priority: 7, hostname: 'x', overhead: { a: '1' } };
  const texts = new Map([[prefix, () => JSON.stringify({ [`${prefix}.PodSpec`]: defaults })]]);
  const defaulter = new Defaulter(scheme, new TextTables(texts));
  const first = { apiVersion: 'v1', kind: 'Pod', spec: { priority: 0, hostname: '' } };
  const second = { apiVersion: 'v1', kind: 'Pod', spec: { priority: null } };
  defaulter.applyDefaults(first);
  defaulter.applyDefaults(second);
  expect(first.spec).toEqual({ priority: 0, hostname: 'x', overhead: { a: '1' } });
  expect(second.spec).toEqual({ priority: 7, hostname: 'x', overhead: { a: '1' } });
});

test('every default names a field that exists', () => {
  const scheme = schemeOf(Object.fromEntries([...definitions.keys()].map((name) => [name, () => {}])));
  const defaulter = new Defaulter(scheme, builtinDefaultTables());
  for (const { gvk } of scheme.allKnownTypes()) {
    const apiVersion = gvk.group === '' ? gvk.version : `${gvk.group}/${gvk.version}`;
    expect(() => defaulter.applyDefaults({ apiVersion, kind: gvk.kind })).not.toThrow();
  }
});
