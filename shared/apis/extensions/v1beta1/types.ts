// Generated from types.json by `npm run generate`. Do not edit.

import type { ListMeta, ObjectMeta } from '../../../meta/v1/types.ts';
import type { TypedLocalObjectReference } from '../../core/v1/types.ts';

export interface HTTPIngressPath {
  path?: string | undefined;
  pathType?: string | undefined;
  backend: IngressBackend;
}

export interface HTTPIngressRuleValue {
  paths?: HTTPIngressPath[] | null | undefined;
}

export interface Ingress {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ObjectMeta;
  spec: IngressSpec;
  status: IngressStatus;
}

export interface IngressBackend {
  serviceName?: string | undefined;
  servicePort?: number | string | undefined;
  resource?: TypedLocalObjectReference | undefined;
}

export interface IngressList {
  kind?: string | undefined;
  apiVersion?: string | undefined;
  metadata: ListMeta;
  items?: Ingress[] | null | undefined;
}

export interface IngressLoadBalancerIngress {
  ip?: string | undefined;
  hostname?: string | undefined;
  ports?: IngressPortStatus[] | undefined;
}

export interface IngressLoadBalancerStatus {
  ingress?: IngressLoadBalancerIngress[] | undefined;
}

export interface IngressPortStatus {
  port: number;
  protocol: 'SCTP' | 'TCP' | 'UDP' | (string & {});
  error?: string | undefined;
}

export interface IngressRule {
  host?: string | undefined;
  http?: HTTPIngressRuleValue | undefined;
}

export interface IngressRuleValue {
  http?: HTTPIngressRuleValue | undefined;
}

export interface IngressSpec {
  ingressClassName?: string | undefined;
  backend?: IngressBackend | undefined;
  tls?: IngressTLS[] | undefined;
  rules?: IngressRule[] | undefined;
}

export interface IngressStatus {
  loadBalancer: IngressLoadBalancerStatus;
}

export interface IngressTLS {
  hosts?: string[] | undefined;
  secretName?: string | undefined;
}
