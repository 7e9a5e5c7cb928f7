/**
 * Ingress in networking.k8s.io/v1beta1 and extensions/v1beta1
 * (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/networking/v1beta1/conversion.go).
 */

import { compact } from '../../../util/compact.ts';
import type * as v1 from '../v1/types.ts';
import type { Ingress, IngressBackend, IngressRule } from './types.ts';

/** Go always encodes an int-or-string; 0 means that there is none. */
const NO_PORT = 0;

function backendToInternal({ serviceName = '', servicePort = NO_PORT, resource }: IngressBackend) {
  const port = typeof servicePort === 'string' ? { name: servicePort } : { number: servicePort };
  const named = serviceName !== '' || servicePort !== NO_PORT;
  return compact<v1.IngressBackend>({ service: named ? { name: serviceName, port } : undefined, resource });
}

function backendFromInternal({ service, resource }: v1.IngressBackend): IngressBackend {
  return compact({
    serviceName: service?.name || undefined,
    servicePort: service?.port.name || (service?.port.number ?? NO_PORT),
    resource,
  });
}

function convertPaths<A, B>(
  rules: { http?: { paths?: { backend: A }[] | null | undefined } | undefined }[] | undefined,
  convert: (backend: A) => B,
) {
  return rules?.map(({ http, ...rule }) =>
    compact({
      ...rule,
      http: http && {
        paths: http.paths?.map((path) => ({ ...path, backend: convert(path.backend) })) ?? null,
      },
    }),
  );
}

export function ingressToInternal(ingress: Ingress): v1.Ingress {
  const { backend, rules, ...spec } = ingress.spec;
  return {
    ...ingress,
    spec: compact({
      ...spec,
      defaultBackend: backend && backendToInternal(backend),
      rules: convertPaths(rules, backendToInternal) as v1.IngressRule[] | undefined,
    }),
  };
}

export function ingressFromInternal(hub: v1.Ingress): Ingress {
  const { defaultBackend, rules, ...spec } = hub.spec;
  return {
    ...hub,
    spec: compact({
      ...spec,
      backend: defaultBackend && backendFromInternal(defaultBackend),
      rules: convertPaths(rules, backendFromInternal) as IngressRule[] | undefined,
    }),
  };
}
