import { expect, test } from 'vitest';
import { installAll } from '../../../../shared/apis/install.ts';
import { builtinTypeTables } from '../../../../shared/apis/type-tables.ts';
import { Scheme } from '../../../../shared/runtime/scheme.ts';

const scheme = new Scheme(builtinTypeTables());
installAll(scheme);
const resource = { kind: 'Bucket', name: 'b' };

function converted(from: string, spec: object, to: string): unknown {
  const object = { apiVersion: from, kind: 'Ingress', metadata: {}, spec, status: { loadBalancer: {} } };
  const [group, version] = to.split('/');
  return scheme.convert<typeof object>(structuredClone(object), {
    group: group!,
    version: version!,
    kind: 'Ingress',
  }).spec;
}

test.each(['extensions/v1beta1', 'networking.k8s.io/v1beta1'])('%s backends', (version) => {
  const old = {
    backend: { serviceName: 'web', servicePort: 80 },
    rules: [
      {
        host: 'a.example',
        http: {
          paths: [
            { path: '/', pathType: 'Prefix', backend: { serviceName: 'web', servicePort: 'http' } },
            { path: '/b', pathType: 'Exact', backend: { servicePort: 0, resource } },
          ],
        },
      },
      { host: 'b.example' },
    ],
  };
  const current = {
    defaultBackend: { service: { name: 'web', port: { number: 80 } } },
    rules: [
      {
        host: 'a.example',
        http: {
          paths: [
            { path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { name: 'http' } } } },
            { path: '/b', pathType: 'Exact', backend: { resource } },
          ],
        },
      },
      { host: 'b.example' },
    ],
  };
  expect(converted(version, old, 'networking.k8s.io/v1')).toStrictEqual(current);
  expect(converted('networking.k8s.io/v1', current, version)).toStrictEqual(old);
});
